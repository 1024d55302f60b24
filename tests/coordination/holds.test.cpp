#include "runtime/observation/views.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// A company whose action test.keyed is of this risk.
struct holding {
  started c;
  holding(const company_of& m, risk_kind risk = risk_kind::money, policy_catalog rules = {}) : c(m, std::move(rules)) {
    for (auto& action : c->works->changes().actions)
      if (action.name == "test.keyed") action.risk = risk;
    c->start();
  }
  small_company* operator->() { return &c.c; }
};

company_of pays(bool asks, std::optional<duration> hold = {}) {
  company_of m;
  auto s = effect_step("test.keyed", object{{"to", "ada"}}, asks);
  s.hold = hold;
  m.step("pay", s).step("end", end_step("paid"));
  return m;
}

std::optional<time_point> held(small_company& c) { return c.state().effects.at("eff-1").held_until; }

json seen(small_company& c, json asked) {
  auto book = action_book::make({c.works});
  REQUIRE(book);
  auto told = view(c.state(), c.manifests_, *book, asked, c.now);
  REQUIRE(told);
  return *told;
}

}  // namespace

TEST_CASE("what costs money, binds by law or is public is held after the decision, and leaves when its hold is over") {
  const auto [risk, length] = GENERATE(table<risk_kind, duration>({{risk_kind::money, 10min}, {risk_kind::legal, 10min}, {risk_kind::public_, 2min}}));
  const bool asked = GENERATE(true, false);
  CAPTURE(to_word(risk), asked);
  holding c(pays(asked), risk);
  c->run("w");
  if (asked) c->approve();
  CHECK(held(*c.operator->()) == c->now + length);
  CHECK(c->count("effect_held") == 1);
  c->advance(length - 1us);
  CHECK(c->works->ledger.empty());
  CHECK(c->count("effect_dispatched") == 0);
  c->advance(1us);
  CHECK(c->works->done().size() == 1);
  CHECK(c->outcome_of("run-1") == "finished: paid");
}

TEST_CASE("what only goes outside is not held, and 0s takes a hold away") {
  SECTION("outside") {
    holding c(pays(true), risk_kind::outside);
    c->run("w");
    c->approve();
    CHECK(c->works->done().size() == 1);
  }
  SECTION("0s") {
    auto m = pays(true);
    m.m.company.hold = hold_definition{duration{}, {}, {}};
    holding c(m);
    c->run("w");
    c->approve();
    CHECK(c->works->done().size() == 1);
    CHECK(c->count("effect_held") == 0);
  }
}

TEST_CASE("a hold that a step asks for lengthens the company's, also for what needs none") {
  const auto risk = GENERATE(risk_kind::money, risk_kind::outside);
  holding c(pays(false, 30min), risk);
  c->run("w");
  c->advance(30min - 1us);
  CHECK(c->works->ledger.empty());
  c->advance(1us);
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("a crash inside a hold keeps it: the effect leaves once, after it") {
  holding c(pays(true));
  c->run("w");
  c->approve();
  const auto until = held(*c.operator->());
  for (int i = 0; i < 3; ++i) {
    c->advance(3min);
    c->start();
    CHECK(held(*c.operator->()) == until);
    CHECK(c->works->ledger.empty());
  }
  CHECK(c->count("effect_held") == 1);
  c->advance(1min);
  CHECK(c->works->done().size() == 1);
  c->start();
  c->advance(1h);
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("an engine that was down when a hold ended lets the effect leave at its start") {
  holding c(pays(true));
  c->run("w");
  c->approve();
  c->now += 1h;
  c->start();
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("pause stops what is held from leaving, and the end of the pause lets it go") {
  holding c(pays(true));
  c->run("w");
  c->approve();
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->advance(1h);
  CHECK(c->works->ledger.empty());
  c->start();
  c->advance(1h);
  CHECK(c->works->ledger.empty());
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("rules and budget are asked again when a hold ends") {
  SECTION("a rule that denies by now") {
    auto rule = std::make_shared<turning_rule>();
    holding c(pays(true), risk_kind::money, {rule});
    c->run("w");
    c->approve();
    rule->says = [](const policy_question&) { return ruling{"turning", verdict::deny, "not today"}; };
    c->advance(1h);
    CHECK(c->works->ledger.empty());
    CHECK(c->count("effect_dropped") == 1);
  }
  SECTION("a budget that is used up by now") {
    auto m = pays(true);
    m.m.company.spend = spend_definition{{}, money{500'000'000, "EUR"}};
    holding c(m);
    for (auto& action : c->works->changes().actions)
      if (action.name == "test.keyed") action.cost = money{600'000'000, "EUR"};
    c->start();
    c->run("w");
    c->approve();
    CHECK(is_open(*c.operator->()));
    c->advance(1h);
    CHECK(c->works->ledger.empty());
    CHECK(c->state().runs.at("run-1").here->state == step_state::stuck);
  }
}

TEST_CASE("what is held is taken back with nothing sent, and the run goes on as after a rejection") {
  auto m = pays(true);
  m.w().steps.front().value.ask->if_rejected = "other";
  m.step("other", end_step("not paid"));
  holding c(m);
  c->run("w");
  c->approve();
  const auto no = c->decides().reject("apr-1", "", c->now);
  REQUIRE(!no);
  CHECK(no.error().advice.find("steward undo eff-1") != std::string::npos);
  const auto undone = c->decides().undo("eff-1", {}, c->now);
  REQUIRE(undone);
  CHECK(undone->run.empty());
  REQUIRE(undone->held.size() == 1);
  CHECK(undone->held.front().effect == "eff-1");
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: not paid");
  c->start();
  c->advance(24h);
  CHECK(c->works->ledger.empty());
  const auto again = c->decides().undo("eff-1", {}, c->now);
  REQUIRE(!again);
  CHECK(again.error().code == "effect_not_done");
}

TEST_CASE("taking a page back takes back the mails that announce it, and one of several mails alone") {
  company_of m;
  step_definition s;
  s.effects = {{"test.keyed", object{{"text", "page"}}, {}, {}, "none", {}}, {"test.queryable", object{{"to", "${who}"}}, {{"who", "${input.readers}"}}, {}, "none", 5min}};
  s.ask = approval_definition{};
  m.step("publish", s);
  holding c(m, risk_kind::public_);
  c->run("w", object{{"readers", {"a", "b"}}});
  c->approve();
  SECTION("the page") {
    const auto undone = c->decides().undo("eff-1", {}, c->now);
    REQUIRE(undone);
    CHECK(undone->held.size() == 3);
    c->advance(1h);
    CHECK(c->works->ledger.empty());
    CHECK(c->outcome_of("run-1") == "finished: rejected");
  }
  SECTION("one mail") {
    const auto undone = c->decides().undo("eff-2", {}, c->now);
    REQUIRE(undone);
    CHECK(undone->held.size() == 1);
    c->advance(1h);
    CHECK(c->works->done() == std::vector<std::string>{R"({"text":"page"})", R"({"to":"b"})"});
    CHECK(c->outcome_of("run-1") == "finished: done");
  }
}

TEST_CASE("one decision holds all of its effects for the same time, not one after the other") {
  company_of m;
  step_definition s;
  s.effects = {{"test.keyed", object{{"to", "${who}"}}, {{"who", "${input.readers}"}}, {}, "none", {}}};
  s.ask = approval_definition{};
  m.step("pay", s);
  holding c(m);
  c->run("w", object{{"readers", {"a", "b", "c"}}});
  c->approve();
  c->advance(10min);
  CHECK(c->works->done().size() == 3);
}

TEST_CASE("approve --now lets it leave at once, with the decision or after it, that one alone") {
  holding c(pays(true));
  c->run("w");
  SECTION("with the decision") {
    REQUIRE(c->decides().approve_at_once("apr-1", "", c->now));
    c->settle();
  }
  SECTION("after it") {
    c->approve();
    c->advance(1min);
    CHECK(c->works->ledger.empty());
    REQUIRE(c->decides().approve_at_once(GENERATE(as<std::string>{}, "apr-1", "eff-1"), "", c->now));
    c->settle();
  }
  CHECK(c->works->done().size() == 1);
  CHECK(c->outcome_of("run-1") == "finished: paid");
  CHECK(!c->decides().approve_at_once("eff-1", "", c->now));
  c->run("w");
  c->approve();
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("a hold is not the step's time: a step that may take a minute is held for ten") {
  auto m = pays(true);
  m.w().steps.front().value.within = 1min;
  holding c(m);
  c->run("w");
  c->advance(5min);
  c->approve();
  c->advance(10min);
  CHECK(c->outcome_of("run-1") == "finished: paid");
  CHECK(c->count("step_failed") == 0);
}

TEST_CASE("a run whose effect is held is not at work: others get its place") {
  auto m = pays(true);
  m.m.company.running = 1;
  holding c(m);
  c->run("w");
  c->approve();
  CHECK(c->state().runs_at_work == 0);
  c->run("w");
  CHECK(c->state().runs_queued == 0);
  CHECK(c->question() == "apr-2");
  c->advance(10min);
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("what takes something back is not held itself") {
  auto m = pays(false);
  m.m.company.hold = hold_definition{duration{}, {}, {}};
  m.m.company.may_do["test.keyed"] = autonomy::act;
  holding c(m);
  c->works->takes_back = [](const request&) { return action_call{"test.keyed", object{{"text", "back"}}}; };
  c->run("w");
  REQUIRE(c->works->done().size() == 1);
  c->manifests_.company.hold.reset();
  c->start();
  done_effect done{"eff-1", "run-1", "test.keyed", "test.keyed to ada", "", action_call{"test.keyed", object{{"text", "back"}}}, ""};
  REQUIRE(c->decides().undo("eff-1", {done}, c->now));
  c->settle();
  CHECK(c->works->done().size() == 2);
}

TEST_CASE("an agent's own payment is held as well, and the agent hears that it was taken back") {
  company_of m;
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "step_started") return {propose_effect{"test.keyed", object{{"to", "ada"}}, "rent", {}, "p"}};
    return {done(object{{"text", text_at(c.body, "how")}})};
  };
  m.step("work", role_step(object{{"text", "x"}}, "out")).step("end", end_step("over"));
  holding c(m);
  c->run("w");
  CHECK(held(*c.operator->()) == c->now + 10min);
  SECTION("it leaves") {
    c->advance(10min);
    CHECK(c->works->done().size() == 1);
  }
  SECTION("it is taken back") {
    REQUIRE(c->decides().undo("eff-1", {}, c->now));
    c->advance(1h);
    CHECK(c->works->ledger.empty());
  }
  CHECK(c->outcome_of("run-1") == "finished: over");
}

TEST_CASE("a change or a new question begins a new hold") {
  auto rule = std::make_shared<turning_rule>();
  holding c(pays(false), risk_kind::money, {rule});
  c->run("w");
  c->advance(9min);
  rule->says = [](const policy_question&) { return ruling{"turning", verdict::ask, "by now I want to see it"}; };
  c->advance(1min);  // the hold ends, and the rules of now ask
  CHECK(c->works->ledger.empty());
  c->approve();
  CHECK(held(*c.operator->()) == c->now + 10min);
  c->advance(10min);
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("inbox, run and approval say when it leaves and how it is taken back") {
  holding c(pays(true));
  c->run("w");
  c->approve();
  const auto inbox = seen(*c.operator->(), object{{"view", "inbox"}});
  REQUIRE(inbox.as_array().size() == 1);
  CHECK(text_at(inbox.as_array()[0], "about") == "hold");
  CHECK(text_at(inbox.as_array()[0], "text") == "eff-1 leaves at 2026-11-23 08:10 UTC unless you take it back (steward undo eff-1)");
  const auto run = seen(*c.operator->(), object{{"view", "run"}, {"run", "run-1"}});
  CHECK(text_at(run, "waits_for") == "the end of a hold: eff-1 leaves at 2026-11-23 08:10 UTC unless you take it back (steward undo eff-1)");
  CHECK(run.at("parked") == json(true));
  c->advance(9min + 30s);
  CHECK(seen(*c.operator->(), object{{"view", "run"}, {"run", "run-1"}}).at("parked") == json(false));  // somebody who watches waits for the rest
  c->advance(30s);
  CHECK(seen(*c.operator->(), object{{"view", "inbox"}}).as_array().empty());
}

}  // namespace steward::test
