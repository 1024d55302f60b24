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
