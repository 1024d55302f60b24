#include "tests/support/catch.hpp"

#include "tests/guides/thank_you.hpp"

using namespace steward;

TEST_CASE("thank_you handles every event that it says it handles") { STATIC_REQUIRE(complete_agent<thank_you>); }

TEST_CASE("thank_you shows the model what we remember, and stands on it") {
  thank_you::state self;
  const thank_you agent;
  agent.on(self, step_started<thank_you_request>{.input = {"customer-7"}});
  const auto asked = agent.on(self, memory_recalled{.items = {{.id = "mem-4", .text = "Sent us a picture."}}});
  REQUIRE(asked.size() == 1);
  CHECK(kind_of(asked[0]) == "ask_model");

  const auto done = agent.on(self, model_answered{.answer = {{"subject", "Thank you"}, {"text", "What a picture!"}}});
  CHECK(to_json_text(done.at(0)) == R"({"evidence":["memory:mem-4"],"kind":"finish","result":{"subject":"Thank you","text":"What a picture!"}})");
}

TEST_CASE("thank_you gives up rather than thank for nothing") {
  thank_you::state self;
  thank_you{}.on(self, step_started<thank_you_request>{.input = {"customer-7"}});
  CHECK(kind_of(thank_you{}.on(self, memory_recalled{}).at(0)) == "give_up");
}
