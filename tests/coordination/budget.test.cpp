#include "runtime/random.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

money eur(double amount) { return {std::int64_t(amount * 1e9 + 0.5), "EUR"}; }

/// The one currency of these tests, or nothing.
money one(const amounts& all) {
  CHECK(all.size() <= 1);
  return all.empty() ? money{} : all.front();
}

/// An agent that asks its model once for each letter of its text.
intents asks_per_letter(const cue& q) {
  if (std::size_t(q.turn) == q.text.size()) return {done()};
  return {ask_model{}};
}

company_of one_call(std::optional<money> a_day) {
  company_of m;
  puppet::plays = asks_per_letter;
  m.m.company.spend = spend_definition{{}, a_day};
  m.step("ask", role_step(object{{"text", "${input.text}"}}));
  return m;
}

/// Spent and reserved never pass the limit, in any account that has one.
void check_limits(small_company& c) {
  for (const auto& [name, account] : c.state().spending.accounts()) {
    const auto& company = c.manifests_.company.spend;
    if (!name.starts_with("company/")) continue;
    const bool a_run = name.find("run-") != name.npos;
    const auto limit = company ? a_run ? company->per_run : company->per_day : std::nullopt;
    if (limit) CHECK(one(account.spent).nano + one(account.reserved).nano <= limit->nano);
  }
}

}  // namespace

TEST_CASE("budget reserves the worst case before the call and settles the actual after it") {
  auto m = one_call(eur(1));
  started c(m);
  c->frozen = true;
  c->run("w", object{{"text", "a"}});
  c->frozen = false;
  c->step();
  CHECK(c->model->asked == 0);
  const auto account = [&] { return c->state().spending.accounts().at("company/2026-11-23"); };
  CHECK(one(account().reserved) == eur(0.2));
  CHECK(account().spent.empty());
  c->settle();
  CHECK(account().reserved.empty());
  CHECK(one(account().spent) == eur(0.1));
  CHECK(c->state().cost_by_run.at("run-1") == eur(0.1));
}

TEST_CASE("budget refuses the call whose worst case would cross the limit, with a card; the next day it fits after a retry") {
  auto m = one_call(eur(0.5));
  started c(m);
  c->run("w", object{{"text", "abc"}});
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->model->asked == 3);
  c->run("w", object{{"text", "ab"}});  // 0.30 spent; 0.40 after the first call, and 0.20 more do not fit
  CHECK(c->model->asked == 4);
  const auto card = c->card_about("budget");
  CHECK(c->state().cards.at(card).said.text.find("0.50 EUR a day") != std::string::npos);
  REQUIRE(c->decides().retry("run-2", c->now));
  c->settle();
  CHECK(c->model->asked == 4);
  c->card_about("budget");
  c->advance(16h);
  REQUIRE(c->decides().retry("run-2", c->now));
  c->settle();
  CHECK(c->outcome_of("run-2") == "finished: done");
  CHECK(c->model->asked == 6);
}

TEST_CASE("two runs at once never spend more than the limit, even while neither has been answered") {
  auto m = one_call(eur(0.5));
  started c(m);
  c->frozen = true;
  for (int i = 0; i < 3; ++i) c->run("w", object{{"text", "a"}});
  c->frozen = false;
  for (int i = 0; i < 3; ++i) c->step();  // each agent asks before any model answers
  check_limits(*c.operator->());
  CHECK(c->state().calls.size() == 2);
  c->card_about("budget");
  c->settle();
  check_limits(*c.operator->());
  CHECK(c->model->asked == 2);
}

TEST_CASE("several calls of one turn must fit together, else none is made") {
  auto m = one_call(eur(0.5));
  puppet::plays = [](const cue&) -> intents { return {ask_model{{}, {}, {}, "1"}, ask_model{{}, {}, {}, "2"}, ask_model{{}, {}, {}, "3"}}; };
  started c(m);
  c->run("w", object{{"text", "a"}});
  CHECK(c->model->asked == 0);
  CHECK(c->count("model_asked") == 0);
  c->card_about("budget");
}

TEST_CASE("a model call that died with the engine counts as spent at its worst, and another try needs room of its own") {
  auto m = one_call(eur(0.5));
  started c(m);
  c->frozen = true;
  c->run("w", object{{"text", "a"}});
  c->frozen = false;
  c->step();
  c->frozen = true;
  const auto account = [&] { return c->state().spending.accounts().at("company/2026-11-23"); };
  c->start();  // it may have been answered and charged: nobody will hear
  CHECK(one(account().spent) == eur(0.2));
  CHECK(one(account().reserved) == eur(0.2));
  SECTION("the next try is answered") {
    c->frozen = false;
    c->settle();
    CHECK(c->outcome_of("run-1") == "finished: done");
    CHECK(one(account().spent) == eur(0.3));
    CHECK(account().reserved.empty());
    CHECK(c->count("model_asked") == 1);
    CHECK(c->model->asked == 1);
  }
  SECTION("a third does not fit, and is not made") {
    c->start();
    c->frozen = false;
    c->settle();
    CHECK(one(account().spent) == eur(0.4));
    CHECK(account().reserved.empty());
    c->card_about("budget");
    CHECK(c->model->asked == 0);
  }
}

TEST_CASE("an answer of a model that was lost on the way, or can't be used, counts as spent at its worst") {
  auto m = one_call(eur(0.5));
  m.w().steps.front().value.retry = retry_definition{0, {}, {}};
  started c(m);
  const auto account = [&] { return c->state().spending.accounts().at("company/2026-11-23"); };
  SECTION("lost: another try needs room of its own, and the third has none") {
    c->model->next = [](const model_question&) -> result<model_reply> { return error{"model_answer_lost", "", "it hung up"}; };
    c->run("w", object{{"text", "a"}});
    CHECK(one(account().spent) == eur(0.2));
    CHECK(one(account().reserved) == eur(0.2));
    c->advance(1h);
    CHECK(c->model->asked == 2);
    CHECK(one(account().spent) == eur(0.4));
    CHECK(account().reserved.empty());
    c->card_about("budget");
  }
  SECTION("not to be used: nothing is asked again") {
    c->model->next = [](const model_question&) -> result<model_reply> { return error{"bad_model_answer", "", "it answered with a poem"}; };
    c->run("w", object{{"text", "a"}});
    c->advance(1h);
    CHECK(c->model->asked == 1);
    CHECK(one(account().spent) == eur(0.2));
    CHECK(account().reserved.empty());
  }
}

TEST_CASE("a question that waits behind a pause costs nothing, however often the engine dies") {
  auto m = one_call(eur(0.5));
  started c(m);
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->run("w", object{{"text", "a"}});
  REQUIRE(c->decides().resume("company", "", c->now));
  c->frozen = true;
  c->settle();
  while (!c->errands_.empty() && !std::holds_alternative<deliver_event>(c->errands_.front())) c->step();
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->step();  // the turn that was under way asks, and the gate is shut by now
  for (int i = 0; i < 3; ++i) c->start();
  const auto account = [&] { return c->state().spending.accounts().at("company/2026-11-23"); };
  CHECK(account().spent.empty());
  CHECK(one(account().reserved) == eur(0.2));
  c->frozen = false;
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(one(account().spent) == eur(0.1));
}

TEST_CASE("limits per run, per role, in tokens and in calls are limits too") {
  company_of m;
  puppet::plays = asks_per_letter;
  m.step("ask", role_step(object{{"text", "${input.text}"}}));
  m.role().limits = limits_definition{};
  int made = 0;
  SECTION("spend per run") { m.role().limits->spend = spend_definition{eur(0.35), {}}; made = 2; }
  SECTION("spend per day") { m.role().limits->spend = spend_definition{{}, eur(0.41)}; made = 3; }
  SECTION("tokens: 200 at worst, 20 in fact") { m.role().limits->tokens = count_definition{230}; made = 2; }
  SECTION("calls, also free ones") {
    m.role().limits->calls = count_definition{{}, 3};
    made = 3;
  }
  SECTION("calls of the company per run") { m.m.company.calls = count_definition{1, {}}; made = 1; }
  started c(m);
  if (m.role().limits->calls) c->model->next = [](const model_question&) { return model_reply{"test", "x", {}}; };
  c->run("w", object{{"text", "abcdefgh"}});
  CHECK(c->model->asked == made);
  c->card_about("budget");
}

TEST_CASE("a model that is away is asked again with growing pauses, spends nothing meanwhile, and is parked until it is back") {
  auto m = one_call(eur(0.3));
  m.w().steps.front().value.retry = retry_definition{0, {}, {}};
  started c(m);
  c->model->next = [](const model_question&) -> result<model_reply> { return error{"model_unreachable", "", "no route"}; };
  c->run("w", object{{"text", "a"}});
  c->advance(20s);
  CHECK(c->model->asked == 5);
  CHECK(c->state().breakers.at("model local").state == "open");
  if (GENERATE(false, true)) {
    c->model->next = nullptr;
    c->advance(2min);
    CHECK(c->outcome_of("run-1") == "finished: done");
  } else {
    c->advance(12h);
    CHECK(c->outcome_of("run-1") == "open");
    CHECK(c->state().spending.accounts().at("company/2026-11-23").spent.empty());
    CHECK(c->model->asked < 40);  // each half hour, not a storm
    REQUIRE(c->decides().stop_run("run-1", c->now));
    c->settle();
    CHECK(c->state().spending.accounts().at("company/2026-11-23").reserved.empty());
  }
}

TEST_CASE("a call whose agent is gone is not repeated and fails nobody else's step") {
  company_of m;
  puppet::plays = [](const cue& q) -> intents {
    if (q.text == "slow") return {ask_model{}};
    return {ask_operator{"?"}};
  };
  auto s = role_step(object{{"text", "slow"}});
  s.within = 1min;
  s.retry = retry_definition{0, {}, {}};
  s.if_fails = "next";
  m.step("ask", s).step("next", role_step(object{{"text", "other"}}));
  started c(m);
  c->frozen = true;
  c->run("w");
  c->frozen = false;
  c->step();
  auto kept = c->errands_;  // the model is slow
  c->errands_.clear();
  c->advance(1min);
  CHECK(c->state().runs.at("run-1").here->name == "next");
  c->decides().on_model("call-1", 1, error{"model_refused", "", "no"}, c->now);
  c->settle();
  CHECK(c->state().runs.at("run-1").here->name == "next");
  CHECK(c->state().runs.at("run-1").here->state == step_state::working);
  CHECK(c->state().calls.empty());
}

TEST_CASE("an effect that costs is reserved too, and one that does not fit is not dispatched") {
  company_of m;
  m.m.company.spend = spend_definition{{}, eur(0.5)};
  auto s = effect_step("test.keyed", object{{"text", "${item}"}});
  s.for_each = {{"item", "${input.items}"}};
  m.step("act", s);
  started c(m);
  for (auto& a : c->works->changes().actions) a.cost = eur(0.2);
  c->start();
  c->run("w", object{{"items", {"a", "b", "c"}}});
  // The connector says nothing about the cost, so nothing was spent, and all fit one after the other.
  CHECK(c->works->ledger.size() == 3);
  for (auto& a : c->works->changes().actions) a.cost = eur(0.6);
  c->start();
  c->run("w", object{{"items", {"d"}}});
  CHECK(c->works->ledger.size() == 3);
  c->card_about("budget");
}

TEST_CASE("whatever happens in whatever order, spending and reservations stay within the limits and end at nothing reserved") {
  const auto seed = GENERATE(range(1, 21));
  CAPTURE(seed);
  auto random = make_seeded_random(std::uint64_t(seed));
  auto m = one_call(eur(1.1));
  m.m.company.spend->per_run = eur(0.45);
  m.role().limits = limits_definition{};
  m.role().limits->running = 3;
  started c(m);
  c->model->next = [&](const model_question&) -> result<model_reply> {
    const auto dice = random->next() % 10;
    if (dice == 0) return error{"model_unreachable", "", "no route"};
    if (dice == 1) return error{"model_refused", "", "no"};
    return model_reply{"test", "x", {money{std::int64_t(random->next() % 200'000'001), "EUR"}, 10, 10}};
  };
  c->fold_checks_each = 7;
  std::vector<std::string> runs;
  c->frozen = true;
  for (int i = 0; i < 250; ++i) {
    switch (random->next() % 12) {
      case 0: runs.push_back(c->run("w", object{{"text", std::string(random->next() % 4, 'a')}})); break;
      case 1:
        if (random->next() % 4 == 0) c->start();
        break;
      case 2:
        if (!runs.empty()) {
          (void)c->decides().retry(runs[random->next() % runs.size()], c->now);
          c->settle();
        }
        break;
      case 3:
        if (!runs.empty() && random->next() % 3 == 0) {
          (void)c->decides().stop_run(runs[random->next() % runs.size()], c->now);
          c->settle();
        }
        break;
      case 4: c->advance(duration(std::int64_t(random->next() % 7'200'000'000))); break;
      default: {  // any of the errands may be the next to be done
        if (c->errands_.size() > 1) std::swap(c->errands_.front(), c->errands_[random->next() % c->errands_.size()]);
        c->step();
      }
    }
    check_limits(*c.operator->());
  }
  c->frozen = false;
  c->settle();
  c->advance(2h);
  for (const auto& run : runs)
    if (c->state().runs.contains(run)) REQUIRE(c->decides().stop_run(run, c->now));
  c->settle();
  check_limits(*c.operator->());
  for (const auto& [name, account] : c->state().spending.accounts()) {
    CAPTURE(name);
    CHECK(account.reserved.empty());
    CHECK(account.calls_reserved == 0);
    CHECK(account.tokens_reserved == 0);
  }
}

}  // namespace steward::test
