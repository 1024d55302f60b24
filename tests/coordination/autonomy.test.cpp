#include "runtime/coordination/undo.hpp"
#include "runtime/observation/autonomy_view.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// A role that mails whoever its input names; the workflow takes what it says as it is.
company_of that_mails(autonomy rung) {
  company_of m;
  m.role().may_do["test.keyed"] = rung;
  m.step("mail", role_step(object{{"text", "${input.who}"}}));
  m.step("end", end_step("done"));
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "step_started") return {propose_effect{"test.keyed", object{{"to", c.text}, {"text", "hello"}}, "", {}, "m"}};
    return {done()};
  };
  return m;
}
/// Twenty-two unchanged yes are 85 % at least.
void soon(company_of& m, std::int64_t after = 5, std::string at_least = "50%") {
  ladder_definition said;
  said.climb = climb_definition{after, std::move(at_least), 30 * 24h, 14 * 24h, 7 * 24h};
  m.m.company.autonomy = said;
}

void mails(started& c, int n, const std::function<void()>& then = {}) {
  for (int i = 0; i < n; ++i) {
    c->run("w", object{{"who", "r" + std::to_string(i)}});
    if (then) then();
    c->advance(1h);
  }
}
void approved(started& c, int n) {
  mails(c, n, [&] { c->approve(); });
}
std::string rung(started& c, const std::string& role = "worker", const std::string& action = "test.keyed") {
  return std::string(to_word(standing_of(c->manifests_, c->state().ladders, role, action)->rung));
}
void answer(started& c, const std::string& text) {
  REQUIRE(c->decides().answer(c->card_about("autonomy"), text, c->now));
  c->settle();
}

told_run told(small_company& c, const std::string& run) {
  told_run all;
  for (const auto& e : c.disk())
    if (e.first.correlation == run) all.events.push_back(e);
  return all;
}
/// What `steward undo` hands over.
void undo(started& c, const std::string& run) {
  REQUIRE(c->decides().undo(run, done_by(told(*c.operator->(), run)), c->now));
  c->settle();
}

}  // namespace

TEST_CASE("enough unchanged yes offer the next rung on one card, and only the operator grants it") {
  auto m = that_mails(autonomy::ask);
  started c(m);
  approved(c, 21);
  CHECK(c->cards("autonomy") == 0);
  approved(c, 1);
  const auto card = c->state().cards.at(c->card_about("autonomy")).said;
  CHECK(card.title == "Let the role 'worker' do test.keyed without asking?");
  CHECK(card.text.find("22 approved as proposed") != std::string::npos);
  CHECK(card.shows.at("right") == 22);
  approved(c, 3);
  CHECK(c->count("autonomy_changed") == 0);  // never by itself
  CHECK(c->cards("autonomy") == 1);
  CHECK(rung(c) == "ask");
  answer(c, "grant");
  CHECK(rung(c) == "act");
  CHECK(c->cards("autonomy") == 0);
  const auto sent = c->works->done().size();
  mails(c, 1);
  CHECK(c->works->done().size() == sent + 1);
  c->start();
  CHECK(rung(c) == "act");  // through a restart
}

TEST_CASE("what was left is not offered again for a while") {
  auto m = that_mails(autonomy::ask);
  soon(m);
  started c(m);
  approved(c, 5);
  answer(c, "leave");
  approved(c, 20);
  CHECK(c->cards("autonomy") == 0);
  c->advance(7 * 24h);
  approved(c, 1);
  CHECK(c->cards("autonomy") == 1);
}

TEST_CASE("a change, a no and an undo count against the next rung, and a card that does not hold any more goes") {
  auto m = that_mails(autonomy::ask);
  soon(m, 5, "60%");
  started c(m);
  approved(c, 4);
  mails(c, 1, [&] {
    REQUIRE(c->decides().modify(c->question(), "", object{{"text", "better"}}, c->now));
    c->settle();
    c->approve();
  });
  CHECK(c->cards("autonomy") == 0);  // 4 of 5 are 37 % at least
  const auto& l = c->state().ladders.at("worker/test.keyed");
  CHECK(count_of(l, {}) == evidence_count{4, 1, 0, 0, 0, 0, 0});
  approved(c, 9);
  CHECK(c->cards("autonomy") == 1);
  mails(c, 1, [&] {
    REQUIRE(c->decides().reject(c->question(), "not to them", c->now));
    c->settle();
  });
  CHECK(c->cards("autonomy") == 0);
  CHECK(count_of(l, {}) == evidence_count{13, 1, 1, 0, 0, 0, 0});
}

TEST_CASE("an undo takes the rung back at once, also from what waits to leave, and the undo itself is not held up") {
  auto m = that_mails(autonomy::act);
  m.m.company.may_do["test.keyed"] = autonomy::act;
  started c(m);
  c->works->takes_back = [](const request& what) -> std::optional<action_call> {
    return what.bytes.find("hello") == std::string::npos ? std::nullopt : std::optional(action_call{"test.keyed", object{{"text", "sorry"}}});
  };
  mails(c, 1);
  REQUIRE(c->works->done().size() == 1);
  REQUIRE(c->decides().pause("role", "worker", "", c->now));
  c->run("w", object{{"who", "late"}});
  undo(c, "run-1");
  CHECK(c->works->done().size() == 2);  // the sorry
  CHECK(rung(c) == "ask");
  const auto card = c->state().cards.at(c->card_about("autonomy_fell")).said;
  CHECK(card.title == "The role 'worker' stands on 'ask' for test.keyed now");
  CHECK(card.text.find("you took eff-1 back") != std::string::npos);
  REQUIRE(c->decides().resume("role", "worker", c->now));
  c->settle();
  CHECK(c->works->done().size() == 2);  // it was allowed when it was proposed, or would have been; now it is asked about
  CHECK(c->cards("approval") == 1);
  c->approve();
  CHECK(c->works->done().size() == 3);
}

TEST_CASE("an effect that was allowed while its role could still act is asked about when it comes to the door after the fall") {
  auto m = that_mails(autonomy::act);
  started c(m);
  c->run("w", object{{"who", "ada"}});
  const auto before = c->works->done().size();
  c->frozen = true;
  const auto run = c->decides().start_run("w", object{{"who", "bob"}}, "by hand", true, "", c->now);  // it stops before the effect
  REQUIRE(run);
  c->frozen = false;
  c->settle();
  REQUIRE(c->decides().step_on(*run, c->now));
  c->settle();
  REQUIRE(c->state().effects.size() == 1);
  REQUIRE(c->state().effects.begin()->second.state == effect_state::approved);
  REQUIRE(c->decides().lower_rung("worker", "test.keyed", autonomy::ask, "", c->now));
  REQUIRE(c->decides().step_on(*run, c->now));
  c->settle();
  CHECK(c->works->done().size() == before);
  CHECK(c->cards("approval") == 1);
}

TEST_CASE("three no in a row take a granted rung back, a fault that stops the role takes them all, and the manifest is the floor") {
  auto m = that_mails(autonomy::ask);
  started c(m);
  REQUIRE(c->decides().grant_rung("worker", "test.keyed", autonomy::act, c->now));
  policy_definition careful;
  const auto no = [&] {
    REQUIRE(c->decides().reject(c->question(), "no", c->now));
    c->settle();
  };
  // A rule asks, though the role may act.
  careful.name = "careful";
  careful.because = "The test says so";
  careful.when = "action == 'test.keyed'";
  careful.then = verdict::ask;
  c->settle();
  c->manifests_.policies["careful"] = careful;
  c->start();
  mails(c, 2, no);
  CHECK(rung(c) == "act");
  mails(c, 1, no);
  CHECK(rung(c) == "ask");
  mails(c, 6, no);
  CHECK(rung(c) == "ask");  // nothing leaves from there without the operator
  CHECK(c->cards("autonomy_fell") == 1);

  REQUIRE(c->decides().grant_rung("worker", "test.keyed", autonomy::act, c->now));
  c->decides().on_child_ended("roles/worker.1", {fault_kind::process, "x", "it crashed"}, true, c->now);
  c->settle();
  CHECK(rung(c) == "ask");
  CHECK(rung(c, "worker", "test.neither") == "ask");
  CHECK(c->state().cards.at(c->card_about("role_stopped")).said.text.find("it asks before test.keyed, test.neither, test.queryable, which it did without asking") != std::string::npos);
  CHECK(c->cards("autonomy_fell") == 0);  // one card says it all
  CHECK(rung(c, "worker", "test.read_only") == "act");
}

TEST_CASE("an effect of a role that failed for good takes its rung back; one of the workflow's own does not") {
  const bool of_a_role = GENERATE(true, false);
  auto m = that_mails(autonomy::act);
  if (!of_a_role) {
    m.w().steps.clear();
    m.step("send", effect_step("test.keyed", object{{"to", "ada"}, {"text", "hello"}}));
  }
  started c(m);
  c->works->next = [](const request&) { return no(); };
  mails(c, 1);
  CHECK(rung(c, of_a_role ? "worker" : "") == (of_a_role ? "ask" : "act"));
}

TEST_CASE("rungs are climbed one at a time, and a manifest that is edited has the last word") {
  auto m = that_mails(autonomy::shadow);
  started c(m);
  auto& d = c->decides();
  CHECK(d.grant_rung("worker", "test.keyed", autonomy::act, c->now).error().code == "not_next_rung");
  CHECK(d.grant_rung("wrker", "test.keyed", autonomy::suggest, c->now).error().advice == "Did you mean 'worker'?");
  CHECK(d.grant_rung("worker", "test.kyed", autonomy::suggest, c->now).error().code == "unknown_action");
  REQUIRE(d.grant_rung("worker", "test.keyed", autonomy::suggest, c->now));
  REQUIRE(d.grant_rung("worker", "test.keyed", autonomy::ask, c->now));
  CHECK(d.lower_rung("worker", "test.keyed", autonomy::ask, "", c->now).error().code == "not_next_rung");
  REQUIRE(d.lower_rung("worker", "test.keyed", autonomy::shadow, "a bad day", c->now));
  CHECK(rung(c) == "shadow");
  REQUIRE(d.grant_rung("worker", "test.keyed", autonomy::suggest, c->now));
  c->settle();
  c->manifests_.roles.at("worker").may_do["test.keyed"] = autonomy::act;
  c->start();
  CHECK(rung(c) == "act");
  const auto& last = c->state().ladders.at("worker/test.keyed");
  CHECK(last.by == "manifest");
  CHECK(last.why == "its manifest was edited, from 'shadow' to 'act'");
}

TEST_CASE("a shadow counts as right when the operator does the very same within a week, and otherwise as the operator says") {
  auto m = that_mails(autonomy::shadow);
  soon(m, 3);
  m.m.company.may_do["test.keyed"] = autonomy::act;
  workflow_definition by_hand;
  by_hand.workflow = "by_hand";
  by_hand.steps.push_back({"send", effect_step("test.keyed", object{{"to", "${input.who}"}, {"text", "${input.text}"}})});
  m.m.workflows["by_hand"] = by_hand;
  started c(m);
  const auto does = [&](const std::string& who, const std::string& text) { c->run("by_hand", object{{"who", who}, {"text", text}}); };
  mails(c, 4);
  CHECK(c->works->done().empty());
  does("r0", "hello");
  does("r1", "hello");
  does("r2", "good day");
  const auto& l = c->state().ladders.at("worker/test.keyed");
  REQUIRE(l.shadows.size() == 4);
  CHECK(l.shadows[0].verdict == evidence_kind::same);
  CHECK(l.shadows[2].done == "eff-7");
  CHECK_FALSE(l.shadows[2].verdict);
  CHECK(c->cards("autonomy") == 0);
  REQUIRE(c->decides().judge_shadow("eff-3", evidence_kind::same, c->now));
  c->settle();
  CHECK(c->cards("autonomy") == 0);  // 3 of 3 are 43 % at least
  c->advance(8 * 24h);
  does("r3", "hello");
  CHECK(l.shadows[3].done.empty());  // too late to be the same matter
  REQUIRE(c->decides().judge_shadow("eff-4", evidence_kind::different, c->now));
  CHECK(count_of(l, {}) == evidence_count{0, 0, 0, 0, 0, 3, 1});
  REQUIRE(c->decides().judge_shadow("eff-4", evidence_kind::same, c->now));  // a second thought
  c->settle();
  CHECK(count_of(l, {}) == evidence_count{0, 0, 0, 0, 0, 4, 0});
  CHECK(c->state().cards.at(c->card_about("autonomy")).said.title == "Let the role 'worker' suggest test.keyed, instead of deciding in the dark?");
  CHECK(c->decides().judge_shadow("eff-99", evidence_kind::same, c->now).error().code == "not_shadowed");
}

TEST_CASE("one decision is one piece of evidence, however many mails it lets go, and what the workflow asks about anyway is none") {
  const bool step_asks = GENERATE(true, false);
  company_of m;
  m.m.company.may_do["test.keyed"] = autonomy::ask;
  step_definition s;
  s.effects = {effect_definition{"test.keyed", object{{"to", "${who}"}, {"text", "mail"}}, {{"who", "${input.readers}"}}, {}, "none"}};
  if (step_asks) s.ask = approval_definition{};
  m.step("send", s);
  started c(m);
  c->run("w", object{{"readers", {"a", "b", "c"}}});
  c->approve();
  CHECK(c->works->done().size() == 3);
  const auto& ladders = c->state().ladders;
  const auto counted = ladders.contains("/test.keyed") ? count_of(ladders.at("/test.keyed"), {}).approved : 0;
  CHECK(counted == (step_asks ? 0 : 1));
}

TEST_CASE("the view of the ladder says the rung of the manifest and the one in force, the evidence, and what is missing") {
  auto m = that_mails(autonomy::ask);
  soon(m);
  started c(m);
  approved(c, 3);
  const auto find = [&](const std::string& role, const std::string& action) {
    const auto all = autonomy_view(c->state(), c->manifests_, c->decides().actions(), c->now);
    for (const auto& row : all.as_array())
      if (text_at(row, "role") == role && text_at(row, "action") == action) return row;
    FAIL("no row for " << role << " " << action);
    return json{};
  };
  auto row = find("worker", "test.keyed");
  CHECK(text_at(row, "manifest") == "ask");
  CHECK(text_at(row, "rung") == "ask");
  CHECK(text_at(row, "next") == "act");
  CHECK(text_at(row, "missing") == "3 decisions of 5");
  CHECK(row.at("evidence").at("approved") == 3);
  REQUIRE(c->decides().grant_rung("worker", "test.keyed", autonomy::act, c->now));
  row = find("worker", "test.keyed");
  CHECK(text_at(row, "rung") == "act");
  CHECK(text_at(row, "why") == "you granted it");
  CHECK(text_at(find("", "test.keyed"), "rung") == "act");
}

}  // namespace steward::test
