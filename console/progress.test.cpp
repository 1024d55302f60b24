#include "console/progress.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

namespace {

const auto began = parse_time("2026-11-21T09:30:00Z").value();

/// One run of a company: what `told` says of the events so far, a line each.
struct story {
  progress told{paint{}};
  std::string lines;
  time_point at = began;

  void add(event::any e, duration later = duration::zero()) {
    at += later;
    if (const auto line = told.tell(e, at); !line.empty()) lines += line + "\n";
  }
  void starts(const std::string& step, const std::string& what, const std::string& role = "", std::int64_t visit = 1, std::int64_t attempt = 1) {
    add(event::step_started{"run-1", step, visit, attempt, what, role, false, nullptr, {}});
  }
  void ends(const std::string& step, const std::string& how = "done", std::vector<std::string> evidence = {}, duration later = duration::zero()) {
    add(event::step_finished{"run-1", step, 1, how, nullptr, {}, std::move(evidence)}, later);
  }
  void proposes(const std::string& effect, const std::string& action) {
    event::effect_proposed e;
    e.effect = effect;
    e.prepared.action = action;
    add(e);
  }
  void settles(const std::string& effect, outcome_kind kind, const std::string& sentence) {
    event::effect_settled e;
    e.effect = effect;
    e.came_out.kind = kind;
    e.came_out.sentence = sentence;
    add(e);
  }
};

}  // namespace

TEST_CASE("progress tells each step in one line when it ends, and none that was skipped") {
  story s;
  s.starts("collect", "role", "researcher");
  CHECK(s.told.at_work() == "… collect     researcher");
  s.ends("collect", "done", {"git:1", "git:2"}, std::chrono::seconds{3});
  CHECK(s.told.at_work().empty());
  s.ends("quiet", "skipped");
  s.starts("people", "effect");
  s.proposes("eff-1", "files.list");
  s.settles("eff-1", outcome_kind::confirmed, "2 of 2 files");
  s.ends("people");
  s.starts("finish", "end");
  s.ends("finish");
  CHECK(s.lines ==
        "✓ collect     researcher  on 2 sources, 3 s\n"
        "✓ people      effect      2 of 2 files\n");
}

TEST_CASE("progress counts what a question covers and what came of it") {
  story s;
  s.starts("release", "effect");
  for (const auto& [id, action] : {std::pair{"eff-1", "site.publish"}, {"eff-2", "mailbox.send"}, {"eff-3", "mailbox.send"}, {"eff-4", "mailbox.send"}}) s.proposes(id, action);
  s.add(event::effect_dropped{"eff-4", "denied", "asked not to be contacted", {}});
  event::approval_asked asked;
  asked.approval = "apr-1";
  asked.effects = {"eff-1", "eff-2", "eff-3"};
  s.add(asked);
  for (const auto* id : {"eff-1", "eff-2", "eff-3"}) s.settles(id, outcome_kind::confirmed, "done");
  s.ends("release", "done", {}, std::chrono::hours{5});
  CHECK(s.lines ==
        "? release     effect      apr-1 asks you: 1 site.publish, 2 mailbox.send, 1 denied\n"
        "✓ release     effect      1 site.publish, 2 mailbox.send, 1 denied\n");
}

TEST_CASE("progress keeps back no trouble: failures, doubts and cards have their sentence") {
  story s;
  s.starts("draft", "role", "editor");
  event::step_failed failed;
  failed.step = "draft";
  failed.why.sentence = "the model is away";
  failed.then = "ask_operator";
  s.add(failed);
  event::card_raised card;
  card.card = "card-1";
  card.about = "step_stuck";
  card.title = "'draft' of run-1 is stuck";
  s.add(card);
  s.starts("draft", "role", "editor", 1, 2);
  s.proposes("eff-7", "calendar.book");
  s.settles("eff-7", outcome_kind::in_doubt, "no answer came");
  s.ends("draft", "rejected");
  CHECK(s.lines ==
        "! Step 'draft' failed: the model is away; the operator is asked\n"
        "! card-1: 'draft' of run-1 is stuck\n"
        "! eff-7 in_doubt: no answer came\n"
        "✗ draft       editor      rejected, 1 in_doubt\n");
}

TEST_CASE("progress tells what a step cost and how far a list came") {
  story s;
  s.starts("letters", "role", "outreach", 2);
  for (const auto nano : {10'000'000, 20'000'000}) {
    event::model_answered answered;
    answered.reply.used.cost = {nano, "EUR"};
    s.add(answered);
    s.add(event::item_finished{"run-1/letters.2#1", 0, nullptr, {}});
  }
  s.ends("letters");
  CHECK(s.lines == "✓ letters (2) outreach    2 items, for 0.03 EUR\n");
}
