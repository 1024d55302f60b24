#include "tests/support/catch.hpp"

#include "actors/lead_reply.hpp"

using namespace steward;

namespace {

const reply_request first_mail{{"lead-3", "Ada", "ada@example.com"}, {"m1@example.com", "re: RE: Price?", "What does it cost?"}, {}};
const memory_recalled nothing_known{};

/// What the model is asked after `request` and `memory`.
ask_model asked(const reply_request& request, const memory_recalled& memory, lead_reply::state& self) {
  lead_reply{}.on(self, step_started<reply_request>{.run = "run-1", .step = "draft", .input = request});
  const auto wanted = lead_reply{}.on(self, memory);
  REQUIRE(wanted.size() == 1);
  return std::get<ask_model>(wanted[0]);
}

}  // namespace

TEST_CASE("lead_reply recalls the lead's history before it drafts") {
  lead_reply::state self;
  const auto wanted = lead_reply{}.on(self, step_started<reply_request>{.input = first_mail});
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) == R"({"about":"lead-3","kind":"recall","limit":5,"query":"","scope":"leads","tag":""})");
}

TEST_CASE("lead_reply answers a mail with the role's prompt, and nudges a silent lead with the prompt 'nudge'") {
  lead_reply::state self;
  CHECK(to_json_text(asked(first_mail, nothing_known, self)) ==
        R"({"answer":null,"prompt":"","tag":"","with":[{"name":"name","value":"Ada"},{"name":"subject","value":"re: RE: Price?"},)"
        R"({"name":"mail","value":"What does it cost?"},{"name":"history","value":[]}]})");
  auto silent = first_mail;
  silent.unanswered = reply{"Re: Price?", "It costs nothing."};
  const auto nudge = asked(silent, nothing_known, self);
  CHECK(nudge.prompt == "nudge");
  CHECK(canonical(nudge.with.back().value) == R"("It costs nothing.")");
}

TEST_CASE("lead_reply stands on the mail and the memories it was shown, and keeps the thread's subject") {
  lead_reply::state self;
  asked(first_mail, memory_recalled{.items = {{.id = "mem-4", .text = "Met at a fair."}}}, self);
  const auto done = lead_reply{}.on(self, model_answered{.answer = {{"subject", "About our prices"}, {"text", "Dear Ada"}}});
  CHECK(to_json_text(done.at(0)) ==
        R"({"evidence":["mailbox:m1@example.com","memory:mem-4"],"kind":"finish","result":{"subject":"Re: Price?","text":"Dear Ada"}})");
}
