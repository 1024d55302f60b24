#include "tests/coordination/puppet.hpp"

namespace steward::test {
TEST_CASE("an effect that is answered is done once, whatever its class, and whether or not the engine dies before the answer is heard") {
  const auto action = GENERATE(as<std::string>{}, "test.read_only", "test.keyed", "test.queryable", "test.neither");
  const auto crash = GENERATE(false, true);
  CAPTURE(action, crash);
  company_of m;
  m.step("act", effect_step(action));
  started c(m);
  c->frozen = crash;
  c->run("w");
  if (crash) {
    c->frozen = false;
    c->act_and_crash();
    c->advance(1min);
  }
  if (action == "test.neither" && crash) {
    CHECK(is_open(*c.operator->()));
    const auto card = c->card_about("effect_in_doubt");
    REQUIRE(c->decides().answer(card, "happened", c->now));
    c->settle();
  }
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->works->done().size() == (action == "test.read_only" ? 0 : 1));
  CHECK(c->state().cards.empty());
}

TEST_CASE("what was certainly not sent is tried again after growing pauses, five times, then it is parked until its connector answers") {
  const auto action = GENERATE(as<std::string>{}, "test.read_only", "test.keyed", "test.queryable", "test.neither");
  company_of m;
  m.step("act", effect_step(action));
  started c(m);
  std::vector<time_point> tries;
  c->works->next = [&](const request&) { tries.push_back(c->now); return not_sent(); };
  c->run("w");
  c->advance(50s);
  REQUIRE(tries.size() == 5);
  CHECK(tries[1] - tries[0] == 2s);
  CHECK(tries[4] - tries[3] >= 16s);
  c->card_about("breaker");
  CHECK(c->cards("step_stuck") == 0);
  CHECK(c->works->ledger.empty());
  c->works->next = nullptr;
  c->advance(1h);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a retry's pause survives a restart, and the answer to a try that was given up is ignored") {
  company_of m;
  m.step("act", effect_step("test.neither"));
  started c(m);
  c->works->next = [](const request&) { return not_sent(); };
  c->run("w");
  c->works->next = nullptr;
  c->start();
  c->decides().on_effect("eff-1", 1, outcome{outcome_kind::confirmed, {}, "late", {}, {}}, false, c->now);
  c->settle();
  CHECK(is_open(*c.operator->()));
  CHECK(c->works->ledger.empty());
  c->advance(2s);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("a refusal is final: the step fails, and a retry by the operator tries anew") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  c->works->next = [](const request&) { return no(); };
  c->run("w");
  c->advance(1h);
  CHECK(c->count("effect_dispatched") == 1);
  const auto card = c->card_about("step_stuck");
  CHECK(c->state().cards.at(card).said.text.find("refused") != std::string::npos);
  c->works->next = nullptr;
  REQUIRE(c->decides().retry("run-1", c->now));
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
}

namespace {

/// A page, then a mail to each of three who read it.
company_of page_and_mails(bool asks) {
  company_of m;
  step_definition s;
  effect_definition page{"test.keyed", object{{"text", "page"}}, {}, {}, "none"};
  effect_definition mail{"test.queryable", object{{"to", "${who}"}, {"text", "mail"}}, {{"who", "${input.readers}"}}, {}, "none"};
  s.effects = {page, mail};
  s.gives = "sent";
  if (asks) s.ask = approval_definition{};
  m.step("publish", s);
  return m;
}
const json three = object{{"readers", {"a", "b", "c"}}};

}  // namespace

TEST_CASE("the effects of a step leave one after the other, the page before the mails that announce it") {
  auto m = page_and_mails(false);
  started c(m);
  c->frozen = true;
  c->run("w", three);
  c->frozen = false;
  for (std::size_t left = 1; left <= 4; ++left) {
    CHECK(std::count_if(c->errands_.begin(), c->errands_.end(), [](const errand& o) { return std::holds_alternative<perform_effect>(o); }) == 1);
    REQUIRE(c->step());
    CHECK(c->works->ledger.size() == left);
  }
  CHECK(c->works->done() == std::vector<std::string>{R"({"text":"page"})", R"({"text":"mail","to":"a"})", R"({"text":"mail","to":"b"})", R"({"text":"mail","to":"c"})"});
  const auto result = std::get<event::run_finished>(c->disk().back().second).result;
  CHECK(result.as_array().size() == 4);
}

TEST_CASE("mails do not announce a page that could not be published, and a question about them is taken back") {
  const auto asks = GENERATE(false, true);
  const auto how = GENERATE(1, 2, 3);
  auto m = page_and_mails(asks);
  auto rule = std::make_shared<turning_rule>();
  started c(m, {rule});
  if (how == 3)
    rule->says = [](const policy_question& q) { return q.action.name == "test.keyed" ? std::optional(ruling{"turning", verdict::deny, "no pages today"}) : std::nullopt; };
  c->works->next = [&](const request& r) { return r.action == "test.keyed" ? how == 1 ? no() : not_sent() : yes(); };
  c->run("w", three);
  if (asks && how < 3) c->approve();
  c->advance(1h);
  CHECK(c->works->ledger.empty());
  c->card_about(how == 2 ? "breaker" : "step_stuck");  // 2: the connector does not answer, so the page is parked and the mails behind it
  CHECK(c->state().cards.size() == 1);
}

TEST_CASE("a step that is tried again does only what is still to be done") {
  const auto asks = GENERATE(false, true);
  auto m = page_and_mails(asks);
  m.w().steps.front().value.effects.push_back({"test.neither", object{{"text", "last"}}, {}, {}, "none"});
  started c(m);
  c->works->next = [](const request& r) { return r.action == "test.neither" ? no() : yes(); };
  c->run("w", three);
  if (asks) c->approve();
  CHECK(c->works->ledger.size() == 4);
  c->works->next = nullptr;
  c->start();
  REQUIRE(c->decides().retry("run-1", c->now));
  c->settle();
  if (asks) c->approve();
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->works->done().size() == 5);
  const auto result = std::get<event::run_finished>(c->disk().back().second).result;
  CHECK(result.as_array().size() == 5);
}

TEST_CASE("one reader who can't be reached does not keep the mail from the others, and a card says who missed it") {
  auto m = page_and_mails(false);
  started c(m);
  c->works->next = [](const request& r) { return r.recipients == std::vector<std::string>{"test:b"} ? no() : yes(); };
  c->run("w", three);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->works->done().size() == 3);
  const auto card = c->card_about("some_missed");  // it outlives its run
  CHECK(c->state().cards.at(card).said.title == "w: 1 of 4 did not get through in 'publish'");
  REQUIRE(c->decides().answer(card, "seen", c->now));
  c->settle();
  CHECK(c->state().cards.empty());
}

TEST_CASE("a breaker opens after five faults in a row, parks the work of all runs, lets one try, and lets all go when it is answered") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  int calls = 0;
  c->works->next = [&](const request&) { ++calls; return not_sent(); };
  for (int i = 0; i < 10; ++i) c->run("w");
  CHECK(calls == 5);
  CHECK(c->state().breakers.at("test").state == "open");
  CHECK(c->cards("breaker") == 1);
  c->advance(29s);
  CHECK(calls == 5);
  c->advance(1s);  // one probe, which fails: a longer rest
  CHECK(calls == 6);
  if (GENERATE(false, true)) c->start();
  CHECK(c->state().breakers.at("test").state == "open");
  c->advance(59s);
  CHECK(calls == 6);
  c->works->next = [&](const request&) { ++calls; return yes(); };
  c->advance(1min);
  CHECK(c->works->done().size() == 10);
  CHECK(c->state().breakers.empty());
  CHECK(c->state().runs.empty());
  CHECK(c->state().cards.empty());
}

TEST_CASE("a day without network uses up no effect: the one that tries for the others leaves when the network is back") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  int calls = 0;
  c->works->next = [&](const request&) { ++calls; return not_sent(); };
  const auto run = c->run("w");
  for (int hour = 0; hour < 24; ++hour) {
    c->advance(1h);
    if (hour == 12) c->start();
  }
  CHECK(calls > 10);
  CHECK(calls < 70);  // five, then one each half hour, and the shorter rests at the beginning and after the restart
  CHECK(c->outcome_of(run) == "open");
  c->works->next = nullptr;
  c->advance(1h);
  CHECK(c->outcome_of(run) == "finished: done");
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("an effect that fails while its provider answers others is used up after its tries") {
  company_of m;
  m.step("act", effect_step("test.keyed", object{{"text", "${input.text}"}}));
  started c(m);
  c->works->next = [&](const request& r) { return r.bytes.find("poison") == std::string::npos ? yes() : not_sent(); };
  const auto poison = c->run("w", object{{"text", "poison"}});
  for (int i = 0; i < 40; ++i) {
    c->run("w", object{{"text", "good " + std::to_string(i)}});
    c->advance(10s);
  }
  CHECK(c->state().cards.contains(c->card_about("step_stuck")));
  CHECK(c->works->done().size() == 40);
}

TEST_CASE("a look-up that says 'not there' is an answer, not an outage") {
  company_of m;
  m.step("act", effect_step("test.queryable"));
  started c(m);
  int calls = 0;
  c->works->next = [&](const request&) { return ++calls % 2 == 1 ? lost() : yes(); };
  for (int i = 0; i < 12; ++i) {
    c->run("w");
    c->advance(2s);
  }
  CHECK(c->works->done().size() == 12);
  CHECK(c->state().breakers.empty());
}

TEST_CASE("no more leave in a minute than the provider allows, also across a restart") {
  auto m = page_and_mails(false);
  started c(m);
  for (auto& a : c->works->changes().actions) a.per_minute = 2;
  c->start();
  c->run("w", three);
  CHECK(c->works->ledger.size() == 3);  // the page, and two mails
  c->start();
  c->advance(59s);
  CHECK(c->works->ledger.size() == 3);
  c->advance(1s);
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->works->done().size() == 4);
}

TEST_CASE("a step with a time limit waits for what may have left, and never does it twice") {
  company_of m;
  auto s = effect_step("test.neither");
  s.within = 1min;
  m.step("act", s);
  started c(m);
  c->works->happens_anyway = true;
  c->works->next = [](const request&) { return lost(); };
  c->run("w");
  c->works->next = nullptr;
  c->advance(24h);
  CHECK(c->works->done().size() == 1);
  CHECK(c->count("step_failed") == 0);
  REQUIRE(c->decides().answer(c->card_about("effect_in_doubt"), "happened", c->now));
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a role step that did something outside is not tried again by itself") {
  company_of m;
  auto s = role_step();
  s.within = 1h;
  m.step("act", s);
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {propose_effect{"test.neither", object{{"text", "once"}}, "why", {}, "t"}};
    return {ask_operator{"And now?"}};
  };
  started c(m);
  c->run("w");
  CHECK(c->works->done().size() == 1);
  c->advance(24h);
  CHECK(c->works->done().size() == 1);
  CHECK(c->state().cards.at(c->card_about("step_stuck")).said.text.find("done something outside already") != std::string::npos);
}

TEST_CASE("what an agent proposed does not leave after its step failed") {
  company_of m;
  m.role().may_do["test.neither"] = autonomy::ask;
  auto s = role_step();
  s.if_fails = "later";
  m.step("act", s).step("later", timer(100h));
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {propose_effect{"test.neither", object{{"text", "x"}}, "why", {}, "t"}, ask_operator{"?", {}, {}, "q"}};
    return {give_up{"no"}};
  };
  started c(m);
  c->run("w");
  const auto question = c->question();
  REQUIRE(c->decides().answer(c->card_about("question"), "go", c->now));
  c->settle();
  CHECK(c->cards("approval") == 0);
  CHECK(!c->decides().approve(question, "", c->now));
  c->settle();
  CHECK(c->works->ledger.empty());
}

TEST_CASE("an effect's key is the same when a lost turn is taken again, and another for each effect") {
  company_of m;
  m.step("a", effect_step("test.queryable")).step("b", effect_step("test.queryable"));
  started c(m);
  c->run("w");
  c->run("w");
  CHECK(c->works->done().size() == 4);
}

TEST_CASE("a run that is stopped while an effect is leaving records that nobody heard whether it happened") {
  company_of m;
  m.step("act", effect_step("test.neither"));
  started c(m);
  c->frozen = true;
  c->run("w");
  REQUIRE(c->decides().stop_run("run-1", c->now));
  c->frozen = false;
  c->settle();
  CHECK(c->outcome_of("run-1") == "stopped: the operator stopped it");
  CHECK(c->count("effect_settled") == 1);
  CHECK(c->works->done().size() == 1);
  CHECK(c->state().effects.empty());
}

TEST_CASE("an agent hears how each of its effects ended") {
  const auto [rung, how] = GENERATE(table<std::optional<autonomy>, std::string>({{autonomy::act, "confirmed"}, {autonomy::shadow, "shadowed"}, {std::nullopt, "denied"}}));
  company_of m;
  m.role().may_do.erase("test.neither");
  if (rung) m.role().may_do["test.neither"] = *rung;
  m.step("act", role_step());
  std::string heard;
  puppet::plays = [&](const cue& q) -> intents {
    if (q.turn == 0) return {propose_effect{"test.neither", object{{"text", "x"}}, "why", {}, "t"}};
    heard = text_at(q.body, "how");
    return {done()};
  };
  started c(m);
  c->run("w");
  CHECK(heard == how);
  CHECK(c->works->ledger.size() == (how == "confirmed" ? 1 : 0));
}

}  // namespace steward::test
