#include "runtime/coordination/limits.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

money eur(double amount) { return {std::int64_t(amount * 1e9 + 0.5), "EUR"}; }

/// An agent that asks its model once for each letter of its text; each question is reserved at 0.20 EUR and costs 0.10 EUR.
company_of asking() {
  company_of m;
  puppet::plays = [](const cue& q) -> intents {
    if (std::size_t(q.turn) >= q.text.size()) return {done()};
    return {ask_model{}};
  };
  m.step("ask", role_step(object{{"text", "${input.text}"}}));
  return m;
}

entity_definition type(const std::string& name) {
  entity_definition e;
  e.entity = name;
  e.fields = {{"name", "text"}};
  return e;
}

spend_definition monthly(double amount) {
  spend_definition s;
  s.per_month = eur(amount);
  return s;
}

}  // namespace

TEST_CASE("a limit of a week or a month is the sum of its days, through restarts, and begins anew with the calendar") {
  auto m = asking();
  m.m.company.zone = "Europe/Berlin";
  m.m.company.spend.emplace();
  const bool week = GENERATE(true, false);
  (week ? m.m.company.spend->per_week : m.m.company.spend->per_month) = eur(0.5);
  started c(m);
  c->run("w", object{{"text", "aa"}});  // Monday the 23rd
  c->advance(24h);
  c->start();
  c->run("w", object{{"text", "aaa"}});
  CHECK(c->model->asked == 4);  // 0.40 spent, and another might cost 0.20
  CHECK(c->state().cards.at(c->card_about("budget")).said.text.find(week ? "0.50 EUR a week" : "0.50 EUR a month") != std::string::npos);
  const auto until = week ? std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} : std::chrono::sys_days{std::chrono::year{2026} / 12 / 1};
  c->advance(until - 1h - 1min - c->now);  // midnight in Berlin is an hour earlier
  REQUIRE(c->decides().retry("run-2", c->now));
  c->settle();
  CHECK(c->model->asked == 4);
  c->advance(1min);
  REQUIRE(c->decides().retry("run-2", c->now));
  c->settle();
  CHECK(c->outcome_of("run-2") == "finished: done");
}

TEST_CASE("a workflow, a model's class, its provider and each customer have limits of their own") {
  auto m = asking();
  m.m.entities["customer"] = type("customer");
  std::string run_of_another = "w";
  int made = 2;
  json input = object{{"text", "aaaa"}};
  std::string whose;
  SECTION("workflow") {
    m.w().limits.emplace().spend = monthly(0.35);
    whose = "the workflow w's";
  }
  SECTION("class") {
    m.m.company.budgets = {{"model drafting", monthly(0.35), {}, {}}};
    whose = "the model class drafting's";
  }
  SECTION("provider, in tokens") {
    m.m.company.budgets = {{"model local", {}, count_definition{{}, {}, {}, {}, 230}, {}}};
    whose = "the model local's";
  }
  SECTION("provider, in calls of a run") {
    m.m.company.budgets = {{"model local", {}, {}, count_definition{2}}};
    whose = "the model local's";
  }
  SECTION("each customer: another one has room") {
    m.m.company.budgets = {{"each customer", monthly(0.35), {}, {}}};
    whose = "customer-1's";
    input.as_object()["customer"] = "customer-1";
  }
  started c(m);
  for (const auto* name : {"Ada", "Bo"}) REQUIRE(c->decides().record("customer", std::string("mailbox:") + name, object{{"name", name}}, c->now));
  c->settle();
  c->run("w", input);
  CHECK(c->model->asked == made);
  CHECK(c->state().cards.at(c->card_about("budget")).said.text.find(whose + " limit of") != std::string::npos);
  if (whose == "customer-1's") {
    c->run("w", object{{"text", "aa"}, {"customer", "customer-2"}});
    CHECK(c->model->asked == made + 2);
    c->run("w", object{{"text", "aa"}});  // about nobody
    CHECK(c->model->asked == made + 4);
    REQUIRE(c->decides().merge_entities("customer-2", "customer-1", "the same", c->now));
    for (const auto* either : {"customer-1", "customer-2"}) c->run("w", object{{"text", "a"}, {"customer", either}});
    CHECK(c->model->asked == made + 4);
  }
}

TEST_CASE("a run is about the customer that it records, and so is a run that is forked from it") {
  auto m = asking();
  m.m.entities["customer"] = type("customer");
  m.m.company.budgets = {{"each customer", monthly(0.45), {}, {}}};
  auto record = step_definition{};
  record.record = "customer";
  record.id = "mailbox:ada@example.com";
  record.with = object{{"name", "Ada"}};
  record.gives = "customer";
  m.w().steps.insert(m.w().steps.begin(), {"know", record});
  started c(m);
  c->run("w", object{{"text", "aa"}});
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->model->asked == 2);
  CHECK(c->state().spending.accounts().at("entity/customer-1/2026-11-23").spent == amounts{eur(0.2)});
  c->run("w", object{{"text", "aa"}});
  CHECK(c->model->asked == 2 + 1);  // 0.30 spent
  const event::forked_run from{"run-1", "ask", 1, 1, object{{"customer", object{{"entity", "customer-1"}, {"type", "customer"}}}}, "reuse", {}};
  REQUIRE(c->decides().fork_run({from, "w", object{{"text", "aa"}}, 0}, {}, false, "", c->now));
  c->settle();
  CHECK(c->model->asked == 3);
}

TEST_CASE("what a role asks of another role counts in the run that it works for: no chain of runs has more than one run's money") {
  auto m = asking();
  m.m.company.spend.emplace().per_run = eur(0.45);
  puppet::plays = [](const cue& q) -> intents {
    if (q.text == "boss" && q.kind == "step_started") return {ask_role{"worker", object{{"text", "aa"}}, "1"}};
    if (q.text == "boss" && q.turn == 1) return {ask_role{"worker", object{{"text", "aa"}}, "2"}};
    if (std::size_t(q.turn) >= q.text.size() || q.text == "boss") return {done()};
    return {ask_model{}};
  };
  started c(m);
  c->run("w", object{{"text", "boss"}});
  CHECK(c->model->asked == 3);
  CHECK(c->cards("step_stuck") == 1);
  for (const auto& [name, account] : c->state().spending.accounts()) {
    CAPTURE(name);
    CHECK((!name.starts_with("run-") || name.starts_with("run-1/")));
  }
  CHECK(c->state().runs.at("run-1").used.calls == 3);
  REQUIRE(c->decides().stop_run("run-1", c->now));
  c->settle();
  for (const auto& [name, account] : c->state().spending.accounts()) CHECK_FALSE(name.starts_with("run-"));
}

TEST_CASE("an effect is a call of its connector, whatever it costs, and of no model") {
  company_of m;
  m.m.company.budgets = {{"connector test", {}, {}, count_definition{{}, 3}}};
  m.m.company.calls = count_definition{1, 1};
  auto s = effect_step("test.keyed", object{{"text", "${item}"}});
  s.for_each = {{"item", "${input.items}"}};
  m.step("act", s);
  started c(m);
  c->run("w", object{{"items", {"a", "b"}}});
  CHECK(c->works->ledger.size() == 2);
  c->start();
  c->run("w", object{{"items", {"c", "d"}}});
  CHECK(c->works->ledger.size() == 3);
  CHECK(c->state().cards.at(c->card_about("budget")).said.text.find("the connector test's limit of 3 calls a day") != std::string::npos);
  c->advance(16h);
  REQUIRE(c->decides().retry("run-2", c->now));
  c->settle();
  CHECK(c->works->ledger.size() == 4);
}

TEST_CASE("one card tells when four fifths of a limit are used, once in its period, through crashes; it goes with the period, or when it was seen") {
  auto m = asking();
  m.m.company.spend.emplace().per_day = eur(1);
  started c(m);
  c->run("w", object{{"text", "aaaaaa"}});
  CHECK(c->cards("budget_mark") == 0);
  c->run("w", object{{"text", "a"}});  // 0.60 spent and 0.20 reserved
  const auto card = c->card_about("budget_mark");
  CHECK(c->state().cards.at(card).said.title == "80 % of the company's limit of 1.00 EUR a day is used");
  c->start();
  c->run("w", object{{"text", "a"}});
  CHECK(c->count("card_raised") == 1);
  SECTION("the day ends") {
    c->advance(15h + 59min);
    CHECK(c->cards("budget_mark") == 1);
    c->start();
    c->advance(1min);
    CHECK(c->cards("budget_mark") == 0);
  }
  SECTION("the operator has seen it") {
    REQUIRE(c->decides().answer(card, "seen", c->now));
    c->settle();
    c->run("w", object{{"text", "a"}});
    CHECK(c->cards("budget_mark") == 0);
    c->advance(16h);
  }
  c->run("w", object{{"text", "aaaaaaa"}});
  CHECK(c->count("card_raised") == 2);
  CHECK(c->cards("budget_mark") == 1);
}

TEST_CASE("warn_at moves the mark, and a limit for each run has none") {
  auto m = asking();
  auto& spend = m.m.company.spend.emplace();
  spend.per_run = eur(0.5);
  spend.per_day = eur(2);
  spend.warn_at = "10%";
  started c(m);
  c->run("w", object{{"text", "aaaa"}});
  CHECK(c->count("card_raised") == 1);
  CHECK(c->state().cards.at(c->card_about("budget_mark")).said.subject == "budget/day/spend/company/2026-11-23");
}

TEST_CASE("a run's cost is known when it ends, with what it took of the operator's time, by workflow and outcome") {
  auto m = asking();
  m.step("send", effect_step("test.keyed", object{{"text", "x"}}, true)).step("end", end_step("sent"));
  started c(m);
  for (int i = 0; i < 3; ++i) {
    c->run("w", object{{"text", std::string(std::size_t(i + 1), 'a')}});
    c->advance(10min);
    c->approve();
  }
  c->run("w", object{{"text", "a"}});
  REQUIRE(c->decides().stop_run("run-4", c->now));
  c->settle();
  const auto& past = c->state().finished.at("w");
  REQUIRE(past.size() == 3);
  CHECK(past[1].used.cost == amounts{eur(0.2)});
  CHECK(past[1].used.calls == 2);
  CHECK(past[1].used.tokens == 40);
  CHECK(past[1].used.effects == 1);
  CHECK(past[1].used.decisions == 1);
  CHECK(past[1].used.waited == 10min);
  const auto& outcomes = c->state().outcomes.at("w");
  CHECK(outcomes.at("sent").runs == 3);
  CHECK(outcomes.at("sent").used.cost == amounts{eur(0.6)});
  CHECK(outcomes.at("stopped").runs == 1);
  c->start();
  CHECK(c->state().finished.at("w").size() == 3);
}

}  // namespace steward::test
