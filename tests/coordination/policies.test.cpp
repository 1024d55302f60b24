#include "runtime/coordination/policy_replay.hpp"
#include "runtime/rules/rule.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

policy_definition rule_that(std::string name, verdict then, std::string when = "action.startsWith('test.')") {
  policy_definition p;
  p.name = std::move(name);
  p.because = "The test says so";
  p.when = std::move(when);
  p.then = then;
  return p;
}

void put(company_manifests& m, policy_definition p) { m.policies[p.name] = std::move(p); }

/// One mail to each of `input.readers`, without asking.
company_of mails() {
  company_of m;
  step_definition s;
  s.effects = {effect_definition{"test.keyed", object{{"to", "${who}"}, {"text", "mail"}}, {{"who", "${input.readers}"}}, {}, "none"}};
  m.step("send", s);
  return m;
}
json readers(int n) {
  boost::json::array all;
  for (int i = 0; i < n; ++i) all.emplace_back("r" + std::to_string(i));
  return object{{"readers", std::move(all)}};
}

}  // namespace

TEST_CASE("a written rule asks, denies or shadows, and its reason is on record") {
  const auto then = GENERATE(verdict::ask, verdict::deny, verdict::shadow);
  CAPTURE(then);
  company_of m;
  m.step("act", effect_step("test.keyed"));
  put(m.m, rule_that("careful", then, "action == 'test.keyed' && workflow == 'w' && arguments.text == 'x'"));
  started c(m);
  c->run("w");
  CHECK(c->works->ledger.empty());
  const auto& proposed = std::find_if(c->disk().begin(), c->disk().end(), [](const auto& e) { return std::holds_alternative<event::effect_proposed>(e.second); })->second;
  const auto& e = std::get<event::effect_proposed>(proposed);
  CHECK(e.decided == then);
  REQUIRE(e.rulings.size() == 2);
  CHECK(e.rulings[1] == ruling{"careful", then, "The test says so"});
  if (then != verdict::ask) return;
  c->approve();
  CHECK(c->works->done().size() == 1);
}

TEST_CASE("a rule that allows takes away the question of the step, of the company and of the role, but gives no permission") {
  const auto what = GENERATE(as<std::string>{}, "step", "company", "role", "suggest", "may not");
  CAPTURE(what);
  company_of m;
  if (what == "company") m.m.company.may_do["test.keyed"] = autonomy::ask;
  if (what == "role") m.role().may_do["test.keyed"] = autonomy::ask;
  if (what == "suggest") m.role().may_do["test.keyed"] = autonomy::suggest;
  if (what == "may not") m.role().may_do.erase("test.keyed");
  const bool by_role = what == "role" || what == "suggest" || what == "may not";
  m.step("act", by_role ? role_step() : effect_step("test.keyed", object{{"text", "x"}}, what == "step"));
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "effect_settled") return {done()};
    propose_effect p;
    p.action = "test.keyed";
    p.with = object{{"text", "x"}};
    return {p};
  };
  if (!by_role) puppet::plays = repeats;
  put(m.m, rule_that("trusted", verdict::allow));
  started c(m);
  c->run("w");
  const bool goes = what != "suggest" && what != "may not";
  CHECK(c->works->ledger.size() == (goes ? 1 : 0));
  CHECK(c->cards("approval") == (what == "suggest" ? 1 : 0));
}

TEST_CASE("the rules in force are an event: once as long as they stay the same, again when one is changed or removed") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  started c(m);
  const auto adopted = [&] {
    std::vector<std::size_t> sizes;
    for (const auto& [_, e] : c->disk())
      if (const auto* a = std::get_if<event::manifest_adopted>(&e); a && a->what == "policies") sizes.push_back(a->body.at("policies").as_array().size());
    return sizes;
  };
  CHECK(adopted().empty());
  put(c->manifests_, rule_that("careful", verdict::ask));
  c->start();
  c->start();
  CHECK(adopted() == std::vector<std::size_t>{1});
  CHECK(c->state().policies_in_force().at(0).then == verdict::ask);
  put(c->manifests_, rule_that("careful", verdict::deny));
  c->start();
  CHECK(c->state().policies_in_force().at(0).then == verdict::deny);
  c->manifests_.policies.clear();
  c->start();
  CHECK(adopted() == std::vector<std::size_t>{1, 1, 0});
  CHECK(c->state().policies_in_force().empty());
}

TEST_CASE("a rule that was edited since the approval decides again at the door") {
  company_of m;
  m.step("act", effect_step("test.keyed", object{{"text", "x"}}, true));
  started c(m);
  c->run("w");
  put(c->manifests_, rule_that("careful", verdict::deny));
  c->start();
  c->approve();
  CHECK(c->works->ledger.empty());
  CHECK(c->count("effect_dropped") == 1);
}

TEST_CASE("of ten mails that are proposed at once, a limit of four lets four go and asks about the others with one card") {
  auto m = mails();
  auto limit = rule_that("few", verdict::ask);
  limit.at_most = "4 per 1d";
  put(m.m, limit);
  started c(m);
  c->run("w", readers(10));
  CHECK(c->works->done().size() == 4);
  CHECK(c->cards("approval") == 1);
  CHECK(c->state().approvals.at(c->question()).said.effects.size() == 6);
  if (GENERATE(false, true)) c->start();
  c->approve();
  CHECK(c->works->done().size() == 10);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("what was counted is still counted after a restart, and forgotten when its time is over") {
  auto m = mails();
  auto limit = rule_that("few", verdict::deny);
  limit.at_most = "2 per 1d per recipient";
  put(m.m, limit);
  started c(m);
  for (int i = 0; i < 2; ++i) c->run("w", readers(1));
  if (GENERATE(false, true)) c->start();
  c->run("w", readers(2));
  CHECK(c->works->done().size() == 3);  // r1 has not heard of us yet
  c->advance(25h);
  c->run("w", readers(1));
  CHECK(c->works->done().size() == 4);
  CHECK(c->state().left.size() == 2);
  c->advance(32 * 24h);
  c->run("w", object{{"readers", {"new"}}});
  CHECK(c->state().left.size() == 1);  // the old ones are swept out
}

TEST_CASE("a try again is no second effect for a rule that counts") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  auto limit = rule_that("one", verdict::deny);
  limit.at_most = "1 per 1d";
  put(m.m, limit);
  started c(m);
  int tries = 0;
  c->works->next = [&](const request&) { return ++tries < 3 ? not_sent() : yes(); };
  c->run("w");
  c->advance(1h);
  CHECK(tries == 3);
  CHECK(c->outcome_of("run-1") == "finished: done");
}

TEST_CASE("a rule that can't be read keeps the engine from starting, with its name") {
  company_of m;
  m.step("act", effect_step("test.keyed"));
  put(m.m, rule_that("broken", verdict::deny, "acton == 'test.keyed'"));
  coordinator_parts parts;
  parts.manifests = m;
  parts.actions = std::make_shared<const action_book>(action_book::make({std::make_shared<test_connector>()}).value());
  coordinator decides(std::move(parts), company_state{});
  const auto started = decides.start(time_point{});
  REQUIRE(!started);
  CHECK(started.error().where == "policy broken when:1:1");
  CHECK(decides.take().events.empty());
}

namespace {

/// Everything on disk, judged by these rules.
json replayed(const small_company& c, std::vector<policy_definition> policies, std::optional<time_point> since = {}) {
  const auto rules = rule_book::make(policies, "UTC", {"lead"});
  if (!rules) FAIL(to_sentence(rules.error()));
  policy_replay_order order{"UTC", since, {}};
  for (const auto& action : c.works->manifest().actions) order.actions[action.name] = action;
  policy_replay player(*rules, order);
  for (const auto& [h, e] : c.disk()) REQUIRE(player.take(h, e, true));
  return player.told();
}

/// "eff-1 allow -> deny, confirmed" of each that would have gone otherwise.
std::vector<std::string> changes(const json& told) {
  std::vector<std::string> all;
  for (const auto& e : told.at("effects").as_array())
    all.push_back(text_at(e, "effect") + " " + text_at(e, "was") + " -> " + text_at(e, "would_be") + ", " + text_at(e, "became") + (e.at("at_the_door").as_bool() ? ", at the door" : ""));
  return all;
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("policy replay finds the rule that would have stopped a past action, and what would have been let through") {
  company_of m;
  m.step("first", effect_step("test.keyed", object{{"to", "ada"}, {"text", "x"}}));
  m.step("second", effect_step("test.queryable", object{{"to", "bo"}, {"text", "y"}}, true));
  started c(m);
  c->run("w");
  c->approve();
  REQUIRE(c->outcome_of("run-1") == "finished: done");
  CHECK(changes(replayed(c.c, {})) == list{});
  CHECK(replayed(c.c, {}).at("judged").as_int64() == 2);
  const auto told = replayed(c.c, {rule_that("stop", verdict::deny, "'test:ada' in recipients && workflow == 'w'"), rule_that("trust", verdict::allow)});
  CHECK(changes(told) == list{"eff-1 allow -> deny, confirmed", "eff-2 ask -> allow, confirmed"});
  CHECK(told.at("would_be") == json(object{{"allow", 1}, {"ask", 0}, {"shadow", 0}, {"deny", 1}}));
  CHECK(text_at(told.at("effects").at(0).at("rules").at(0), "rule") == "stop");
  CHECK(changes(replayed(c.c, {rule_that("never", verdict::deny, "role == 'nobody'")})) == list{});
  CHECK(replayed(c.c, {}, c->now + 1h).at("judged").as_int64() == 0);
}

TEST_CASE("policy replay sees the entities, the time and the rules of then") {
  company_of m;
  m.step("act", effect_step("test.keyed", object{{"to", "ada"}, {"text", "x"}}));
  m.m.entities["lead"] = {"lead", "who wrote", {{"stage", "text"}}, {}};
  put(m.m, rule_that("careful", verdict::ask));
  started c(m);
  REQUIRE(c->decides().record("lead", "test:ada", object{{"stage", "new"}}, c->now));
  c->settle();
  c->run("w");  // Monday, 8:00
  c->advance(14h);
  REQUIRE(c->decides().record("lead", "test:ada", object{{"stage", "won"}}, c->now));
  c->settle();
  CHECK(changes(replayed(c.c, {rule_that("careful", verdict::ask)})) == list{});
  CHECK(changes(replayed(c.c, {})) == list{"eff-1 ask -> allow, open"});  // it was the rule alone that asked
  CHECK(changes(replayed(c.c, {rule_that("new_ones", verdict::deny, "lead.stage == 'new'")})) == list{"eff-1 ask -> deny, open"});
  CHECK(changes(replayed(c.c, {rule_that("careful", verdict::ask), rule_that("won", verdict::deny, "lead.stage == 'won'")})) == list{});
  auto night = rule_that("night", verdict::deny);
  night.quiet_hours = quiet_hours_definition{"20:00", "07:00", {}, {}};
  CHECK(changes(replayed(c.c, {rule_that("careful", verdict::ask), night})) == list{});
  c->approve();  // at 22:00
  CHECK(changes(replayed(c.c, {rule_that("careful", verdict::ask), night})) == list{"eff-1 ask -> deny, confirmed, at the door"});
}

TEST_CASE("policy replay counts what really left, also before the time that it looks at") {
  auto m = mails();
  started c(m);
  c->run("w", readers(2));
  c->advance(1h);
  c->run("w", readers(3));
  auto limit = rule_that("few", verdict::deny);
  limit.at_most = "1 per 1d per recipient";
  CHECK(changes(replayed(c.c, {limit}, c->now)) == list{"eff-3 allow -> deny, confirmed", "eff-4 allow -> deny, confirmed"});
  limit.at_most = "3 per 1d";
  CHECK(changes(replayed(c.c, {limit})) == list{"eff-4 allow -> deny, confirmed, at the door", "eff-5 allow -> deny, confirmed, at the door"});
}

TEST_CASE("approve always gives a narrow rule for a while, which can be seen, survives restarts and can be revoked") {
  const auto ends = GENERATE(as<std::string>{}, "revoked", "over");
  company_of m;
  m.step("act", effect_step("test.keyed", object{{"to", "${input.to}"}, {"text", "x"}}, true));
  started c(m);
  c->run("w", object{{"to", "ada"}});
  CHECK(c->decides().approve_always(c->question(), "", 24h * 365, c->now).error().code == "bad_grant");
  const auto name = c->decides().approve_always(c->question(), "she is a friend", 24h * 7, c->now);
  REQUIRE(name);
  CHECK(*name == "always-1");
  c->settle();
  CHECK(c->works->done().size() == 1);
  c->start();
  c->run("w", object{{"to", "ada"}});
  CHECK(c->works->done().size() == 2);
  const auto& e = std::get<event::effect_proposed>(std::find_if(c->disk().rbegin(), c->disk().rend(), [](const auto& e) { return std::holds_alternative<event::effect_proposed>(e.second); })->second);
  CHECK(e.rulings.back() == ruling{"always-1", verdict::allow, "You allowed test.keyed like eff-1 for 7d with apr-1"});
  c->run("w", object{{"to", "bo"}});  // somebody else is asked about
  CHECK(c->works->done().size() == 2);
  CHECK(c->cards("approval") == 1);
  if (ends == "revoked") {
    CHECK(c->decides().revoke_policy("always-2", c->now).error().code == "unknown_policy");
    REQUIRE(c->decides().revoke_policy("always-1", c->now));
    c->settle();
    CHECK(c->state().granted.empty());
  } else {
    c->advance(24h * 7);
  }
  c->run("w", object{{"to", "ada"}});
  CHECK(c->works->done().size() == 2);
  CHECK(c->cards("approval") == 2);
}

TEST_CASE("approve always for money holds for the very same arguments alone, not for another amount") {
  const auto risk = GENERATE(risk_kind::money, risk_kind::legal);
  company_of m;
  m.m.company.hold = hold_definition{duration{}, duration{}, duration{}};
  m.step("act", effect_step("test.keyed", object{{"to", "ada"}, {"text", "${input.amount}"}}, true));
  started c(m);
  for (auto& action : c->works->changes().actions) action.risk = risk;
  c->start();
  c->run("w", object{{"amount", "100 EUR"}});
  REQUIRE(c->decides().approve_always(c->question(), "", 24h * 7, c->now));
  c->settle();
  c->run("w", object{{"amount", "100 EUR"}});
  CHECK(c->works->done().size() == 2);
  CHECK(c->cards("approval") == 0);
  c->run("w", object{{"amount", "99999 EUR"}});
  CHECK(c->works->done().size() == 2);
  CHECK(c->cards("approval") == 1);
}

TEST_CASE("what rules stop, or would ask about, an agent can't look up") {
  const auto says = GENERATE(verdict::allow, verdict::ask, verdict::shadow, verdict::deny);
  company_of m;
  m.step("look", role_step());
  m.w().steps.front().value.retry = retry_definition{0, {}, {}};
  puppet::plays = [](const cue& q) -> intents {
    if (q.turn == 0) return {look_up{"test.read_only", object{{"text", "x"}}, "l"}};
    return {done()};
  };
  auto rule = rule_that("no_peeking", says);
  rule.actions = {"test.read_only"};
  m.m.policies["no_peeking"] = rule;
  started c(m);
  c->run("w");
  CHECK(c->outcome_of("run-1") == (says == verdict::allow ? "finished: done" : "open"));
  CHECK(c->count("looked_up") == (says == verdict::allow ? 1 : 0));
  if (says == verdict::allow) return;
  const auto& card = c->state().cards.at(c->card_about("step_stuck")).said;
  CHECK(card.text.find("no_peeking") != card.text.npos);
}

}  // namespace steward::test
