#include "runtime/coordination/undo.hpp"

#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// Two effects that can be taken back, one that can't, one that only reads.
company_of that_does_four_things() {
  company_of m;
  m.step("one", effect_step("test.keyed", object{{"text", "one"}}));
  m.step("two", effect_step("test.queryable", object{{"text", "two"}}));
  m.step("look", effect_step("test.read_only", object{{"text", "look"}}));
  m.step("three", effect_step("test.neither", object{{"text", "three"}}));
  m.step("end", end_step("done"));
  return m;
}

/// What is done by `test.neither`, and what takes something back, can't be taken back itself.
void with_undo(small_company& c) {
  c.works->takes_back = [](const request& what) -> std::optional<action_call> {
    const auto text = text_at(parse_json(what.bytes.substr(0, what.bytes.find(" at "))).value(), "text");
    if (what.action == "test.neither" || what.action == "test.read_only" || text.starts_with("not ")) return std::nullopt;
    return action_call{"test.keyed", object{{"text", "not " + text}}};
  };
}

told_run told(const small_company& c, const std::string& run) {
  told_run all;
  for (const auto& e : c.disk())
    if (e.first.correlation == run) all.events.push_back(e);
  return all;
}

std::vector<std::string> texts(const small_company& c) {
  std::vector<std::string> all;
  for (const auto& bytes : c.works->done()) all.push_back(text_at(parse_json(bytes).value(), "text"));
  return all;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("an undo is a run of its own that takes back what can be, the newest first, and once") {
  auto m = that_does_four_things();
  started c(m);
  with_undo(*c.operator->());
  c->run("w");
  REQUIRE(c->outcome_of("run-1") == "finished: done");
  auto done = done_by(told(*c.operator->(), "run-1"));
  const auto begun = c->decides().undo("run-1", done, c->now);
  REQUIRE(begun);
  c->settle();
  CHECK(begun->run == "run-2");
  REQUIRE(begun->stands.size() == 1);  // what only read leaves nothing behind
  CHECK(begun->stands.front().action == "test.neither");
  CHECK(c->outcome_of("run-2") == "finished: undone");
  CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not two", "not one"});

  CHECK(undone_in(told(*c.operator->(), "run-2")) == list{"eff-2", "eff-1"});
  for (auto& d : done) d.undone_by = d.undo ? "run-2" : "";
  CHECK(c->decides().undo("run-1", done, c->now).error().code == "nothing_to_undo");
  CHECK(c->decides().undo("eff-1", {done.back()}, c->now).error().code == "already_undone");
}

TEST_CASE("an undo passes the gate: it is asked about, a rejection leaves things as they are, and it may be wanted again") {
  auto m = that_does_four_things();
  started c(m);
  with_undo(*c.operator->());
  c->run("w");
  m.m.company.may_do["test.keyed"] = autonomy::ask;
  c->manifests_ = m.m;
  c->start();
  const auto done = done_by(told(*c.operator->(), "run-1"));
  REQUIRE(c->decides().undo("eff-1", {done.back()}, c->now));
  c->settle();
  CHECK(texts(*c.operator->()) == list{"one", "two", "three"});
  REQUIRE(c->decides().reject(c->question(), "it shall stay", c->now));
  c->settle();
  CHECK(texts(*c.operator->()) == list{"one", "two", "three"});
  CHECK(undone_in(told(*c.operator->(), "run-2")).empty());
  REQUIRE(c->decides().undo("eff-1", {done.back()}, c->now));
  c->settle();
  CHECK(undone_in(told(*c.operator->(), "run-3")) == list{"eff-1"});  // it is open, and means to
  c->approve();
  CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not one"});
}

TEST_CASE("a workflow that says undo takes back what it did, wherever it fails, and one card says what stands") {
  const auto refused = GENERATE(0, 1, 2, 3);
  auto m = that_does_four_things();
  // What can't be taken back comes second here, so that something stands where the third fails.
  std::swap(m.w().steps[1], m.w().steps[3]);
  const list order{"one", "three", "look", "two"};
  m.w().if_a_step_fails = "undo";
  started c(m);
  with_undo(*c.operator->());
  c->works->next = [&](const request& what) {
    const bool no = what.bytes.find("\"" + order[std::size_t(refused)] + "\"") != std::string::npos;
    return answer{false, true, false, no ? "no" : "done", {}};
  };
  c->run("w");
  CAPTURE(refused);
  CHECK(c->outcome_of("run-1").starts_with("failed"));
  const std::vector<list> ledgers{{}, {"one", "not one"}, {"one", "three", "not one"}, {"one", "three", "not one"}};
  CHECK(texts(*c.operator->()) == ledgers[std::size_t(refused)]);
  const auto card = c->state().cards.at(c->card_about("run_failed"));
  CHECK((card.said.text.find("run-2 takes back: eff-1 test.keyed") != std::string::npos) == (refused > 0));
  CHECK((card.said.text.find("This stands, and nothing takes it back: eff-2 test.neither") != std::string::npos) == (refused > 1));
  if (refused > 0) CHECK(c->outcome_of("run-2") == "finished: undone");
}

TEST_CASE("what the operator keeps of an undo stands, and the rest is taken back all the same") {
  auto m = that_does_four_things();
  m.m.company.may_do["test.keyed"] = autonomy::act;
  started c(m);
  with_undo(*c.operator->());
  c->run("w");
  m.m.company.may_do["test.keyed"] = autonomy::ask;
  c->manifests_ = m.m;
  c->start();
  REQUIRE(c->decides().undo("run-1", done_by(told(*c.operator->(), "run-1")), c->now));
  c->settle();
  REQUIRE(c->decides().reject(c->question(), "two shall stay", c->now));
  c->settle();
  c->approve();
  CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not one"});
  CHECK(c->outcome_of("run-2") == "finished: undone in part");
  CHECK(undone_in(told(*c.operator->(), "run-2")) == list{"eff-1"});
}

TEST_CASE("what can't be taken back after all is one card, and the rest is taken back all the same") {
  auto m = that_does_four_things();
  started c(m);
  with_undo(*c.operator->());
  c->run("w");
  bool refuses = true;
  c->works->next = [&](const request& what) { return answer{false, true, false, refuses && what.bytes.find("not two") != std::string::npos ? "no" : "done", {}}; };
  REQUIRE(c->decides().undo("run-1", done_by(told(*c.operator->(), "run-1")), c->now));
  c->settle();
  CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not one"});
  CHECK(c->outcome_of("run-2") == "finished: undone in part");
  const auto card = c->card_about("run_failed");
  CHECK(c->state().cards.at(card).said.title == "eff-2 stands: it could not be taken back");
  CHECK(c->state().cards.at(card).said.text == "test.keyed was refused: no.");

  refuses = false;  // another try, by the command that the card names
  REQUIRE(c->decides().undo("eff-2", {done_by(told(*c.operator->(), "run-1")).at(2)}, c->now));
  c->settle();
  CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not one", "not two"});
  REQUIRE(c->decides().answer(card, "seen", c->now));
}

TEST_CASE("an end with 'undo: run' takes back what the run did, and one card says so") {
  auto m = that_does_four_things();
  m.w().steps.back().value.undo = "run";
  started c(m);
  with_undo(*c.operator->());
  c->run("w");
  CHECK(c->outcome_of("run-1") == "finished: done");
  CHECK(c->outcome_of("run-2") == "finished: undone");
  CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not two", "not one"});
  const auto card = c->state().cards.at(c->card_about("run_failed"));
  CHECK(card.said.title == "w: run-1 ended as done and is taken back");
  CHECK(card.said.text.find("This stands, and nothing takes it back: eff-4 test.neither") != std::string::npos);
}

TEST_CASE("an undo takes everything back exactly once, wherever the engine dies meanwhile") {
  for (int dies = 0; dies < 8; ++dies) {
    auto m = that_does_four_things();
    started c(m);
    with_undo(*c.operator->());
    c->run("w");
    c->frozen = true;
    REQUIRE(c->decides().undo("run-1", done_by(told(*c.operator->(), "run-1")), c->now));
    c->settle();
    for (int i = 0; i < dies; ++i) c->step();
    c->frozen = false;
    c->start();
    c->advance(std::chrono::minutes{5});
    CAPTURE(dies);
    CHECK(texts(*c.operator->()) == list{"one", "two", "three", "not two", "not one"});
    CHECK(c->outcome_of("run-2") == "finished: undone");
  }
}

TEST_CASE("a run that is taken back while it is open is stopped first, and does nothing more") {
  company_of m;
  m.step("one", effect_step("test.keyed", object{{"text", "one"}}));
  step_definition person;
  person.person = "Go on?";
  m.step("ask", person);
  m.step("two", effect_step("test.keyed", object{{"text", "two"}}));
  m.step("end", end_step("done"));
  started c(m);
  with_undo(*c.operator->());
  c->run("w");
  REQUIRE(c->outcome_of("run-1") == "open");
  const auto begun = c->decides().undo("run-1", done_by(told(*c.operator->(), "run-1")), c->now);
  REQUIRE(begun);
  CHECK(begun->stopped);
  c->settle();
  CHECK(c->outcome_of("run-1").starts_with("stopped"));
  CHECK(c->outcome_of("run-2") == "finished: undone");
  CHECK(c->cards("person") == 0);
  CHECK(texts(*c.operator->()) == list{"one", "not one"});
  CHECK(c->decides().retry("run-1", c->now).error().code == "not_open");
}

TEST_CASE("a run is not taken back while nobody knows whether one of its effects happened") {
  company_of m;
  m.step("one", effect_step("test.neither", object{{"text", "one"}}));
  m.step("end", end_step("done"));
  started c(m);
  c->works->next = [](const request&) { return answer{}; };
  c->run("w");
  REQUIRE(c->cards("effect_in_doubt") == 1);
  CHECK(c->decides().undo("run-1", {}, c->now).error().code == "effect_under_way");
  CHECK(c->outcome_of("run-1") == "open");
}

TEST_CASE("what was changed before it left is taken back under its own name") {
  event::effect_proposed proposed;
  proposed.effect = "eff-1";
  proposed.prepared.preview = "Invoice 119.00 EUR\nmore";
  event::effect_modified changed;
  changed.effect = "eff-1";
  changed.prepared.preview = "Invoice 5.95 EUR\nmore";
  event::effect_settled settled;
  settled.effect = "eff-1";
  settled.came_out.kind = outcome_kind::confirmed;
  told_run run;
  for (event::any e : {event::any(proposed), event::any(changed), event::any(settled)}) run.events.emplace_back(event::header{}, std::move(e));
  REQUIRE(done_by(run).size() == 1);
  CHECK(done_by(run).front().preview == "Invoice 5.95 EUR");
}

}  // namespace steward::test
