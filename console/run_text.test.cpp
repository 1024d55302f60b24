#include "console/run_text.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

namespace {

const auto now = parse_time("2026-11-21T09:30:00Z").value();

json mail(std::size_t sources) {
  auto told = parse_json(R"({"effects": [{"effect": "eff-2", "action": "mailbox.send", "preview": "To: ada@example.com\nHello", "recipients": ["mailbox:ada@example.com"], "key": "ab12", "digest": "cd34",
    "asked_by": "the role outreach", "why": "She asked for it", "evidence": [], "rulings": [{"rule": "autonomy", "says": "ask", "because": "The company asks before each mailbox.send"}],
    "run": {"run": "run-1", "workflow": "weekly_update", "because": "by hand"}, "undo": "none", "cost": "0.02 EUR",
    "approval": {"approval": "apr-1", "decision": "approved", "decided_by": "operator", "decided_at": "2026-11-21T09:29:00Z", "reason": "Reads well", "effects": 2},
    "outcome": {"how": "confirmed", "sentence": "written", "at": "2026-11-21T09:29:01Z", "said_by": "connector"}, "chain": []}]})")
                  .value();
  for (std::size_t i = 0; i < sources; ++i) told.at("effects").as_array()[0].at("evidence").as_array().emplace_back("git:" + std::to_string(i));
  return told;
}

}  // namespace

TEST_CASE("why tells intent, evidence, rule, approval, outcome, cost and undo of an action") {
  CHECK(why_text(mail(1), paint{}, false) == R"(eff-2  To: ada@example.com
  Action        mailbox.send
  Reaches       mailbox:ada@example.com
  Intent        the role outreach: She asked for it
                in run-1 of weekly_update, started by hand
  Evidence      git:0
  Rule          autonomy says ask: The company asks before each mailbox.send
  Approval      apr-1 approved by the operator, 2026-11-21T09:29:00Z: Reads well (one decision for 2
                effects)
  Outcome       confirmed: written (2026-11-21T09:29:01Z, connector)
  Cost          0.02 EUR
  Undo          it can't be taken back
  Key, digest   ab12  cd34
)");
}

TEST_CASE("why names ten sources and counts the rest, unless all are wanted") {
  CHECK(why_text(mail(30), paint{}, false).find("git:9\n                … 20 more (--whole)\n") != std::string::npos);
  CHECK(why_text(mail(30), paint{}, true).find("git:29\n") != std::string::npos);
}

TEST_CASE("runs are one line each, with what each waits for") {
  const auto runs = parse_json(R"([{"run": "run-1", "workflow": "weekly_update", "status": "running", "step": "release", "started_at": "2026-11-21T09:27:00Z", "waits_for": "you: apr-1"}])").value();
  CHECK(runs_text(runs, now, paint{}) == "run    workflow       status   step     started    waits for, or outcome\nrun-1  weekly_update  running  release  3 min ago  you: apr-1\n");
  CHECK(runs_text(boost::json::array{}, now, paint{}).starts_with("No runs."));
}

TEST_CASE("budget says what is left of each limit and until when, and what is counted without one") {
  const auto budget = parse_json(R"({"limits": [
    {"of": "company", "period": "month", "measure": "spend", "most": "60.00 EUR", "used": "12.50 EUR", "reserved": "0.20 EUR", "left": "47.30 EUR", "ends": "2026-11-21T11:30:00Z"},
    {"of": "connector/mailbox", "period": "day", "measure": "calls", "most": 40, "used": 3, "reserved": 0, "left": 37, "ends": "2026-11-21T11:30:00Z"},
    {"of": "run-1/company", "period": "run", "measure": "tokens", "most": 1000, "used": 10, "reserved": 20, "left": 970}],
    "counted": [{"of": "role/editor", "used": "0.40 EUR", "reserved": "0.00", "tokens": 120, "calls": 2}]})")
                          .value();
  const auto text = budget_text(budget, now, paint{});
  CHECK(text.find("company            month  60.00 EUR    12.50 EUR  0.20 EUR  47.30 EUR  in 2 h") != std::string::npos);
  CHECK(text.find("connector/mailbox  day    40 calls     3          0         37         in 2 h") != std::string::npos);
  CHECK(text.find("run-1/company      run    1000 tokens  10         20        970        it ends") != std::string::npos);
  CHECK(text.find("role/editor                  0.40 EUR  0.00      120     2") != std::string::npos);
  CHECK(text.find("left out") == std::string::npos);
  CHECK(budget_text(boost::json::object{{"limits", boost::json::array{}}}, now, paint{}).starts_with("There are no limits."));
}

TEST_CASE("budget leaves out limits of single runs that nothing is used of, says how many, and shows them when asked") {
  const auto budget = parse_json(R"({"limits": [
    {"of": "run-1/company", "period": "run", "measure": "tokens", "most": 1000, "used": 0, "reserved": 0, "left": 1000},
    {"of": "run-2/company", "period": "run", "measure": "spend", "most": "1.00 EUR", "used": "0.00", "reserved": "0.00", "left": "1.00 EUR"},
    {"of": "run-3/company", "period": "run", "measure": "calls", "most": 9, "used": 0, "reserved": 1, "left": 8},
    {"of": "company", "period": "month", "measure": "calls", "most": 40, "used": 0, "reserved": 0, "left": 40, "ends": "2026-11-21T11:30:00Z"}]})")
                          .value();
  const auto text = budget_text(budget, now, paint{});
  CHECK(text.find("run-1/") == std::string::npos);
  CHECK(text.find("run-2/") == std::string::npos);
  CHECK(text.find("run-3/company  run") != std::string::npos);
  CHECK(text.find("company        month") != std::string::npos);
  CHECK(text.find("2 limits of single runs, of which nothing is used yet, are left out ('steward budget --all' has them).") != std::string::npos);
  const auto all = budget_text(budget, now, paint{}, true);
  CHECK(all.find("run-2/company") != std::string::npos);
  CHECK(all.find("left out") == std::string::npos);
}

TEST_CASE("an estimate says from how many runs it comes, and that there is none before the first") {
  const auto estimate = parse_json(R"({"workflow": "weekly_update", "runs": 3, "cost": {"median": "0.20 EUR", "highest": "0.30 EUR"}, "calls": {"median": 2, "highest": 3}, "waited": {"median": "10m", "highest": "1h"}})").value();
  CHECK(estimate_text(estimate, paint{}).starts_with("weekly_update, from its last 3 finished runs:\n"));
  CHECK(estimate_text(estimate, paint{}).find("cost             0.20 EUR  0.30 EUR") != std::string::npos);
  CHECK(estimate_text(boost::json::object{{"workflow", "w"}, {"runs", 0}}, paint{}).starts_with("No run of w has finished yet"));
}
