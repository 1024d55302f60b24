#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// weekly_update in small: collect -> draft with a model -> one approval -> page and mails -> remember.
company_of weekly() {
  company_of m;
  puppet::plays = [](const cue& q) -> intents {
    if (q.text == "collect") return q.turn == 0 ? intents{look_up{"test.read_only", object{{"text", "log"}}, "l"}, recall{"company", {}, {}, 5, "m"}} : q.turn == 1 ? intents{} : intents{done(object{{"text", "news"}})};
    if (q.turn == 0) return {ask_model{}};
    return {done(object{{"text", "page about " + q.text}})};
  };
  m.step("collect", role_step(object{{"text", "collect"}}, "news"));
  m.step("draft", role_step(object{{"text", "${news.text}"}}, "page"));
  step_definition s;
  s.effects = {{"test.keyed", object{{"text", "${page.text}"}}, {}, {}, "none"}, {"test.queryable", object{{"to", "${who}"}, {"text", "${page.text}"}}, {{"who", "${readers}"}}, {}, "none"}};
  s.ask = approval_definition{{"page"}, {}, {}};
  m.w().constants["readers"] = boost::json::array{"a", "b", "c"};
  m.step("publish", s);
  step_definition note;
  note.remember = "company";
  note.text = "published ${page.text}";
  m.step("remember", note).step("end", end_step("published"));
  return m;
}

company_of answer_lead() {
  company_of m;
  m.w().starts_on = start_definition{};
  m.w().starts_on->event = "mail_received";
  m.step("draft", role_step(object{{"text", "${input.from}"}}, "mail"));
  m.step("send", effect_step("test.queryable", object{{"to", "${input.from}"}, {"text", "mail ${run.visit}"}}, true));
  step_definition wait;
  wait.for_ = "mail_received";
  wait.from = "${input.from}";
  wait.at_most = "3d";
  wait.if_late = "nudge";
  m.step("wait", wait).step("finish", end_step("answered"));
  auto nudge = role_step(object{{"text", "nudge"}}, "mail");
  nudge.then = "send";
  nudge.at_most = "2";
  m.step("nudge", nudge);
  return m;
}

/// The operator and the world around the company: approves what is asked, lets time pass, sends what is still to be sent.
struct world {
  small_company& c;
  std::size_t errands = 0, crash_after = 0;
  bool answer_is_lost = false;  // the last errand before the crash reached the outside, its answer did not come back

  void work() {
    for (int i = 0; i < 400; ++i) {
      if (errands == crash_after && crash_after != 0) {
        crash_after = 0;
        const bool effect = !c.errands_.empty() && std::holds_alternative<perform_effect>(c.errands_.front());
        c.frozen = true;
        if (answer_is_lost && effect) c.act_and_crash();
        else c.start();
      }
      if (!c.step()) return;
      ++errands;
    }
    FAIL("the company did not come to rest");
  }
  void approve_all() {
    for (const auto& [id, a] : std::map(c.state().approvals))
      if (a.state == approval_state::asked) REQUIRE(c.decides().approve(id, "", c.now));
    work();
  }
  void pass(duration by) {
    const auto target = c.now + by;
    while (true) {
      const auto due = c.decides().next_due();
      if (!due || *due > target) break;
      c.now = std::max(c.now, *due);
      c.decides().tick(c.now);
      work();
    }
    c.now = target;
    c.decides().tick(c.now);
    work();
  }
};

}  // namespace

TEST_CASE("weekly_update: a crash after any errand changes neither the outcome nor the ledger") {
  std::size_t all = 0;
  std::vector<std::string> ledger;
  for (const bool lost : {false, true})
    for (std::size_t k = 0; k == 0 || k < all; ++k) {
      CAPTURE(k, lost);
      auto m = weekly();
      started c(m);
      c->frozen = true;
      world w{*c.operator->(), 0, k, lost};
      c->run("w");
      w.work();
      w.pass(1min);
      w.approve_all();
      w.pass(10min);
      REQUIRE(c->outcome_of("run-1") == "finished: published");
      CHECK(c->count("memory_added") == 1);
      CHECK(c->count("approval_asked") == 1);
      CHECK(c->count("approval_decided") == 1);
      CHECK(c->count("run_finished") == 1);
      CHECK(c->state().cards.empty());
      if (k == 0 && !lost) {
        all = w.errands;
        ledger = c->works->done();
        CHECK(ledger.size() == 4);
      }
      CHECK(c->works->done() == ledger);
      CHECK(c->model->asked <= 2);  // once, and once more where the answer was lost
    }
  CHECK(all >= 10);
}

TEST_CASE("answer_lead: a crash after any errand changes neither the outcome nor the ledger") {
  const auto replies = GENERATE(false, true);
  std::size_t all = 0;
  std::vector<std::string> ledger;
  for (const bool lost : {false, true})
    for (std::size_t k = 0; k == 0 || k < all; ++k) {
      CAPTURE(k, lost, replies);
      auto m = answer_lead();
      started c(m);
      c->frozen = true;
      world w{*c.operator->(), 0, k, lost};
      c->mail("ada", "1");
      w.work();
      for (int mails = 0; mails < 3; ++mails) {
        w.pass(1h);
        w.approve_all();
        w.pass(24h);
        if (replies && mails == 1) c->mail("ada", "2");
        w.work();
        w.pass(49h);
      }
      w.pass(24h);
      if (k == 0 && !lost) {
        all = w.errands;
        ledger = c->works->done();
        CHECK(ledger.size() == (replies ? 2 : 3));
      }
      CHECK(c->works->done() == ledger);
      CHECK(c->count("run_started") == 1);
      CHECK(c->outcome_of("run-1") == (replies ? "finished: answered" : "open"));
      CHECK(c->cards("used_up") == (replies ? 0 : 1));
    }
  CHECK(all >= 6);
}

TEST_CASE("work that is taken up after a crash waits behind every pause like new work") {
  const auto [scope, name] = GENERATE(table<std::string, std::string>({{"role", "worker"}, {"run", "run-1"}, {"workflow", "w"}, {"company", ""}}));
  auto m = weekly();
  started c(m);
  c->frozen = true;
  c->run("w");
  REQUIRE(c->decides().pause(scope, name, "", c->now));
  c->settle();  // on disk
  c->frozen = false;
  for (int i = 0; i < 3; ++i) {
    c->start();
    c->advance(24h);
  }
  CHECK(c->count("turn_taken") == 0);
  CHECK(c->model->asked == 0);
  REQUIRE(c->decides().resume(scope, name, c->now));
  c->settle();
  c->advance(1s);
  c->approve();
  CHECK(c->outcome_of("run-1") == "finished: published");
}

TEST_CASE("a model call and a doubtful effect wait behind a pause when they are taken up again") {
  company_of m;
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {ask_model{}};
    return {done()};
  };
  m.step("ask", role_step()).step("act", effect_step("test.queryable"));
  started c(m);
  c->frozen = true;
  c->run("w");
  c->frozen = false;
  c->step();
  c->frozen = true;
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->settle();
  c->frozen = false;
  c->start();
  c->advance(1h);
  CHECK(c->model->asked == 0);
  c->works->happens_anyway = true;
  c->works->next = [](const request&) { return answer{false, false, false, "lost", {}}; };
  c->frozen = true;
  REQUIRE(c->decides().resume("company", "", c->now));
  c->step();
  c->step();
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->frozen = false;
  c->settle();
  c->start();
  c->advance(1h);
  CHECK(c->works->looked == 0);
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  c->advance(1min);
  CHECK(c->works->looked == 1);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("after a crash no more agents and runs are at work than before") {
  company_of m;
  m.role().limits = limits_definition{};
  m.role().limits->running = 2;
  m.m.company.running = 3;
  m.step("a", role_step());
  started c(m);
  c->frozen = true;
  for (int i = 0; i < 6; ++i) c->run("w");
  const auto deliveries = [&] { return std::count_if(c->errands_.begin(), c->errands_.end(), [](const errand& o) { return std::holds_alternative<deliver_event>(o); }); };
  CHECK(deliveries() == 2);
  CHECK(c->state().runs_at_work == 3);
  c->start();
  CHECK(deliveries() <= 2);
  CHECK(c->state().runs_at_work == 3);
  c->advance(1s);
  CHECK(deliveries() == 2);
  c->frozen = false;
  c->settle();
  c->advance(1s);
  CHECK(c->state().runs.empty());
}

TEST_CASE("a company with ten thousand waiting runs decides about the next in no more time than an empty one, by the count of what it touches") {
  company_of m;
  step_definition ask;
  ask.person = "Well?";
  m.step("ask", ask).step("end", end_step("over"));
  started c(m);
  c->fold_checks_each = 1'000'000;
  for (int i = 0; i < 10'000; ++i) c->run("w");
  CHECK(c->state().runs.size() == 10'000);
  CHECK(c->state().cards.size() == 10'000);
  for (int i = 1; i <= 10'000; ++i) {
    REQUIRE(c->decides().answer("card-" + std::to_string(i), "yes", c->now));
    c->settle();
  }
  CHECK(c->state().runs.empty());
  CHECK(c->state().cards.empty());
  CHECK(c->state().cards_about.empty());
  CHECK(c->state().cards_of_run.empty());
}

}  // namespace steward::test
