#include "runtime/observation/autonomy_view.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// A workflow in force that does one thing, and a new version of it that does it otherwise.
company_of with_trial(trial_manner as, std::optional<std::string> share = {}) {
  company_of m;
  m.step("send", effect_step("test.keyed", object{{"text", "old ${input.text}"}}));
  m.step("end", end_step("old"));
  workflow_definition next;
  next.workflow = "next";
  next.trial = trial_definition{"w", as, std::move(share), fall_back_definition{2}};
  next.steps.push_back({"send", effect_step("test.keyed", object{{"text", "new ${input.text}"}})});
  next.steps.push_back({"end", end_step("new")});
  m.m.workflows["next"] = next;
  return m;
}
workflow_definition& next_of(company_of& m) { return m.m.workflows.at("next"); }

std::vector<std::string> texts(started& c) {
  std::vector<std::string> all;
  for (const auto& bytes : c->works->done()) all.push_back(text_at(parse_json(bytes).value(), "text"));
  return all;
}
using list = std::vector<std::string>;

}  // namespace

TEST_CASE("a new version in shadow starts with each live run, and what it decides is recorded, not done") {
  auto m = with_trial(trial_manner::shadow);
  started c(m);
  c->run("w", object{{"text", "one"}});
  c->run("w", object{{"text", "two"}});
  CHECK(texts(c) == list{"old one", "old two"});
  CHECK(c->outcome_of("run-1") == "finished: old");
  CHECK(c->outcome_of("run-2") == "finished: new");
  std::size_t shadowed = 0;
  for (const auto& [h, e] : c->disk()) {
    if (const auto* p = std::get_if<event::effect_proposed>(&e); p && h.correlation == "run-2") {
      CHECK(text_at(p->arguments, "text") == "new one");
      CHECK(p->rulings.back().rule == "trial");
    }
    if (const auto* d = std::get_if<event::effect_dropped>(&e)) shadowed += d->how == "shadowed";
  }
  CHECK(shadowed == 2);
  const auto seen = shadow_view(c->state(), c->manifests_);
  CHECK(seen.at("trials").at(0).at("runs") == 2);
  CHECK(seen.at("shadowed").as_array().empty());  // it stands on no ladder
}

TEST_CASE("what is in shadow records nothing, remembers nothing and asks nobody, and its failure is nobody's trouble") {
  auto m = with_trial(trial_manner::shadow);
  m.m.entities["lead"] = {"lead", "", {{"name", "text"}}, {}};
  step_definition record, note, person;
  record.record = "lead";
  record.id = "test:ada";
  record.with = object{{"name", "Ada"}};
  record.gives = "who";
  note.remember = "company";
  note.text = "met ${who.name}";
  auto& steps = next_of(m).steps;
  steps.insert(steps.begin(), {{"lead", record}, {"note", note}});
  const bool asks = GENERATE(true, false);
  if (asks) {
    steps.insert(steps.begin() + 2, {"draft", role_step()});
    puppet::plays = [](const cue&) -> intents { return {ask_operator{"Which price?", {}, {}, "q"}}; };
  }
  started c(m);
  c->run("w", object{{"text", "one"}});
  CHECK(texts(c) == list{"old one"});
  CHECK(c->state().entities.all().empty());
  CHECK(c->count("memory_added") == 0);
  CHECK(c->state().cards.empty());
  CHECK(c->outcome_of("run-2").starts_with(asks ? "failed" : "finished: new"));
}

TEST_CASE("what a live run waits for reaches its shadow as well, and the shadow takes nothing away") {
  const bool person = GENERATE(false, true);
  auto m = with_trial(trial_manner::shadow);
  step_definition wait;
  if (person) wait.person = "Go on?";
  else wait.for_ = "mail_received", wait.from = "ada";
  wait.gives = "came";
  m.w().steps.insert(m.w().steps.begin(), {"wait", wait});
  next_of(m).steps.insert(next_of(m).steps.begin(), {"wait", wait});
  started c(m);
  c->run("w", object{{"text", "one"}});
  CHECK(c->outcome_of("run-1") == "open");
  CHECK(c->outcome_of("run-2") == "open");
  CHECK(c->cards("person") == (person ? 1 : 0));
  if (person) {
    REQUIRE(c->decides().answer(c->card_about("person"), "yes", c->now));
    c->settle();
  } else {
    c->mail("ada", "m1");
  }
  CHECK(c->outcome_of("run-1") == "finished: old");
  CHECK(c->outcome_of("run-2") == "finished: new");
  CHECK(texts(c) == list{"old one"});
}

TEST_CASE("a canary takes its share of the live runs, the same ones however often one asks, and what it does is done") {
  const auto chosen = [] {
    auto m = with_trial(trial_manner::canary, "30%");
    started c(m);
    c->fold_checks_each = 50;
    for (int i = 0; i < 100; ++i) c->run("w", object{{"text", "x"}});
    list all;
    for (const auto& run : c->state().closed)
      if (run.workflow == "next") all.push_back(run.run);
    std::size_t done = 0;
    for (const auto& text : texts(c)) done += text == "new x";
    CHECK(done == all.size());
    CHECK(c->state().closed.size() == 100);
    return all;
  };
  const auto once = chosen();
  CHECK(once.size() > 15);
  CHECK(once.size() < 45);
  CHECK(chosen() == once);
}

TEST_CASE("a canary falls back by itself after so many failures, one card says so, and an edited one is tried anew") {
  auto m = with_trial(trial_manner::canary, "100%");
  next_of(m).if_a_step_fails = "stop";
  next_of(m).steps.front().value.with = object{{"text", "${input.nothing}"}};
  started c(m);
  const auto run = [&] { return c->run("w", object{{"text", "x"}}); };
  run(), run();
  CHECK(c->count("trial_ended") == 1);
  CHECK(c->state().cards.at(c->card_about("trial_ended")).said.title == "'next' is not tried any more: 'w' does all of it again");
  run(), run();
  CHECK(texts(c) == list{"old x", "old x"});
  c->start();
  run();
  CHECK(texts(c).size() == 3);
  REQUIRE(c->decides().answer(c->card_about("trial_ended"), "seen", c->now));
  c->settle();
  next_of(m).steps.front().value.with = object{{"text", "new"}};
  c->manifests_ = m.m;
  c->start();
  run();
  CHECK(texts(c).back() == "new");
}

TEST_CASE("a canary that gets stuck has failed, once for each run, and falls back by itself") {
  auto m = with_trial(trial_manner::canary, "100%");
  next_of(m).steps.front().value.with = object{{"text", "${input.nothing}"}};
  started c(m);
  c->run("w", object{{"text", "one"}});
  REQUIRE(c->cards("step_stuck") == 1);
  REQUIRE(c->decides().retry("run-1", c->now));
  c->settle();
  CHECK(c->cards("trial_ended") == 0);
  c->run("w", object{{"text", "two"}});
  CHECK(c->cards("trial_ended") == 1);
  c->run("w", object{{"text", "three"}});
  CHECK(texts(c) == list{"old three"});
}

}  // namespace steward::test
