#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// A worker that is busy until its alarm rings, and then done.
intents busy_for(const cue& c, duration length) {
  if (c.kind != "step_started") return {done(object{{"text", "done"}})};
  wake_at alarm;
  alarm.at = *parse_time(c.text) + length;
  alarm.tag = "alarm";
  return {alarm};
}

company_of with_sla(sla_definition says, duration busy = 48h) {
  company_of m;
  m.role().sla = says;
  m.step("work", role_step(object{{"text", "${now}"}}));
  puppet::plays = [busy](const cue& c) { return busy_for(c, busy); };
  return m;
}

std::size_t missed(small_company& c, const std::string& threshold) {
  return std::size_t(std::count_if(c.disk().begin(), c.disk().end(), [&](const auto& e) {
    const auto* m = std::get_if<event::sla_missed>(&e.second);
    return m && m->threshold == threshold;
  }));
}

const event::sla_missed& the_miss(small_company& c) {
  for (const auto& e : c.disk())
    if (const auto* m = std::get_if<event::sla_missed>(&e.second)) return *m;
  throw std::runtime_error("no sla was missed");
}

}  // namespace

TEST_CASE("a missed sla raises one card, to the moment, once, also across crashes; it goes when the step is over") {
  started c(with_sla({.warn = 2h}, 9h));
  const auto run = c->run("w");
  c->advance(2h - 1us);
  CHECK(c->cards("sla_warned") == 0);
  c->start();
  c->advance(1us);
  const auto card = c->card_about("sla_warned");
  CHECK(c->state().cards.at(card).said.run == run);
  CHECK(the_miss(*c.operator->()).of == "role/worker");
  c->start();
  c->advance(3h);
  c->start();
  CHECK(c->cards("sla_warned") == 1);
  CHECK(missed(*c.operator->(), "warn") == 1);
  c->advance(5h);
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(c->state().cards.empty());
}

TEST_CASE("an sla that is kept raises nothing") {
  started c(with_sla({.warn = 2h, .retry = 3h, .escalate = 4h, .fail = 5h}, 119min));
  const auto run = c->run("w");
  c->advance(24h);
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(c->count("sla_missed") == 0);
  CHECK(c->count("card_raised") == 0);
}

TEST_CASE("time in which the work waits for the operator, is paused or the engine is stopped is not counted") {
  company_of m;
  m.role().sla = sla_definition{.warn = 2h};
  m.step("work", role_step());
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "step_started") return {ask_operator{.question = "Which one?", .tag = "q"}};
    wake_at alarm;
    alarm.at = *parse_time("2027-01-01T00:00:00Z");
    return {alarm};
  };
  started c(m);
  c->run("w");
  c->advance(20h);
  CHECK(c->count("sla_missed") == 0);
  REQUIRE(c->decides().answer(c->card_about("question"), "this one", c->now));
  c->settle();
  c->advance(1h);
  for (const auto& [scope, name] : {std::pair{"company", ""}, {"workflow", "w"}, {"role", "worker"}, {"run", "run-1"}}) {
    REQUIRE(c->decides().pause(scope, name, "", c->now));
    c->settle();
    c->advance(10h);
    REQUIRE(c->decides().resume(scope, name, c->now));
    c->settle();
  }
  c->decides().stop_cleanly(c->now);
  c->settle();
  c->now += 10h;
  c->start();
  c->advance(1h - 1us);
  CHECK(c->count("sla_missed") == 0);
  c->advance(1us);
  CHECK(c->count("sla_missed") == 1);
  CHECK(the_miss(*c.operator->()).took == 2h);
}

TEST_CASE("a retry is a fresh attempt behind the same gate; its clock is the step's, not the attempt's") {
  started c(with_sla({.retry = 4h, .escalate = 6h}));
  const auto run = c->run("w");
  c->advance(4h + 10s);
  CHECK(c->state().runs.at(run).here->attempt == 2);
  CHECK(c->state().runs.at(run).here->state == step_state::working);
  CHECK(c->count("step_failed") == 1);
  CHECK(c->state().cards.empty());
  c->advance(2h);
  CHECK(missed(*c.operator->(), "escalate") == 1);
  CHECK(the_miss(*c.operator->()).did == "a fresh attempt");
  CHECK(missed(*c.operator->(), "retry") == 1);
}

TEST_CASE("what did something outside is not tried again for being late") {
  company_of m;
  m.role().sla = sla_definition{.retry = 1h};
  m.step("work", role_step());
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "step_started") return {propose_effect{.action = "test.neither", .with = object{{"text", "once"}}, .why = "", .tag = "e"}};
    wake_at alarm;
    alarm.at = *parse_time("2027-01-01T00:00:00Z");
    return {alarm};
  };
  started c(m);
  c->run("w");
  c->advance(3h);
  CHECK(the_miss(*c.operator->()).did == "no fresh attempt: its agent has done something outside already");
  CHECK(c->works->done().size() == 1);
  CHECK(c->state().runs.at("run-1").here->attempt == 1);
}

TEST_CASE("a step that is too late for good fails with its reason, and its if_fails says what then") {
  auto m = with_sla({.warn = 1h, .fail = 2h});
  m.w().steps.front().value.if_fails = "late";
  m.step("end", end_step("in time")).step("late", end_step("too late"));
  started c(m);
  const auto run = c->run("w");
  c->advance(2h);
  CHECK(c->outcome_of(run) == "finished: too late");
  CHECK(c->state().cards.empty());
  const auto failed = std::find_if(c->disk().begin(), c->disk().end(), [](const auto& e) { return std::holds_alternative<event::step_failed>(e.second); });
  REQUIRE(failed != c->disk().end());
  CHECK(std::get<event::step_failed>(failed->second).why.sentence == "The role 'worker' has been busy with the step 'work' for 2h, and its sla says fail: 2h");
}

TEST_CASE("a workflow's sla counts the run's own time, over all its steps and without its waits") {
  company_of m;
  m.w().sla = sla_definition{.warn = 3h};
  m.step("first", role_step(object{{"text", "${now}"}})).step("pause", timer(24h)).step("second", role_step(object{{"text", "${now}"}}));
  puppet::plays = [](const cue& c) { return busy_for(c, 2h); };
  started c(m);
  c->run("w");
  c->advance(26h + 1h - 1us);
  CHECK(c->count("sla_missed") == 0);
  c->advance(1us);
  CHECK(the_miss(*c.operator->()).of == "workflow/w");
  CHECK(the_miss(*c.operator->()).took == 3h);
}

TEST_CASE("several thresholds that are due at once, after a crash, leave one card") {
  started c(with_sla({.warn = 1h, .escalate = 2h}));
  c->run("w");
  c->now += 10h;
  c->start();
  c->advance(0s);
  CHECK(c->count("sla_missed") == 2);
  CHECK(c->state().cards.size() == 1);
  const auto card = c->card_about("sla_escalated");
  REQUIRE(c->decides().answer(card, "seen", c->now));
  c->settle();
  CHECK(c->state().cards.empty());
  c->start();
  CHECK(c->state().cards.empty());
}

TEST_CASE("an effect that may be on its way is heard of before its step fails for being late") {
  company_of m;
  m.w().sla = sla_definition{.fail = 1h};
  m.step("send", effect_step("test.neither"));
  started c(m);
  c->works->next = [](const request&) { return lost(); };
  const auto run = c->run("w");
  c->advance(3h);  // its card stands: the operator's time
  CHECK(c->count("sla_missed") == 0);
  REQUIRE(c->decides().answer(c->card_about("effect_in_doubt"), "happened", c->now));
  c->settle();
  CHECK(c->outcome_of(run) == "finished: done");
}

}  // namespace steward::test
