#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

company_of asks(std::optional<duration> expires_in = {}, std::optional<std::string> if_expired = {}) {
  company_of m;
  auto s = effect_step("test.queryable", object{{"to", "ada"}, {"text", "hello"}}, true);
  s.ask->expires_in = expires_in;
  s.ask->if_expired = std::move(if_expired);
  s.ask->shows = {"input"};
  m.step("send", s);
  return m;
}

}  // namespace

TEST_CASE("one approval covers the step's effects in their order, bound to the digest of each") {
  company_of m;
  step_definition s;
  s.effects = {{"test.keyed", object{{"text", "page"}}, {}, {}, "none"}, {"test.queryable", object{{"to", "${who}"}, {"text", "mail"}}, {{"who", "${input.readers}"}}, {}, "none"}};
  s.ask = approval_definition{};
  m.step("publish", s);
  started c(m);
  c->run("w", object{{"readers", {"a", "b"}}});
  REQUIRE(c->state().approvals.size() == 1);
  const auto asked = c->state().approvals.begin()->second.said;
  REQUIRE(asked.effects.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& e = c->state().effects.at(asked.effects[i]);
    CHECK(asked.digests[i] == effect_digest(e.said.prepared));
  }
  CHECK(c->state().cards.at(c->card_about("approval")).said.title == "test.keyed to nobody (and 2 more)");
  c->frozen = true;
  REQUIRE(c->decides().approve(asked.approval, "", c->now));
  CHECK(!c->decides().approve(asked.approval, "", c->now));
  CHECK(!c->decides().reject(asked.approval, "", c->now));
  CHECK(!c->decides().modify(asked.approval, asked.effects[1], object{{"text", "other"}}, c->now));
  c->frozen = false;
  for (int i = 0; i < 3; ++i) c->step();
  CHECK(c->works->done().size() == 3);
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a decision is used once: every approval in the journal is consumed by one dispatch of each digest at most") {
  auto m = asks();
  started c(m);
  c->works->next = [](const request&) { return answer{false, false, true, "unreachable", {}}; };
  c->run("w");
  c->approve();
  c->works->next = nullptr;
  c->advance(1h);
  std::size_t consumed = 0;
  for (const auto& [_, e] : c->disk())
    if (const auto* d = std::get_if<event::effect_dispatched>(&e)) consumed += d->approval.has_value();
  CHECK(c->count("effect_dispatched") == 2);
  CHECK(consumed == 1);
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("a change is validated, judged and digested again, and the question stays open") {
  auto rule = std::make_shared<turning_rule>();
  rule->says = [](const policy_question& q) -> std::optional<ruling> {
    if (q.recipients == std::vector<std::string>{"test:eve"}) return ruling{"turning", verdict::deny, "eve must not be written to"};
    return {};
  };
  auto m = asks();
  started c(m, {rule});
  c->run("w");
  const auto id = c->question();
  const auto digest = c->state().approvals.at(id).said.digests.front();
  CHECK(!c->decides().modify(id, "", object{{"to", "eve"}}, c->now));
  CHECK(!c->decides().modify(id, "", object{{"to", 3}}, c->now));
  CHECK(!c->decides().modify(id, "", object{{"too", "bob"}}, c->now));
  CHECK(!c->decides().modify(id, "", object{}, c->now));
  CHECK(!c->decides().modify(id, "eff-9", object{{"to", "bob"}}, c->now));
  CHECK(c->count("effect_modified") == 0);
  REQUIRE(c->decides().modify(id, "", object{{"to", "bob"}}, c->now));
  c->settle();
  CHECK(c->works->ledger.empty());
  CHECK(c->question() == id);
  CHECK(c->state().approvals.at(id).said.digests.front() != digest);
  c->start();
  c->approve();
  CHECK(c->works->done() == std::vector<std::string>{R"({"text":"hello","to":"bob"})"});
}

TEST_CASE("a question about several effects wants to know which one is to be changed") {
  company_of m;
  auto s = effect_step("test.queryable", object{{"to", "${who}"}}, true);
  s.for_each = {{"who", "${input.readers}"}};
  m.step("send", s);
  started c(m);
  c->run("w", object{{"readers", {"a", "b"}}});
  CHECK(!c->decides().modify(c->question(), "", object{{"to", "c"}}, c->now));
  REQUIRE(c->decides().modify(c->question(), "eff-2", object{{"to", "c"}}, c->now));
  c->approve();
  CHECK(c->works->done() == std::vector<std::string>{R"({"to":"a"})", R"({"to":"c"})"});
}

TEST_CASE("a rejection ends the run or goes where if_rejected or if_fails says, and nothing leaves") {
  auto m = asks();
  SECTION("ends") {
    started c(m);
    c->run("w");
    REQUIRE(c->decides().reject(c->question(), "too early", c->now));
    c->settle();
    CHECK(c->outcome_of("run-1") == "finished: rejected");
    CHECK(c->works->ledger.empty());
    CHECK(c->state().cards.empty());
  }
  SECTION("if_rejected, whatever if_fails says") {
    m.w().steps.front().value.if_fails = "stop";
    m.w().steps.front().value.ask->if_rejected = "again";
    m.step("end", end_step("sent")).step("again", end_step("rewritten"));
    started c(m);
    c->run("w");
    c->start();
    REQUIRE(c->decides().reject(c->question(), "", c->now));
    c->settle();
    CHECK(c->outcome_of("run-1") == "finished: rewritten");
    CHECK(c->works->ledger.empty());
  }
  SECTION("if_fails") {
    m.w().steps.front().value.if_fails = "again";
    m.step("end", end_step("sent")).step("again", end_step("rewritten"));
    started c(m);
    c->run("w");
    c->start();
    REQUIRE(c->decides().reject(c->question(), "", c->now));
    c->settle();
    CHECK(c->outcome_of("run-1") == "finished: rewritten");
    CHECK(c->works->ledger.empty());
  }
}

TEST_CASE("nothing expires into yes: a question that nobody answers is discarded, goes to its step, or stays") {
  const auto [target, outcome] = GENERATE(table<std::optional<std::string>, std::string>(
      {{std::nullopt, "finished: discarded"}, {"discard", "finished: discarded"}, {"plan_b", "finished: plan b"}, {"ask_operator", "open"}}));
  const auto down = GENERATE(false, true);
  CAPTURE(target.value_or("-"), down);
  auto m = asks(24h, target);
  m.step("end", end_step("sent")).step("plan_b", end_step("plan b"));
  started c(m);
  c->run("w");
  c->advance(24h - 1us);
  CHECK(c->outcome_of("run-1") == "open");
  if (down) {
    c->now += 1h;
    c->start();
  }
  c->advance(2h);
  CHECK(c->outcome_of("run-1") == outcome);
  CHECK(c->works->ledger.empty());
  if (outcome == "open") {
    c->approve();
    CHECK(c->works->done().size() == 1);
  } else {
    CHECK(c->state().cards.empty());
    CHECK(!c->decides().approve("apr-1", "", c->now));
  }
}

TEST_CASE("what was approved while paused leaves on resuming, and not before, whatever is paused and across restarts") {
  const auto [scope, name] = GENERATE(table<std::string, std::string>({{"run", "run-1"}, {"workflow", "w"}, {"company", ""}}));
  auto m = asks();
  started c(m);
  c->run("w");
  REQUIRE(c->decides().pause(scope, name, "", c->now));
  c->approve();
  c->advance(1h);
  c->start();
  c->advance(1h);
  CHECK(c->works->ledger.empty());
  REQUIRE(c->decides().resume(scope, name, c->now));
  c->settle();
  CHECK(c->works->done().size() == 1);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a rule that was edited since the approval decides at the door") {
  auto rule = std::make_shared<turning_rule>();
  auto m = asks();
  started c(m, {rule});
  c->run("w");
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->approve();
  SECTION("deny") {
    rule->says = [](const policy_question&) { return ruling{"turning", verdict::deny, "ada asked not to be written to"}; };
    REQUIRE(c->decides().resume("company", "", c->now));
    c->settle();
    CHECK(c->works->ledger.empty());
    CHECK(c->state().cards.at(c->card_about("step_stuck")).said.text.find("ada asked not to be written to") != std::string::npos);
  }
  SECTION("shadow") {
    rule->says = [](const policy_question&) { return ruling{"turning", verdict::shadow, "only pretend"}; };
    REQUIRE(c->decides().resume("company", "", c->now));
    c->settle();
    CHECK(c->works->ledger.empty());
    CHECK(c->outcome_of("run-1") == "finished: done");
  }
  SECTION("ask: the approval that is there answers it") {
    rule->says = [](const policy_question&) { return ruling{"turning", verdict::ask, "better ask"}; };
    REQUIRE(c->decides().resume("company", "", c->now));
    c->settle();
    CHECK(c->works->done().size() == 1);
  }
}

TEST_CASE("a rule that asks since an effect was allowed gets its question before the effect leaves") {
  auto rule = std::make_shared<turning_rule>();
  company_of m;
  m.step("send", effect_step("test.neither"));
  started c(m, {rule});
  REQUIRE(c->decides().pause("run", "run-1", "", c->now).has_error());
  c->frozen = true;
  c->works->next = [](const request&) { return answer{false, false, true, "unreachable", {}}; };
  c->frozen = false;
  for (int i = 0; i < 5; ++i) c->run("w");  // the breaker is open now, so the next one is parked
  const auto run = c->run("w");
  CHECK(c->state().effects.at("eff-6").attempts == 0);
  rule->says = [](const policy_question&) { return ruling{"turning", verdict::ask, "better ask"}; };
  c->works->next = nullptr;
  c->advance(5min);
  CHECK(c->outcome_of(run) == "open");
  const auto& e = c->state().effects.at("eff-6");
  CHECK(e.state == effect_state::awaiting);
  c->approve();
  CHECK(c->outcome_of(run) == "finished: done");
}

TEST_CASE("bytes that are not those that were approved never leave") {
  auto m = asks();
  started c(m);
  c->run("w");
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->approve();
  c->tamper([](event::any& e) {
    if (auto* p = std::get_if<event::effect_proposed>(&e)) p->prepared.bytes += "!";
  });
  c->start();
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  CHECK(c->works->ledger.empty());
  CHECK(c->state().cards.at(c->card_about("step_stuck")).said.text.find("not those that were approved") != std::string::npos);
}

TEST_CASE("a pending approval is still there after every restart, and waits for weeks") {
  auto m = asks();
  started c(m);
  c->run("w");
  const auto id = c->question();
  for (int i = 0; i < 5; ++i) {
    c->start();
    c->advance(7 * 24h);
    CHECK(c->question() == id);
    CHECK(c->cards("approval") == 1);
  }
  c->approve();
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("the operator's time is not the step's") {
  auto m = asks();
  m.w().steps.front().value.within = 10min;
  started c(m);
  c->run("w");
  c->advance(5h);
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->approve();
  c->start();
  c->advance(5min);
  CHECK(c->count("step_failed") == 0);
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
}

// ---- the gate

TEST_CASE("each rung of a role says what becomes of its effect") {
  const auto rung = GENERATE(autonomy::shadow, autonomy::suggest, autonomy::ask, autonomy::act);
  company_of m;
  m.role().may_do["test.neither"] = rung;
  m.step("act", role_step());
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {propose_effect{"test.neither", object{{"text", "x"}}, "why", {}, "t"}};
    return {done()};
  };
  started c(m);
  c->run("w");
  CHECK(c->works->ledger.size() == (rung == autonomy::act ? 1 : 0));
  const bool asked = rung == autonomy::suggest || rung == autonomy::ask;
  REQUIRE(c->state().approvals.size() == (asked ? 1 : 0));
  if (!asked) return;
  CHECK(c->state().approvals.begin()->second.said.only_suggest == (rung == autonomy::suggest));
  c->start();
  c->approve();
  CHECK(c->works->done().size() == 1);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("each rung of the company says what becomes of a workflow's own effect; without one it asks") {
  const auto [rung, leaves, asks_first] = GENERATE(table<std::optional<autonomy>, bool, bool>(
      {{std::nullopt, false, true}, {autonomy::shadow, false, false}, {autonomy::suggest, false, true}, {autonomy::ask, false, true}, {autonomy::act, true, false}}));
  company_of m;
  m.m.company.may_do.clear();
  if (rung) m.m.company.may_do["test.neither"] = *rung;
  m.step("act", effect_step("test.neither"));
  started c(m);
  c->run("w");
  CHECK(c->works->ledger.size() == (leaves ? 1 : 0));
  CHECK(c->state().approvals.size() == (asks_first ? 1 : 0));
  if (!asks_first) CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("the strictest of rung and rules wins, save that a rule which allows takes the rung's question away, and a rule that fails asks") {
  const auto [rung, rule_says, expected] = GENERATE(table<autonomy, verdict, std::string>({{autonomy::act, verdict::allow, "leaves"},
                                                                                         {autonomy::act, verdict::ask, "asks"},
                                                                                         {autonomy::act, verdict::shadow, "nothing"},
                                                                                         {autonomy::act, verdict::deny, "nothing"},
                                                                                         {autonomy::ask, verdict::allow, "leaves"},
                                                                                         {autonomy::suggest, verdict::allow, "asks"},
                                                                                         {autonomy::ask, verdict::deny, "nothing"},
                                                                                         {autonomy::shadow, verdict::allow, "nothing"}}));
  const auto said = rule_says;
  auto rule = std::make_shared<turning_rule>();
  rule->says = [said](const policy_question&) { return ruling{"turning", said, "because"}; };
  company_of m;
  m.m.company.may_do["test.neither"] = rung;
  m.step("act", effect_step("test.neither"));
  started c(m, {rule});
  c->run("w");
  CHECK(c->works->ledger.size() == (expected == "leaves" ? 1 : 0));
  CHECK(c->cards("approval") == (expected == "asks" ? 1 : 0));
  rule->says = [](const policy_question&) -> std::optional<ruling> { throw std::runtime_error("no such field"); };
  if (rung == autonomy::act) {
    c->run("w");
    CHECK(c->question().starts_with("apr-"));
  }
}

TEST_CASE("a role knows only its scopes, looks up only what it may, and proposes only what it may") {
  company_of m;
  m.m.roles["worker"].may_do.erase("test.read_only");
  m.step("act", role_step(object{{"text", "x"}}, "got"));
  std::vector<intent> tries{recall{"secrets"}, remember{"secrets", "", "x"}, look_up{"test.read_only", object{}, "t"}, look_up{"test.neither", object{}, "t"}};
  for (const auto& wish : tries) {
    puppet::plays = [&](const cue&) -> intents { return {remember{"company", "", "kept?"}, wish, recall{"company"}}; };
    started c(m);
    c->run("w");
    CHECK(c->count("turn_taken") == 0);
    CHECK(c->count("memory_added") == 0);  // a refused turn leaves no trace, not even of what was in order
    CHECK(c->cards("step_stuck") == 1);
  }
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {propose_effect{"test.read_only", object{}, "why", {}, "t"}};
    return {done(q.body)};
  };
  started c(m);
  c->run("w");
  CHECK(text_at(std::get<event::run_finished>(c->disk().back().second).result, "how") == "denied");
}

TEST_CASE("a look-up waits behind a pause and behind an open breaker") {
  company_of m;
  m.step("act", role_step());
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {look_up{"test.read_only", object{{"text", "x"}}, "t"}};
    return {done()};
  };
  started c(m);
  int asked = 0;
  c->works->next = [&](const request&) { ++asked; return answer{false, true, false, "done", {}}; };
  c->frozen = true;
  c->run("w");
  REQUIRE(c->decides().pause("role", "worker", "", c->now));
  c->frozen = false;
  c->settle();
  c->start();
  c->advance(1h);
  CHECK(asked == 0);
  REQUIRE(c->decides().resume("role", "worker", c->now));
  c->settle();
  CHECK(asked == 1);
  CHECK(c->outcome_of("run-1") == "finished: done");
  c->works->next = [&](const request&) { ++asked; return answer{false, false, true, "unreachable", {}}; };
  for (int i = 0; i < 20; ++i) c->run("w");
  CHECK(asked == 6);  // five faults open the breaker; the others wait
}

}  // namespace steward::test
