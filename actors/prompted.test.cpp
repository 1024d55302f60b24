#include "tests/support/catch.hpp"

#include "actors/prompted.hpp"

using namespace steward;

TEST_CASE("prompted shows each part of the input to the role's own prompt") {
  prompted::state self;
  const auto wanted = prompted{}.on(self, step_started<json>{.input = {{"subject", "Hello"}, {"text", "Price?"}}});
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) ==
        R"({"answer":null,"kind":"ask_model","prompt":"","tag":"","with":[{"name":"subject","value":"Hello"},{"name":"text","value":"Price?"}]})");
}

TEST_CASE("prompted calls an input without parts 'input'") {
  prompted::state self;
  const auto wanted = prompted{}.on(self, step_started<json>{.input = "Hello"});
  CHECK(to_json_text(wanted.at(0)).find(R"({"name":"input","value":"Hello"})") != std::string::npos);
}

TEST_CASE("prompted gives back the model's answer as it is") {
  prompted::state self;
  const auto done = prompted{}.on(self, model_answered{.model = "local/1", .answer = {{"label", "inquiry"}}});
  CHECK(to_json_text(done.at(0)) == R"({"evidence":[],"kind":"finish","result":{"label":"inquiry"}})");
}
