#include "runtime/coordination/lessons.hpp"
#include "runtime/rules/rule.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

company_of asks() {
  company_of m;
  m.step("send", effect_step("test.queryable", object{{"to", "${input.to}"}, {"text", "hello"}}, true));
  return m;
}

learnt told(small_company& c, time_point since = {}) {
  lesson_reader reader(since);
  for (const auto& [h, e] : c.disk()) reader.take(h, e, true);
  return reader.told();
}
std::vector<memory_item> memories(small_company& c) {
  std::vector<memory_item> all;
  for (const auto& [_, e] : c.disk())
    if (const auto* added = std::get_if<event::memory_added>(&e)) all.push_back(added->item);
  return all;
}
void rejected(small_company& c, const std::string& to, const std::string& reason) {
  c.run("w", object{{"to", to}});
  REQUIRE(c.decides().reject(c.question(), reason, c.now));
  c.settle();
}
void approved(small_company& c, const std::string& to) {
  c.run("w", object{{"to", to}});
  c.approve();
}

}  // namespace

TEST_CASE("a rejection with its reason, and a change, become memories of the scope operator, with the run's labels") {
  started c(asks());
  rejected(*c.operator->(), "ada@example.com", "too\npushy\xE2\x80\xAE");
  rejected(*c.operator->(), "ben@example.com", "");  // without a reason there is nothing to learn
  c->run("w", object{{"to", "cleo@example.com"}});
  REQUIRE(c->decides().modify(c->question(), "", object{{"text", "dear Cleo"}}, c->now));
  c->settle();
  const auto items = memories(*c.operator->());
  REQUIRE(items.size() == 2);
  CHECK(items[0].scope == "operator");
  CHECK(items[0].about == "w/test.queryable");
  CHECK(items[0].source == "apr-1/test.queryable");
  CHECK(items[0].text == "The operator rejected test.queryable to test:ada@example.com: too pushy\\u{202E}");
  CHECK(items[1].text == "The operator changed text of test.queryable from 'hello' to 'dear Cleo'");
  for (const auto& [h, e] : c->disk())
    if (std::holds_alternative<event::memory_added>(e)) CHECK(h.cause > 0);
}

TEST_CASE("a domain that was rejected twice gives a rule in the operator's words: deny, or ask where another was let through") {
  started c(asks());
  rejected(*c.operator->(), "ada@Example.com", "They asked \"never again\"");
  CHECK(told(*c.operator->()).rules.empty());
  const bool once_yes = GENERATE(false, true);
  if (once_yes) approved(*c.operator->(), "cleo@example.com");
  rejected(*c.operator->(), "ben@example.com", "They asked \"never again\"");
  rejected(*c.operator->(), "dora@elsewhere.org", "no");
  const auto learnt = told(*c.operator->());
  CHECK(learnt.lessons.size() == 3);
  REQUIRE(learnt.rules.size() == 1);
  const auto& rule = learnt.rules.front().rule;
  CHECK(rule.name == "learnt_test_queryable_example_com");
  CHECK(rule.because == "They asked \"never again\"");
  CHECK(rule.then == (once_yes ? verdict::ask : verdict::deny));
  CHECK(learnt.rules.front().from == std::vector<std::string>{"apr-1", once_yes ? "apr-3" : "apr-2"});
  CHECK(to_yaml(rule) == "name: learnt_test_queryable_example_com\nbecause: \"They asked \\\"never again\\\"\"\nactions: [test.queryable]\n"
                         "when: \"recipients.exists(r, r.lowerAscii().endsWith(\\\"@example.com\\\"))\"\nthen: " + std::string(once_yes ? "ask" : "deny") + "\n");
  // The rule does what it was proposed for.
  c->manifests_.policies[rule.name] = rule;
  c->start();
  c->run("w", object{{"to", "eve@EXAMPLE.com"}});
  if (!once_yes) CHECK(c->works->ledger.empty());
  if (!once_yes) CHECK(c->state().runs.at(c->state().runs.begin()->first).here->trouble->code == "effect_denied");
}

TEST_CASE("a field that was changed twice to the same value gives a preference; others, and what is older, do not") {
  started c(asks());
  const auto changed = [&](const std::string& text) {
    c->run("w", object{{"to", "ada@example.com"}});
    const auto id = c->question();
    REQUIRE(c->decides().modify(id, "", object{{"text", text}}, c->now));
    REQUIRE(c->decides().approve(id, "", c->now));
    c->settle();
  };
  changed("Hi!");
  const auto first = c->now;
  c->advance(24h);
  changed("Hello there");
  changed("Hi!");
  const auto learnt = told(*c.operator->());
  REQUIRE(learnt.preferences.size() == 1);
  CHECK(learnt.preferences.front().about == "w/test.queryable");
  CHECK(learnt.preferences.front().text == "The text should be 'Hi!'");
  CHECK(learnt.preferences.front().from == std::vector<std::string>{"apr-1", "apr-3"});
  CHECK(told(*c.operator->(), first + 1us).preferences.empty());
  CHECK(told(*c.operator->(), first + 1us).lessons.size() == 2);
}

TEST_CASE("a domain that could break out of a rule is left alone") {
  started c(asks());
  for (int i = 0; i < 3; ++i) rejected(*c.operator->(), "x@a\")||true||(\"", "no");
  CHECK(told(*c.operator->()).rules.empty());
}

}  // namespace steward::test
