#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

company_of one() {
  company_of m;
  m.step("a", role_step(object{{"text", "x"}}, "got"));
  return m;
}

struct note {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))

/// Gives a note; what it really gives is the test's choice.
class noter {
public:
  static constexpr auto name = "noter";
  static constexpr int version = 1;
  using takes = note;
  using gives = note;
  using handles = events<step_started<note>>;
  struct state {
    BOOST_DESCRIBE_CLASS(state, (), (), (), ())
  };
  static inline json given;
  intents on(state&, const step_started<note>&) const { return {test::done(given)}; }
};

/// The puppet of the next release.
class puppet2 : public puppet {
public:
  static constexpr int version = 2;
};

std::vector<std::string> kinds(const small_company& c) {
  std::vector<std::string> all;
  for (const auto& [_, e] : c.disk()) all.emplace_back(event::kind_of(e));
  return all;
}

}  // namespace

TEST_CASE("an agent that throws once is given the event again, and the attempt is on disk before that") {
  auto m = one();
  int given = 0;
  puppet::plays = [&](const cue&) -> intents {
    if (++given == 1) throw std::runtime_error("the template has no hole {{name}}");
    return {done()};
  };
  started c(m);
  c->frozen = true;
  c->run("w");
  c->frozen = false;
  c->step();
  CHECK(given == 1);
  CHECK(kinds(*c.operator->()).back() == "turn_retried");
  const auto& retried = std::get<event::turn_retried>(c->disk().back().second);
  CHECK(retried.attempt == 2);
  CHECK(retried.why.sentence.find("the template has no hole {{name}}") != std::string::npos);
  c->settle();
  CHECK(given == 1);  // not before a pause
  c->advance(1s);
  CHECK(given == 2);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("an event that faults its agent three times is parked with the sentence, and restarts can't hide it") {
  const auto restarts = GENERATE(0, 1, 2);
  auto m = one();
  int given = 0;
  puppet::plays = [&](const cue&) -> intents {
    ++given;
    throw std::runtime_error("division by zero");
  };
  started c(m);
  c->run("w");
  for (int i = 0; i < restarts; ++i) {
    c->start();
    c->advance(1h);
  }
  c->advance(1h);
  CHECK(given <= 3);
  CHECK(given >= 2);  // a crash while nobody knows whether the agent was at it counts too
  CHECK(c->count("event_parked") == 1);
  const auto card = c->card_about("event_parked");
  CHECK(c->state().cards.at(card).said.text.find("division by zero") != std::string::npos);
  puppet::plays = repeats;
  REQUIRE(c->decides().retry("run-1", c->now));
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("an event whose handling kills the engine is parked at the third death") {
  auto m = one();
  started c(m);
  c->frozen = true;
  c->run("w");
  int deaths = 0;
  for (; deaths < 10 && c->count("event_parked") == 0; ++deaths) {
    c->start();
    c->advance(1s);
  }
  CHECK(deaths == 3);
  c->card_about("event_parked");
}

TEST_CASE("an event that only waited through crashes and stops is not to blame for them") {
  const auto clean = GENERATE(false, true);
  auto m = one();
  started c(m);
  REQUIRE(c->decides().pause("role", "worker", "", c->now));
  c->run("w");
  for (int i = 0; i < 5; ++i) {
    if (clean) {
      c->decides().stop_cleanly(c->now);
      c->settle();
    }
    c->start();
    c->advance(1min);
  }
  CHECK(c->count("turn_retried") == 0);
  REQUIRE(c->decides().resume("role", "worker", c->now));
  c->settle();
  c->advance(1s);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("an engine that was asked to stop counts no attempt") {
  auto m = one();
  started c(m);
  c->frozen = true;
  c->run("w");
  for (int i = 0; i < 5; ++i) {
    c->decides().stop_cleanly(c->now);
    c->settle();
    c->start();
  }
  c->frozen = false;
  c->settle();
  CHECK(c->count("turn_retried") == 0);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a handler that hangs parks its event at once") {
  auto m = one();
  started c(m);
  c->frozen = true;
  c->run("w");
  c->errands_.clear();
  turn_report hung{"run-1/a.1", c->state().instances.at("run-1/a.1").pending.front().seq, 1, 1, 0, {}, {}, {}, fault{fault_kind::process, "handler_hung", "It took longer than 10s"}};
  c->decides().on_turn(hung, c->now);
  c->frozen = false;
  c->settle();
  CHECK(c->state().cards.at(c->card_about("event_parked")).said.text.find("longer than 10s") != std::string::npos);
  CHECK(c->decides().at_work("worker") == 0);
}

TEST_CASE("a logic fault stops the step at once: an agent that waits for nothing, that answers wrongly, that gives up") {
  company_of m;
  m.m.roles["noter"] = m.role();
  m.m.roles["noter"].role = "noter";
  m.m.roles["noter"].agent = "noter";
  std::string expected;
  SECTION("waits for nothing") {
    m.step("a", role_step());
    puppet::plays = [](const cue&) -> intents { return {}; };
    expected = "it would wait for ever";
  }
  SECTION("remembers, and waits for nothing") {
    m.step("a", role_step());
    puppet::plays = [](const cue&) -> intents { return {remember{"company", "", "x"}}; };
    expected = "it would wait for ever";
  }
  SECTION("answers wrongly") {
    auto s = role_step();
    s.role = "noter";
    m.step("a", s);
    noter::given = object{{"text", 3}};
    expected = "result of run-1/a.1";
  }
  SECTION("gets the wrong input") {
    auto s = role_step(object{{"text", 3}});
    s.role = "noter";
    m.step("a", s);
    expected = "a.with";
  }
  small_company c(m);
  c.with_agent<puppet>().with_agent<noter>().start();
  c.run("w");
  c.advance(1h);
  CHECK(c.count("turn_taken") == 0);
  CHECK(c.count("turn_retried") == 0);
  CHECK(c.count("memory_added") == 0);
  CHECK(c.state().cards.at(c.card_about("step_stuck")).said.text.find(expected) != std::string::npos);
}

TEST_CASE("a report of a turn that was given up, of an agent that is gone, or twice, changes nothing") {
  auto m = one();
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {ask_operator{"?", {}, {}, "t"}};
    return {done()};
  };
  started c(m);
  c->frozen = true;
  c->run("w");
  c->frozen = false;
  const auto seq = c->state().instances.at("run-1/a.1").pending.front().seq;
  turn_report report{"run-1/a.1", seq, 2, 1, 0, {}, {done()}, object{}, {}};
  c->decides().on_turn(report, c->now);  // an attempt that never was
  report.attempt = 1;
  report.instance = "run-9/a.1";
  c->decides().on_turn(report, c->now);
  CHECK(c->count("turn_taken") == 0);
  c->settle();
  CHECK(c->count("turn_taken") == 1);
  report.instance = "run-1/a.1";
  c->decides().on_turn(report, c->now);
  c->decides().on_turn(report, c->now);
  c->settle();
  CHECK(c->count("turn_taken") == 1);
  CHECK(c->outcome_of("run-1") == "open");
}

TEST_CASE("answers come once: a second one to the same question, or one that nobody asked for, changes nothing") {
  auto m = one();
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {recall{"company", {}, {}, 5, "m"}, ask_operator{"?", {}, {}, "t"}};
    if (q.turn == 1) return {};
    return {done()};
  };
  started c(m);
  c->run("w");
  CHECK(c->count("memory_recalled") == 1);
  c->decides().on_recalled("run-1/a.1", "m", {}, c->now);
  c->decides().on_recalled("run-1/a.1", "other", {}, c->now);
  c->settle();
  CHECK(c->count("memory_recalled") == 1);
}

TEST_CASE("questions that were open when the engine died are asked again") {
  auto m = one();
  puppet::plays = [&](const cue& q) -> intents {
    if (q.turn == 0) return {recall{"company", {}, {}, 5, "m"}, look_up{"test.read_only", object{{"text", "x"}}, "l"}, wake_at{time_point{std::chrono::sys_days{2026y / 11 / 24}}, "w"}, ask_model{}};
    if (q.turn < 4) return {};
    return {done()};
  };
  started c(m);
  c->frozen = true;
  c->run("w");
  c->frozen = false;
  c->step();
  c->start();
  CHECK(c->state().instances.at("run-1/a.1").turns->size() == 4);
  c->start();
  c->advance(24h);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->model->asked == 1);
}

TEST_CASE("an agent that says something else at replay is stopped, and the card names the event") {
  auto m = one();
  bool changed = false;
  puppet::plays = [&](const cue& q) -> intents {
    if (q.turn == 0) return {ask_operator{changed ? "Really?" : "?", {}, {}, "t"}};
    return {done()};
  };
  started c(m);
  c->run("w");
  changed = true;
  c->start();
  REQUIRE(c->decides().answer(c->card_about("question"), "yes", c->now));
  c->settle();
  const auto text = c->state().cards.at(c->card_about("step_stuck")).said.text;
  const auto event = c->state().runs.at("run-1").here->began;
  CHECK(text.find("at event " + std::to_string(event) + " (step_started) the agent now says ask_operator") != std::string::npos);
  CHECK(c->state().runs.at("run-1").here->trouble->code == "replay_diverged");
}

TEST_CASE("a new version of an agent goes on from its snapshot, and says so on disk") {
  auto m = one();
  bool second = false;
  puppet::plays = [&](const cue& q) -> intents {
    if (q.turn == 0) return {ask_operator{second ? "Really?" : "?", {}, {}, "t"}};
    return {done(object{{"text", q.text + " " + std::to_string(q.turn)}})};
  };
  started c(m);
  c->run("w");
  second = true;
  c->with_agent<puppet2>().start();
  REQUIRE(c->decides().answer(c->card_about("question"), "yes", c->now));
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->count("agent_upgraded") == 1);
  CHECK(text_at(std::get<event::run_finished>(c->disk().back().second).result, "text") == "x 1");
}

TEST_CASE("snapshots cost no more than what was said since the last one") {
  company_of m;
  m.step("a", role_step(object{{"text", std::string(2000, 'x')}}));
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 100) return {done()};
    return {recall{"company", {}, {}, 5, "m" + std::to_string(q.turn)}};
  };
  started c(m);
  c->fold_checks_each = 50;
  c->run("w");
  std::size_t snapshots = 0, bytes = 0, said = 0;
  for (const auto& [_, e] : c->disk())
    if (const auto* t = std::get_if<event::turn_taken>(&e)) {
      snapshots += t->state.has_value();
      if (t->state) bytes += canonical(*t->state).size();
    } else {
      said += event::body_text(e).size();
    }
  CHECK(c->count("turn_taken") == 101);
  CHECK(snapshots >= 2);
  CHECK(bytes <= said);
  c->start();
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a role that is paused, or whose supervisor gave up, gets no events until it is resumed") {
  const auto gave_up = GENERATE(false, true);
  auto m = one();
  started c(m);
  if (gave_up) c->decides().on_child_ended("roles/worker.1", fault{fault_kind::process, "agent_threw", "boom"}, true, c->now);
  else REQUIRE(c->decides().pause("role", "worker", "", c->now));
  c->run("w");
  c->start();
  c->advance(1h);
  CHECK(c->count("turn_taken") == 0);
  CHECK(c->cards("role_stopped") == (gave_up ? 1 : 0));
  REQUIRE(c->decides().resume("role", "worker", c->now));
  c->settle();
  c->advance(1s);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->state().cards.empty());
}

TEST_CASE("a role that says `then: stop` ends the run as failed, with one card that only informs") {
  const auto says_stop = GENERATE(true, false);
  auto m = one();
  m.role().when_it_fails = failure_definition{"on_crash", "3 in 10m", says_stop ? "stop" : "ask_operator"};
  m.w().if_a_step_fails = "ask_operator";
  SECTION("its step fails for good") {
    puppet::plays = [](const cue&) -> intents { return {give_up{"there is nothing to say"}}; };
    SECTION("nobody says otherwise") {
      started c(m);
      c->run("w");
      CHECK(c->outcome_of("run-1") == (says_stop ? "failed: The role 'worker' gave up: there is nothing to say" : "open"));
      CHECK(c->cards("run_failed") == (says_stop ? 1 : 0));
      CHECK(c->cards("step_stuck") == (says_stop ? 0 : 1));
      if (!says_stop) return;
      c->start();
      REQUIRE(c->decides().answer(c->card_about("run_failed"), "seen", c->now));
      c->settle();
      CHECK(c->state().cards.empty());
    }
    SECTION("the step's own word counts before its role's") {
      m.w().steps.front().value.if_fails = "ask_operator";
      started c(m);
      c->run("w");
      CHECK(c->outcome_of("run-1") == "open");
      CHECK(c->cards("step_stuck") == 1);
    }
  }
  SECTION("it was stopped beyond its window") {
    puppet::plays = [](const cue& q) -> intents { return q.turn == 0 ? intents{ask_operator{"Well?", {}, {}, "t"}} : intents{done()}; };
    started c(m);
    c->run("w");
    c->decides().on_child_ended("roles/worker.1", fault{fault_kind::process, "agent_threw", "boom"}, true, c->now);
    c->settle();
    c->run("w");  // a step that begins while it is stopped
    CHECK(c->state().runs.size() == (says_stop ? 0 : 2));
    CHECK(c->cards("role_stopped") == 1);
    CHECK(c->cards("run_failed") == 0);  // that card says it already
    if (!says_stop) return;
    CHECK(c->state().cards.at(c->card_about("role_stopped")).said.text.find("ends as failed: run-1") != std::string::npos);
    REQUIRE(c->decides().resume("role", "worker", c->now));
    c->settle();
    c->run("w");
    CHECK(c->outcome_of("run-3") == "open");
  }
}

TEST_CASE("a named prompt without a schema of its own is answered in the role's") {
  auto m = one();
  m.role().model->answer = "schemas/a.json";
  m.m.schemas["schemas/a.json"] = object{{"type", "object"}, {"required", {"text"}}};
  m.m.prompts["prompts/other.md"] = {"other", "draft", "Say it otherwise"};
  const auto own = GENERATE(false, true);
  puppet::plays = [own](const cue& q) -> intents {
    if (q.turn > 0) return {done()};
    ask_model ask;
    ask.prompt = "other";
    if (own) ask.answer = object{{"type", "object"}};
    return {ask};
  };
  started c(m);
  json schema;
  c->model->next = [&](const model_question& asked) -> result<model_reply> {
    schema = asked.answer_schema;
    CHECK(asked.asked.name == "other");
    return model_reply{"test", object{{"text", "x"}}, {}};
  };
  c->run("w");
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(canonical(schema) == (own ? R"({"type":"object"})" : R"({"required":["text"],"type":"object"})"));
}

TEST_CASE("an answer that does not fit the role's schema never reaches the agent, whatever its provider says") {
  auto m = one();
  m.role().model->answer = "schemas/a.json";
  m.m.schemas["schemas/a.json"] = object{{"type", "object"}, {"required", {"text"}}, {"properties", object{{"text", object{{"type", "string"}}}}}, {"additionalProperties", false}};
  m.w().steps.front().value.retry = retry_definition{0, {}, {}};
  const json answer = GENERATE(json(object{}), json(object{{"text", 7}}), json(object{{"text", "x"}, {"bcc", "y"}}), json("x"), json(nullptr));
  bool told = false;
  puppet::plays = [&](const cue& q) -> intents {
    if (q.turn == 0) return {ask_model{}};
    told = true;
    return {done()};
  };
  started c(m);
  c->model->next = [&](const model_question&) -> result<model_reply> { return model_reply{"far/1", answer, {}}; };
  c->run("w");
  CAPTURE(answer);
  CHECK_FALSE(told);
  CHECK(c->model->asked == 1);
  CHECK(c->outcome_of("run-1") == "open");
  const auto& card = c->state().cards.at(c->card_about("step_stuck")).said;
  CHECK(card.text.find("far/1: its answer") != card.text.npos);
}

TEST_CASE("a schema that is none costs no call") {
  auto m = one();
  m.w().steps.front().value.retry = retry_definition{0, {}, {}};
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn > 0) return {done()};
    ask_model ask;
    ask.answer = object{{"type", "sentence"}};
    return {ask};
  };
  started c(m);
  c->run("w");
  CHECK(c->model->asked == 0);
  CHECK(c->outcome_of("run-1") == "open");
}

TEST_CASE("what an agent learns from outside marks what it does after that") {
  auto rule = std::make_shared<turning_rule>();
  labels seen = 0;
  rule->says = [&](const policy_question& q) -> std::optional<ruling> {
    seen = q.data_labels;
    return {};
  };
  auto m = one();
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {recall{"company", {}, {}, 5, "m"}};
    if (q.turn == 1) return {propose_effect{"test.neither", object{{"text", "x"}}, "why", {}, "t"}};
    return {done()};
  };
  started c(m, {rule});
  c->memory = {memory_item{"mem-1", "company", "", "a mail said", "mailbox:1", 1, 0.5, {}, label_untrusted}};
  c->run("w");
  CHECK(seen == label_untrusted);
}

}  // namespace steward::test
