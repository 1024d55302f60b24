#include "tests/coordination/puppet.hpp"

namespace steward::test {

TEST_CASE("steps run in the order of the manifest and see what earlier ones gave, the constants, the run and the time") {
  company_of m;
  m.w().constants["greeting"] = "Dear";
  m.step("first", role_step(object{{"text", "${greeting} ${input.who} ${who}"}}, "one"));
  m.step("second", role_step(object{{"text", "${one.text}, ${run.id} ${run.workflow} ${run.visit} ${now}"}}, "two"));
  started c(m);
  const auto run = c->run("w", object{{"who", "ada"}});
  CHECK(c->outcome_of(run) == "finished: done");
  const auto& last = std::get<event::run_finished>(c->disk().back().second);
  CHECK(text_at(last.result, "text") == "Dear ada ada, run-1 w 1 2026-11-23T08:00:00.000000Z");
}

TEST_CASE("a step whose condition says no is skipped, and its name is null for those that follow") {
  company_of m;
  auto s = role_step(object{{"text", "a"}}, "maybe");
  s.when = "input.go";
  m.step("maybe", s).step("end", end_step("over"));
  started c(m);
  CHECK(c->outcome_of(c->run("w", object{{"go", false}})) == "finished: over");
  CHECK(c->count("turn_taken") == 0);
  CHECK(c->outcome_of(c->run("w", object{{"go", true}})) == "finished: over");
  CHECK(c->count("turn_taken") == 1);
}

TEST_CASE("a condition that can't be told stops before the step, and a retry asks it again") {
  company_of m;
  auto s = effect_step("test.neither");
  s.when = "input.missing";
  m.step("send", s);
  started c(m);
  const auto run = c->run("w");
  CHECK(c->outcome_of(run) == "open");
  c->card_about("step_stuck");
  REQUIRE(c->decides().retry(run, c->now));
  c->settle();
  CHECK(c->works->ledger.empty());  // it must not slip past its condition
  c->card_about("step_stuck");
  CHECK(c->outcome_of(run) == "open");
}

TEST_CASE("a condition that can't be told goes where if_fails says") {
  const auto [target, outcome] = GENERATE(table<std::string, std::string>({{"rescue", "finished: rescued"}, {"stop", "failed: "}}));
  company_of m;
  auto s = role_step();
  s.when = "input.missing";
  s.if_fails = target;
  m.step("a", s).step("b", end_step("never")).step("rescue", end_step("rescued"));
  started c(m);
  CHECK(c->outcome_of(c->run("w")).starts_with(outcome));
}

TEST_CASE("for_each gives the results in the order of the list, with no more at work than the role may have") {
  company_of m;
  m.role().limits = limits_definition{};
  m.role().limits->running = 2;
  auto s = role_step(object{{"text", "${item}"}}, "all");
  s.for_each = {{"item", "${input.items}"}};
  m.step("each", s).step("tell", role_step(object{{"text", "${all.map(x, x.text)}"}}, "told"));
  started c(m);
  c->frozen = true;
  c->run("w", object{{"items", {"a", "b", "c", "d", "e"}}});
  std::size_t most = 0;
  c->frozen = false;
  while (c->step()) most = std::max(most, std::size_t(c->decides().at_work("worker")));
  CHECK(most == 2);
  const auto& all = std::find_if(c->disk().begin(), c->disk().end(), [](const auto& e) { return std::holds_alternative<event::step_finished>(e.second); });
  CHECK(std::get<event::step_finished>(all->second).gives == "all");
  std::string order;
  for (const auto& [_, e] : c->disk())
    if (const auto* t = std::get_if<event::step_started>(&e); t && t->step == "tell") order = canonical(t->input);
  CHECK(order == R"({"text":["a","b","c","d","e"]})");
}

TEST_CASE("for_each over nothing gives an empty list and goes on") {
  company_of m;
  auto s = role_step(object{{"text", "${item}"}}, "all");
  s.for_each = {{"item", "${input.items}"}};
  m.step("each", s);
  started c(m);
  CHECK(c->outcome_of(c->run("w", object{{"items", boost::json::array{}}})) == "finished: done");
  CHECK(std::get<event::run_finished>(c->disk().back().second).result == json(boost::json::array{}));
}

TEST_CASE("one item that fails ends its step, and the others give their places to the next run") {
  company_of m;
  m.role().limits = limits_definition{};
  m.role().limits->running = 1;
  auto s = role_step(object{{"text", "${item}"}}, "all");
  s.for_each = {{"item", "${input.items}"}};
  m.step("each", s);
  started c(m);
  puppet::plays = [](const cue& q) -> intents {
    if (q.text == "bad") return {give_up{"can't"}};
    return {done()};
  };
  c->frozen = true;
  c->run("w", object{{"items", {"bad", "b", "c"}}});
  const auto other = c->run("w", object{{"items", {"good"}}});
  c->frozen = false;
  c->settle();
  CHECK(c->outcome_of(other) == "finished: done");
  c->card_about("step_stuck");
  CHECK(c->decides().at_work("worker") == 0);
}

TEST_CASE("a paused run in a role's queue does not keep the others from their turn") {
  company_of m;
  m.role().limits = limits_definition{};
  m.role().limits->running = 1;
  m.step("a", role_step());
  started c(m);
  c->frozen = true;
  c->run("w");
  const auto paused = c->run("w"), free = c->run("w");
  REQUIRE(c->decides().pause("run", paused, "look", c->now));
  c->frozen = false;
  c->settle();
  CHECK(c->outcome_of(free) == "finished: done");
  CHECK(c->outcome_of(paused) == "open");
  REQUIRE(c->decides().resume("run", paused, c->now));
  c->settle();
  CHECK(c->outcome_of(paused) == "finished: done");
}

TEST_CASE("a role's queue refuses the step beyond its limit with a reason") {
  company_of m;
  m.role().limits = limits_definition{};
  m.role().limits->running = 1;
  m.role().limits->waiting = 2;
  m.step("a", role_step());
  started c(m);
  c->frozen = true;
  for (int i = 0; i < 3; ++i) c->run("w");
  CHECK(c->cards("step_stuck") == 0);
  const auto refused = c->run("w");
  const auto card = c->card_about("step_stuck");
  CHECK(c->state().cards.at(card).said.text.find("2 steps wait") != std::string::npos);
  c->frozen = false;
  c->settle();
  REQUIRE(c->decides().retry(refused, c->now));
  c->settle();
  CHECK(c->outcome_of(refused) == "finished: done");
}

TEST_CASE("jumps go where `then` says, and at_most visits lead to used_up") {
  company_of m;
  m.step("first", role_step());
  auto again = role_step();
  again.then = "first";
  again.at_most = "2";
  SECTION("a step") {
    again.used_up = "over";
    m.step("again", again).step("never", end_step("never")).step("over", end_step("used up"));
    started c(m);
    CHECK(c->outcome_of(c->run("w")) == "finished: used up");
    CHECK(c->count("turn_taken") == 5);  // first, again, first, again, first
  }
  SECTION("a card, and a retry allows one more") {
    m.step("again", again);
    started c(m);
    const auto run = c->run("w");
    CHECK(c->outcome_of(run) == "open");
    c->card_about("used_up");
    CHECK(c->count("turn_taken") == 5);
    REQUIRE(c->decides().retry(run, c->now));
    c->settle();
    CHECK(c->count("turn_taken") == 7);
    c->card_about("used_up");
    REQUIRE(c->decides().stop_run(run, c->now));
    c->settle();
    CHECK(c->state().cards.empty());
    CHECK(c->outcome_of(run) == "stopped: the operator stopped it");
  }
}

TEST_CASE("a run that goes in circles ends at its cap of events, without a deep stack") {
  company_of m;
  m.w().caps = caps_definition{};
  m.w().caps->events = 30'000;
  step_definition note;
  note.remember = "company";
  note.text = "again";
  note.then = "note";
  m.step("note", note);
  started c(m);
  c->fold_checks_each = 1000;
  CHECK(c->outcome_of(c->run("w")).find("its cap (caps.events)") != std::string::npos);
}

TEST_CASE("fan_out caps the list, model_calls the questions, depth the runs that start runs") {
  company_of m;
  m.w().caps = caps_definition{};
  SECTION("fan_out") {
    m.w().caps->fan_out = 2;
    auto s = GENERATE(true, false) ? role_step(object{{"text", "${item}"}}) : effect_step("test.keyed", object{{"text", "${item}"}});
    s.for_each = {{"item", "${input.items}"}};
    m.step("each", s);
    started c(m);
    c->run("w", object{{"items", {"a", "b", "c"}}});
    const auto card = c->card_about("step_stuck");
    CHECK(c->state().cards.at(card).said.text.find("caps.fan_out") != std::string::npos);
    CHECK(c->works->ledger.empty());
    CHECK(c->outcome_of(c->run("w", object{{"items", {"a", "b"}}})) == "finished: done");
  }
  SECTION("model_calls") {
    m.w().caps->model_calls = 3;
    puppet::plays = [](const cue&) -> intents { return {ask_model{}}; };
    m.step("ask", role_step());
    started c(m);
    c->run("w");
    CHECK(c->model->asked == 3);
    c->card_about("step_stuck");
  }
  SECTION("depth") {
    puppet::plays = [](const cue& q) -> intents {
      if (q.kind == "role_answered") return {done(object{{"from", q.body}})};
      return {ask_role{"worker", object{{"text", q.text}}}};
    };
    m.w().if_a_step_fails = "stop";
    m.step("ask", role_step());
    started c(m);
    const auto run = c->run("w");
    CHECK(c->outcome_of(run).find("caps.depth") != std::string::npos);
    CHECK(c->count("run_started") == 5);
    CHECK(c->state().runs.empty());
  }
}

TEST_CASE("a role that another asked is named in the answer, and is stopped when nobody waits for it any more") {
  company_of m;
  m.m.roles["helper"] = m.role();
  m.m.roles["helper"].role = "helper";
  m.step("ask", role_step(object{{"text", "boss"}}, "got"));
  SECTION("answered") {
    puppet::plays = [](const cue& q) -> intents {
      if (q.kind == "role_answered") return {done(q.body)};
      if (q.text == "boss") return {ask_role{"helper", object{{"text", "help"}}}};
      return {done("helped")};
    };
    started c(m);
    c->run("w");
    CHECK(canonical(std::get<event::run_finished>(c->disk().back().second).result) == R"({"result":"helped","role":"helper"})");
  }
  SECTION("the asking run is stopped") {
    puppet::plays = [](const cue& q) -> intents {
      if (q.text == "boss") return {ask_role{"helper", object{{"text", "help"}}}};
      return {ask_operator{"Well?"}};
    };
    started c(m);
    const auto run = c->run("w");
    CHECK(c->state().runs.size() == 2);
    REQUIRE(c->decides().stop_run(run, c->now));
    c->settle();
    CHECK(c->state().runs.empty());
    CHECK(c->state().cards.empty());
  }
  SECTION("the role gives up") {
    puppet::plays = [](const cue& q) -> intents {
      if (q.text == "boss") return {ask_role{"helper", object{{"text", "help"}}}};
      return {give_up{"no idea"}};
    };
    started c(m);
    c->run("w");
    const auto card = c->card_about("step_stuck");
    CHECK(c->state().cards.at(card).said.text.find("no idea") != std::string::npos);
  }
}

TEST_CASE("a step that is not done within its time is tried again with growing pauses, then a card asks") {
  company_of m;
  auto s = role_step();
  s.within = 1min;
  s.retry = retry_definition{2, 10s, 15s};
  m.step("slow", s);
  puppet::plays = [](const cue&) -> intents { return {ask_operator{"?", {}, {}, "t"}}; };
  started c(m);
  const auto run = c->run("w");
  c->advance(59s);
  CHECK(c->count("step_failed") == 0);
  c->advance(1s);
  CHECK(c->count("step_failed") == 1);
  const auto first = *c->state().runs.at(run).here->retry_at - c->now;
  CHECK(first >= 10s);
  CHECK(first <= 12s);
  c->advance(73s);
  CHECK(c->count("step_failed") == 2);
  const auto second = *c->state().runs.at(run).here->retry_at - c->now;
  CHECK(second >= 14s);  // 20 s, but at most 15 s, and up to a fifth more
  CHECK(second <= 18s);
  c->start();  // the pause survives
  c->advance(5min);
  CHECK(c->count("step_failed") == 3);
  c->card_about("step_stuck");
  puppet::plays = repeats;
  REQUIRE(c->decides().retry(run, c->now));
  c->settle();
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(c->state().cards.empty());
}

TEST_CASE("if_fails leads to a step, to the end, or to the operator; the step's own word counts before the workflow's") {
  company_of m;
  puppet::plays = [](const cue&) -> intents { return {give_up{"no"}}; };
  auto s = role_step();
  m.step("a", s).step("rescue", end_step("rescued"));
  auto& step = m.w().steps.front().value;
  SECTION("workflow: a step") {
    m.w().if_a_step_fails = "rescue";
    started c(m);
    CHECK(c->outcome_of(c->run("w")) == "finished: rescued");
  }
  SECTION("step: stop") {
    m.w().if_a_step_fails = "rescue";
    step.if_fails = "stop";
    started c(m);
    CHECK(c->outcome_of(c->run("w")) == "failed: The role 'worker' gave up: no");
  }
  SECTION("nobody says: a card") {
    started c(m);
    const auto run = c->run("w");
    const auto card = c->card_about("step_stuck");
    CHECK(c->state().cards.at(card).said.text == "The role 'worker' gave up: no");
    CHECK(!c->decides().retry("run-9", c->now));
    puppet::plays = repeats;
    REQUIRE(c->decides().retry(run, c->now));
    c->settle();
    CHECK(c->outcome_of(run) == "finished: rescued");
    CHECK(!c->decides().retry(run, c->now));
  }
}

TEST_CASE("a run that is paused between two steps goes on where it would have gone, also after a restart") {
  const auto restart = GENERATE(false, true);
  company_of m;
  SECTION("to the step of if_fails") {
    puppet::plays = [](const cue& q) -> intents {
      if (q.text == "bad") return {give_up{"no"}};
      return {done()};
    };
    auto s = role_step(object{{"text", "bad"}});
    s.if_fails = "rescue";
    m.step("a", s).step("b", end_step("wrong")).step("rescue", end_step("right"));
    started c(m);
    c->frozen = true;
    const auto run = c->run("w");
    REQUIRE(c->decides().pause("run", run, "", c->now));
    c->frozen = false;
    c->settle();
    CHECK(c->outcome_of(run) == "open");
    if (restart) c->start();
    REQUIRE(c->decides().resume("run", run, c->now));
    c->settle();
    CHECK(c->outcome_of(run) == "finished: right");
  }
  SECTION("to the step of a rejection") {
    auto s = effect_step("test.neither", object{{"text", "x"}}, true);
    s.if_fails = "rescue";
    m.step("a", s).step("b", end_step("wrong")).step("rescue", end_step("right"));
    started c(m);
    const auto run = c->run("w");
    REQUIRE(c->decides().pause("company", "", "", c->now));
    REQUIRE(c->decides().reject(c->question(), "no", c->now));
    c->settle();
    CHECK(c->outcome_of(run) == "open");
    if (restart) c->start();
    REQUIRE(c->decides().resume("company", "", c->now));
    c->settle();
    CHECK(c->outcome_of(run) == "finished: right");
  }
  SECTION("to the step of if_late") {
    step_definition wait;
    wait.for_ = "mail_received";
    wait.at_most = "1h";
    wait.if_late = "late";
    m.step("wait", wait).step("b", end_step("wrong")).step("late", end_step("right"));
    started c(m);
    const auto run = c->run("w");
    REQUIRE(c->decides().pause("workflow", "w", "", c->now));
    c->advance(2h);
    CHECK(c->outcome_of(run) == "open");
    if (restart) c->start();
    c->advance(1min);
    REQUIRE(c->decides().resume("workflow", "w", c->now));
    c->settle();
    c->advance(1min);
    CHECK(c->outcome_of(run) == "finished: right");
  }
}

TEST_CASE("a stepwise run stops before each step and each effect until it is let on, also across a restart") {
  company_of m;
  m.step("a", role_step()).step("b", effect_step("test.neither"));
  started c(m);
  const auto run = c->run("w", object{}, true);
  CHECK(c->count("turn_taken") == 0);
  CHECK(c->state().runs.at(run).held_before == "a");
  c->start();
  CHECK(c->count("turn_taken") == 0);
  REQUIRE(c->decides().step_on(run, c->now));
  c->settle();
  CHECK(c->count("turn_taken") == 1);
  CHECK(c->state().runs.at(run).held_before == "b");
  REQUIRE(c->decides().step_on(run, c->now));
  c->settle();
  CHECK(c->state().runs.at(run).held_before == "eff-1");
  c->start();
  CHECK(c->works->ledger.empty());
  REQUIRE(c->decides().step_on(run, c->now));
  c->settle();
  CHECK(c->works->done().size() == 1);
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(!c->decides().step_on(run, c->now));
}

TEST_CASE("a stepwise run stops before each of two effects that an agent proposed at once") {
  company_of m;
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {propose_effect{"test.neither", object{{"text", "a"}}, "why", {}, "1"}, propose_effect{"test.neither", object{{"text", "b"}}, "why", {}, "2"}};
    if (q.turn == 1) return {};
    return {done()};
  };
  m.step("a", role_step());
  started c(m);
  const auto run = c->run("w", object{}, true);
  for (int i = 0; i < 3; ++i) {
    CHECK(c->works->ledger.size() == std::size_t(std::max(0, i - 1)));
    REQUIRE(c->decides().step_on(run, c->now));
    c->settle();
  }
  CHECK(c->works->done().size() == 2);
  CHECK(c->outcome_of(run) == "finished: done");
}

}  // namespace steward::test
