#include "runtime/rules/policy_table.hpp"

#include "tests/support/catch.hpp"

namespace steward {
namespace {

rule_book rules() {
  policy_definition few, flood;
  few.name = "few";
  few.because = "b";
  few.when = "action == 'mailbox.send' && risk == 'outside' && connector == 'mailbox'";
  few.then = verdict::deny;
  few.at_most = "3 per 1d per customer";
  flood.name = "flood";
  flood.because = "b";
  flood.when = "recent.company > 9 || time.hour == 13 || (has(customer.plan) && customer.plan == 'gold')";
  flood.then = verdict::ask;
  return rule_book::make({few, flood}, "Europe/Berlin", {"customer"}).value();
}

policy_case_result judged(const char* said) {
  const auto read = from_json_text<policy_case_definition>(said);
  REQUIRE(read);
  return judge_case(rules(), *read, "Europe/Berlin", {{"mailbox.send", action_manifest{.name = "mailbox.send"}}});
}

}  // namespace

TEST_CASE("a case of a table passes when the answer and the rules that speak are those wanted") {
  const char* pass[] = {
      R"({"name": "", "before": null, "given": {"action": "mailbox.send", "now": "2026-11-23T08:00:00Z"}, "then": "nothing", "speaks": []})",
      R"({"name": "", "before": null, "given": {"action": "mailbox.send"}, "then": "ask"})",
      R"({"name": "", "before": 3, "given": {"action": "mailbox.send"}, "then": "deny", "speaks": ["flood", "few"]})",
      R"({"name": "", "before": {"few": 3}, "given": {"action": "mailbox.send", "now": "2026-11-23T08:00:00Z"}, "then": "deny", "speaks": ["few"]})",
      R"({"name": "", "before": {"flood": 3}, "given": {"action": "mailbox.send", "now": "2026-11-23T08:00:00Z"}, "then": "nothing"})",
      R"({"name": "", "before": null, "given": {"recent": {"company": 10}, "now": "2026-11-23T08:00:00Z"}, "then": "ask"})",
      R"({"name": "", "before": null, "given": {"customer": {"plan": "gold"}, "now": "2026-11-23T08:00:00Z"}, "then": "ask"})",
  };
  for (const auto* said : pass) {
    CAPTURE(said);
    CHECK(judged(said).passed);
  }
  const char* fail[] = {
      R"({"name": "", "before": null, "given": {}, "then": "nothing"})",
      R"({"name": "", "before": null, "given": {}, "then": "ask", "speaks": ["few"]})",
      R"({"name": "", "before": 2, "given": {"action": "mailbox.send", "now": "2026-11-23T08:00:00Z"}, "then": "deny"})",
  };
  for (const auto* said : fail) {
    CAPTURE(said);
    CHECK_FALSE(judged(said).passed);
  }
}

}  // namespace steward
