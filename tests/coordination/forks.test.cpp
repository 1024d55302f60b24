#include "runtime/coordination/fork.hpp"

#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// draft gives a reply, two effects follow; `log` comes after `send`.
company_of letters() {
  company_of m;
  m.step("draft", role_step(object{{"text", "${topic}"}}, "reply"));
  m.step("send", effect_step("test.keyed", object{{"text", "send ${reply.text}"}}));
  m.step("log", effect_step("test.queryable", object{{"text", "log ${reply.text}"}}));
  return m;
}

result<fork_from> point(const small_company& c, const std::string& run, const std::string& at) {
  told_run told;
  for (const auto& e : c.disk())
    if (e.first.correlation == run) told.events.push_back(e);
  return fork_point(told, run, at);
}

std::string fork(small_company& c, const std::string& run, const std::string& at, const std::optional<json>& input = {}, const std::string& effects = "reuse") {
  auto from = point(c, run, at);
  REQUIRE(from);
  from->point.effects = effects;
  const auto begun = c.decides().fork_run(*from, input, false, "", c.now);
  REQUIRE(begun);
  c.settle();
  return *begun;
}

event::run_started start_of(const small_company& c, const std::string& run) {
  for (const auto& [_, e] : c.disk())
    if (const auto* x = std::get_if<event::run_started>(&e); x && x->run == run) return *x;
  FAIL("no run_started of " << run);
  return {};
}

}  // namespace

TEST_CASE("a fork begins at its step with what the steps before it gave, and repeats none of their effects") {
  started c(letters());
  const auto run = c->run("w", object{{"topic", "tea"}});
  REQUIRE(c->works->done().size() == 2);
  std::string before;
  for (const auto& [_, e] : c->disk()) before += event::body_text(e);
  const auto other = fork(c.c, run, "log", {}, "ask");
  CHECK(c->works->ledger.size() == 2);
  c->approve();
  CHECK(c->outcome_of(other) == "finished: done");
  REQUIRE(c->works->ledger.size() == 3);
  CHECK(c->works->ledger.back().action == "test.queryable");
  CHECK(c->works->ledger.back().bytes.find("log tea") != std::string::npos);
  CHECK(c->count("turn_taken") == 1);
  const auto said = start_of(c.c, other);
  REQUIRE(said.forked);
  CHECK(said.forked->run == run);
  CHECK(said.forked->step == "log");
  CHECK(said.because == "fork of " + run + " at log");
  CHECK(said.input == json(object{{"topic", "tea"}}));
  CHECK(said.forked->names == json(object{{"reply", {{"text", "tea"}}}}));
  std::string after;
  for (const auto& [_, e] : c->disk()) after += event::body_text(e);
  CHECK(after.starts_with(before));  // the other run's events are as they were
}

TEST_CASE("a fork reuses what was done: the same action with the same arguments does not leave a second time") {
  started c(letters());
  const auto run = c->run("w", object{{"topic", "tea"}});
  const auto other = fork(c.c, run, "draft");
  CHECK(c->outcome_of(other) == "finished: done");
  CHECK(c->works->ledger.size() == 2);
  CHECK(c->count("effect_dispatched") == 2);
  CHECK(c->count("turn_taken") == 2);  // the agent drafted again, and said the same
  int reused = 0;
  for (const auto& [h, e] : c->disk())
    if (const auto* x = std::get_if<event::effect_settled>(&e); x && h.correlation == other) {
      ++reused;
      CHECK(x->said_by == said_by_fork);
      CHECK(x->came_out.kind == outcome_kind::confirmed);
      CHECK(x->came_out.sentence.find("eff-" + std::to_string(reused) + " did it before") == 0);
      CHECK(x->came_out.cost.nano == 0);
      CHECK_FALSE(x->came_out.undo);
    }
  CHECK(reused == 2);
  SECTION("a fork of that fork sends none either") {
    CHECK(c->outcome_of(fork(c.c, other, "send")) == "finished: done");
    CHECK(point(c.c, other, "log")->point.left.size() == 1);
    CHECK(c->works->ledger.size() == 2);
  }
  SECTION("with another input it wants something else, and that is asked, whatever the rung") {
    const auto changed = fork(c.c, run, "draft", json(object{{"topic", "soup"}}));
    CHECK(c->outcome_of(changed) == "open");
    CHECK(c->works->ledger.size() == 2);
    c->approve();
    CHECK(c->works->ledger.size() == 3);
  }
}

TEST_CASE("a fork that asks again shows a card for what was done, even where the rung says act") {
  started c(letters());
  const auto run = c->run("w", object{{"topic", "tea"}});
  const auto from = point(c.c, run, "send");
  REQUIRE(from);
  CHECK(from->point.left.size() == 2);
  CHECK(point(c.c, run, "log")->point.left.size() == 1);
  const auto other = fork(c.c, run, "send", {}, "ask");
  CHECK(c->outcome_of(other) == "open");
  CHECK(c->works->ledger.size() == 2);
  REQUIRE(c->state().cards.size() == 1);
  const auto& asked = c->state().approvals.at(c->state().cards.begin()->second.said.subject);
  const auto& rulings = c->state().effects.at(asked.said.effects.at(0)).said.rulings;
  CHECK(std::any_of(rulings.begin(), rulings.end(), [](const ruling& r) { return r.rule == "fork" && r.says == verdict::ask && r.because.find("eff-1 did test.keyed") == 0; }));
  c->approve();
  CHECK(c->works->ledger.size() == 3);
  c->approve();
  CHECK(c->works->ledger.size() == 4);
  CHECK(c->works->repeats == 0);  // under keys of their own
  CHECK(c->outcome_of(other) == "finished: done");
}

TEST_CASE("a fork asks about an effect of which nobody knows how it came out, or whose answer was compacted") {
  started c(letters());
  const auto run = c->run("w", object{{"topic", "tea"}});
  told_run told;
  for (const auto& e : c->disk())
    if (e.first.correlation == run) told.events.push_back(e);
  SECTION("compacted") {
    for (const auto& [h, e] : told.events)
      if (std::holds_alternative<event::effect_settled>(e)) told.shortened.insert(h.seq);
  }
  SECTION("in doubt") {
    for (auto& [h, e] : told.events)
      if (auto* x = std::get_if<event::effect_settled>(&e)) x->came_out.kind = outcome_kind::in_doubt;
  }
  const auto from = fork_point(told, run, "send");
  REQUIRE(from);
  REQUIRE(from->point.left.size() == 2);
  CHECK_FALSE(from->point.left.front().came_out);
  CHECK(recorded_for(from->point, "test.keyed", object{{"text", "send tea"}}, 0) == nullptr);
  REQUIRE(asks_again(from->point, "test.keyed"));
  CHECK(asks_again(from->point, "test.keyed")->because.find("eff-1 may have done test.keyed") == 0);
  const auto other = c->decides().fork_run(*from, {}, false, "", c->now);
  REQUIRE(other);
  c->settle();
  CHECK(c->outcome_of(*other) == "open");
  CHECK(c->works->ledger.size() == 2);
}

TEST_CASE("a fork uses a recorded answer as often as it was given, and asks for one more") {
  const event::left_effect one{"eff-1", "test.keyed", arguments_digest(object{{"text", "x"}}), outcome{}};
  auto two = one;
  two.effect = "eff-2";
  event::forked_run from;
  from.effects = "reuse";
  from.left = {one, two};
  const json same = object{{"text", "x"}};
  CHECK(recorded_for(from, "test.keyed", same, 0)->effect == "eff-1");
  CHECK(recorded_for(from, "test.keyed", same, 1)->effect == "eff-2");
  CHECK(recorded_for(from, "test.keyed", same, 2) == nullptr);
  CHECK(recorded_for(from, "test.keyed", object{{"text", "y"}}, 0) == nullptr);
  CHECK(recorded_for(from, "test.queryable", same, 0) == nullptr);
  from.effects = "ask";
  CHECK(recorded_for(from, "test.keyed", same, 0) == nullptr);
  CHECK_FALSE(asks_again(from, "test.queryable"));
}

TEST_CASE("a fork's effects are judged by today's gate") {
  auto m = letters();
  started c(m);
  const auto run = c->run("w", object{{"topic", "tea"}});
  c->manifests_.company.may_do["test.queryable"] = autonomy::ask;
  c->start();
  const auto other = fork(c.c, run, "log", {}, "ask");
  CHECK(c->outcome_of(other) == "open");
  CHECK(c->works->ledger.size() == 2);
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->approve();
  CHECK(c->works->ledger.size() == 2);
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  CHECK(c->works->ledger.size() == 3);
  CHECK(c->outcome_of(other) == "finished: done");
}

TEST_CASE("a fork of an open run, with another input, goes on after a crash as if nothing had happened") {
  auto m = letters();
  m.w().steps[2].value.ask = approval_definition{};
  started c(m);
  const auto run = c->run("w", object{{"topic", "tea"}});
  CHECK(c->outcome_of(run) == "open");
  const auto other = fork(c.c, run, "draft", json(object{{"topic", "soup"}}));
  CHECK(c->works->ledger.size() == 1);
  c->start();
  c->approve();  // another text than run-1 sent: asked, and the question survived
  CHECK(c->works->done() == std::vector<std::string>{R"({"text":"send tea"})", R"({"text":"send soup"})"});
  CHECK(c->outcome_of(other) == "open");
  CHECK(c->state().runs.at(other).names.at("topic") == json("soup"));
  CHECK(c->state().runs.at(run).names.at("topic") == json("tea"));
}

TEST_CASE("a fork that is recorded while no engine runs begins when one starts") {
  started c(letters());
  const auto run = c->run("w", object{{"topic", "tea"}});
  const auto from = point(c.c, run, "draft");
  c->frozen = true;  // its errands are lost with the process
  const auto other = c->decides().fork_run(*from, {}, false, "", c->now);
  REQUIRE(other);
  c->settle();
  CHECK(c->count("turn_taken") == 1);
  c->frozen = false;
  c->start();
  CHECK(c->count("turn_taken") == 2);
  CHECK(c->outcome_of(*other) == "finished: done");
}

TEST_CASE("a fork that is asked for again with its key names the run that it began, also after a crash") {
  started c(letters());
  const auto run = c->run("w", object{{"topic", "tea"}});
  const auto ask = [&](const std::string& of, const std::string& key) {
    const auto from = point(c.c, of, "send");
    REQUIRE(from);
    const auto begun = c->decides().fork_run(*from, {}, false, key, c->now);
    REQUIRE(begun);
    c->settle();
    return *begun;
  };
  CHECK(ask(run, "monday") == "run-2");
  c->start();
  CHECK(ask(run, "monday") == "run-2");
  CHECK(ask(run, "tuesday") == "run-3");
  CHECK(ask("run-2", "monday") == "run-4");  // a fork of another run
  CHECK(ask(run, "") == "run-5");
  CHECK(ask(run, "") == "run-6");
  CHECK(c->count("run_started") == 6);
}

TEST_CASE("a fork carries the labels of what the run had seen") {
  auto m = letters();
  m.m.workflows["w"].starts_on = start_definition{};
  m.m.workflows["w"].starts_on->event = "mail_received";
  m.w().constants["topic"] = "tea";
  started c(m);
  c->mail("ada@example.com", "m1");
  const auto other = fork(c.c, "run-1", "log");
  for (const auto& [h, e] : c->disk())
    if (const auto* x = std::get_if<event::run_started>(&e); x && x->run == other) CHECK((h.marks & label_untrusted) != 0);
}

TEST_CASE("a fork at a step that the run never came to is refused, with those that it came to") {
  auto m = letters();
  m.w().steps[2].value.when = "false";
  m.step("never", effect_step("test.keyed"));
  m.w().steps[2].value.then = "over";
  m.step("over", end_step("enough"));
  started c(m);
  const auto run = c->run("w", object{{"topic", "tea"}});
  const auto refused = point(c.c, run, "never");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "step_not_reached");
  CHECK(refused.error().expected.find("draft, send, log") != std::string::npos);
  CHECK(point(c.c, run, "sand").error().advice.find("'send'") != std::string::npos);
  CHECK(point(c.c, run, "log"));
}

TEST_CASE("a fork begins at the last visit of its step, or at the one that is named") {
  company_of m;
  m.step("draft", role_step(object{{"text", "round ${run.visit}"}}, "reply"));
  m.step("send", effect_step("test.keyed", object{{"text", "${reply.text}"}}));
  m.w().steps[0].value.at_most = "2";
  m.w().steps[0].value.used_up = "over";
  m.w().steps[1].value.then = "draft";
  m.step("over", end_step("enough"));
  puppet::plays = [](const cue& c) -> intents { return {done(object{{"text", c.text}})}; };
  started c(m);
  const auto run = c->run("w");
  REQUIRE(c->outcome_of(run) == "finished: enough");
  const auto last = point(c.c, run, "send"), first = point(c.c, run, "send.1"), second = point(c.c, run, "send.2");
  REQUIRE(last);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(last->point.visit == 2);
  CHECK(first->point.visit == 1);
  CHECK(first->point.seq < last->point.seq);
  CHECK(second->point.seq == last->point.seq);
}

TEST_CASE("a run_started of before there were forks is read as one that begins at the beginning") {
  const auto old = event::read("run_started", R"({"because":"by hand","depth":0,"digest":"d","input":{},"run":"run-1","stepwise":false,"workflow":"w"})");
  REQUIRE(old);
  CHECK_FALSE(std::get<event::run_started>(*old).forked);
  CHECK(event::body_text(*old).find("forked") == std::string::npos);  // and is written as it always was
}

}  // namespace steward::test
