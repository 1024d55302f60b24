#include "runtime/coordination/likeness.hpp"
#include "runtime/observation/views.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

company_of asks(std::optional<duration> expires_in = {}) {
  company_of m;
  auto s = effect_step("test.queryable", object{{"to", "${input.to}"}, {"text", "${input.text}"}}, true);
  s.ask->expires_in = expires_in;
  m.step("send", s);
  return m;
}

json seen(small_company& c, json asked) {
  auto book = action_book::make({c.works});
  REQUIRE(book);
  auto told = view(c.state(), c.manifests_, *book, asked, c.now);
  REQUIRE(told);
  return *told;
}
std::size_t shown(small_company& c, bool all = false) {
  std::size_t cards = 0;
  const auto inbox = seen(c, object{{"view", "inbox"}, {"all", all}});
  for (const auto& card : inbox.as_array()) cards += !text_at(card, "card").empty();
  return cards;
}
std::vector<seen_question> alike(small_company& c, const std::string& approval) {
  std::vector<seen_question> all;
  const auto told = seen(c, object{{"view", "alike"}, {"approval", approval}});
  for (const auto& q : told.at("questions").as_array()) all.push_back({text_at(q, "approval"), text_at(q, "digest")});
  return all;
}
void ask(small_company& c, const std::string& to, const std::string& text = "hello", const std::string& workflow = "w") { c.run(workflow, object{{"to", to}, {"text", text}}); }

}  // namespace

TEST_CASE("questions that are alike are decided together, each bound to its own digest; a later one is not among them") {
  const bool yes = GENERATE(true, false);
  auto m = asks();
  m.m.workflows["other"] = m.w();
  m.m.workflows["other"].workflow = "other";
  started c(m);
  for (const auto* who : {"ada", "ben", "cleo"}) ask(*c.operator->(), who);
  ask(*c.operator->(), "dora", "hello", "other");
  const auto group = alike(*c.operator->(), "apr-2");
  REQUIRE(group.size() == 3);
  ask(*c.operator->(), "eve");
  REQUIRE(c->decides().decide_alike(yes, group, "all of them", c->now));
  c->settle();
  CHECK(c->works->done().size() == (yes ? 3u : 0u));
  CHECK(c->count("approval_decided") == 3);
  std::set<std::string> digests;
  for (const auto& [_, e] : c->disk())
    if (const auto* decided = std::get_if<event::approval_decided>(&e)) {
      CHECK(decided->decision == (yes ? "approved" : "rejected"));
      REQUIRE(decided->digests.size() == 1);
      digests.insert(decided->digests.front());
    }
  CHECK(digests.size() == 3);
  CHECK(shown(*c.operator->()) == 2);  // the other workflow's, and the later one
}

TEST_CASE("a group that has changed since it was looked at is not decided at all") {
  auto m = asks();
  m.m.workflows["other"] = m.w();
  m.m.workflows["other"].workflow = "other";
  started c(m);
  for (const auto* who : {"ada", "ben"}) ask(*c.operator->(), who);
  ask(*c.operator->(), "cleo", "hello", "other");
  auto group = alike(*c.operator->(), "apr-1");
  std::string code;
  SECTION("one has another digest") {
    REQUIRE(c->decides().modify("apr-2", "", object{{"text", "other"}}, c->now));
    code = "approval_changed";
  }
  SECTION("one is decided") {
    REQUIRE(c->decides().reject("apr-2", "", c->now));
    code = "already_decided";
  }
  SECTION("one is not alike") {
    group.push_back(alike(*c.operator->(), "apr-3").front());
    code = "not_alike";
  }
  c->settle();
  const auto before = c->count("approval_decided");
  const auto decided = c->decides().decide_alike(true, group, "", c->now);
  REQUIRE(!decided);
  CHECK(decided.error().code == code);
  c->settle();
  CHECK(c->works->ledger.empty());
  CHECK(c->count("approval_decided") == before);
}

TEST_CASE("a group of thousands is decided although most of its runs left memory") {
  started c(asks());
  c->fold_checks_each = 1'000'000;  // it compares with a state in which nothing is packed
  for (int i = 0; i < 300; ++i) ask(*c.operator->(), "reader-" + std::to_string(i));
  CHECK(c->state().parked.size() > 200);
  const auto group = alike(*c.operator->(), "apr-7");
  REQUIRE(group.size() == 300);
  for (auto& action : c->works->changes().actions) action.per_minute = 1000;
  REQUIRE(c->decides().decide_alike(true, group, "", c->now));
  c->settle();
  CHECK(c->works->done().size() == 300);
}

TEST_CASE("a snoozed card is out of sight until then, comes back once, and can be decided meanwhile") {
  started c(asks());
  ask(*c.operator->(), "ada");
  REQUIRE(c->decides().snooze_card(GENERATE(as<std::string>{}, "apr-1", "card-1"), c->now + 2h, c->now));
  c->settle();
  CHECK(shown(*c.operator->()) == 0);
  CHECK(shown(*c.operator->(), true) == 1);
  c->start();
  CHECK(shown(*c.operator->()) == 0);
  SECTION("decided") {
    c->approve();
    CHECK(c->works->done().size() == 1);
    CHECK(c->state().snoozed.empty());
  }
  SECTION("back") {
    c->advance(2h);
    CHECK(shown(*c.operator->()) == 1);
    c->advance(24h);
    CHECK(shown(*c.operator->()) == 1);
    CHECK(c->count("card_snoozed") == 1);
  }
  SECTION("woken by hand") {
    REQUIRE(c->decides().snooze_card("card-1", c->now, c->now));
    c->settle();
    CHECK(shown(*c.operator->()) == 1);
  }
}

TEST_CASE("a deadline counts while its card sleeps, and a snooze past it is refused") {
  started c(asks(24h));
  ask(*c.operator->(), "ada");
  const auto past = c->decides().snooze_card("apr-1", c->now + 25h, c->now);
  REQUIRE(!past);
  CHECK(past.error().code == "bad_snooze");
  CHECK(shown(*c.operator->()) == 1);
  REQUIRE(c->decides().snooze_card("apr-1", c->now + 23h, c->now));
  c->settle();
  c->advance(24h);
  CHECK(c->outcome_of("run-1") == "finished: discarded");
  CHECK(c->works->ledger.empty());
  CHECK(c->state().snoozed.empty());
}

TEST_CASE("beyond the day's number questions wait until tomorrow, and nothing is decided by it") {
  auto m = asks();
  m.m.company.attention = attention_definition{2, GENERATE(beyond_attention::wait, beyond_attention::digest)};
  m.m.company.zone = "Europe/Berlin";
  const auto beyond = m.m.company.attention->beyond;
  started c(m);
  for (int i = 0; i < 7; ++i) ask(*c.operator->(), "reader-" + std::to_string(i));
  CHECK(shown(*c.operator->()) == 2);
  CHECK(shown(*c.operator->(), true) == 7);
  const auto inbox = seen(*c.operator->(), object{{"view", "inbox"}});
  CHECK(text_at(inbox.as_array().back(), "title") == "5 more wait until tomorrow");
  const auto used = seen(*c.operator->(), object{{"view", "attention"}});
  CHECK(used.at("questions") == json(2));
  CHECK(used.at("waiting") == json(5));
  c->advance(14h + 59min);  // 8:00 UTC is 9:00 in Berlin: one minute before midnight there
  CHECK(shown(*c.operator->()) == 2);
  c->advance(1min);
  if (beyond == beyond_attention::digest) {
    CHECK(shown(*c.operator->()) == 7);
  } else {
    CHECK(shown(*c.operator->()) == 4);  // two of yesterday's still stand, and two more come
    c->advance(24h);
    CHECK(shown(*c.operator->()) == 6);
    c->start();
    c->advance(24h);
    CHECK(shown(*c.operator->()) == 7);
  }
  CHECK(c->count("approval_decided") == 0);
  CHECK(c->works->ledger.empty());
}

TEST_CASE("an urgent question comes however many came before: money, law, or a deadline before tomorrow noon") {
  SECTION("a deadline") {
    auto m = asks(3h);
    m.m.company.attention = attention_definition{1, beyond_attention::wait};
    started c(m);
    for (int i = 0; i < 3; ++i) ask(*c.operator->(), "reader-" + std::to_string(i));
    CHECK(shown(*c.operator->()) == 3);
  }
  SECTION("money") {
    auto m = asks();
    m.m.company.attention = attention_definition{1, beyond_attention::wait};
    started c(m);
    for (auto& action : c->works->changes().actions) action.risk = risk_kind::money;
    c->start();
    for (int i = 0; i < 3; ++i) ask(*c.operator->(), "reader-" + std::to_string(i));
    CHECK(shown(*c.operator->()) == 3);
  }
}

TEST_CASE("after three unchanged approvals of the same the next card offers the narrow rule, and a no or a change begins anew") {
  started c(asks());
  const auto offered = [&](const std::string& approval) { return text_at(seen(*c.operator->(), object{{"view", "approval"}, {"approval", approval}}), "suggests"); };
  for (int i = 1; i <= 3; ++i) {
    ask(*c.operator->(), "ada");
    CHECK(offered("apr-" + std::to_string(i)).empty());
    c->approve();
  }
  ask(*c.operator->(), "ben");
  CHECK(offered("apr-4").empty());  // others are not the same
  c->approve();
  ask(*c.operator->(), "ada");
  CHECK(offered("apr-5") == "steward approve apr-5 --always-for 7d");
  const auto card = seen(*c.operator->(), object{{"view", "inbox"}}).as_array().front();
  CHECK(card.at("actions").as_array()[1] == json("steward approve apr-5 --always-for 7d"));
  SECTION("a no") { REQUIRE(c->decides().reject("apr-5", "", c->now)); }
  SECTION("a change") {
    REQUIRE(c->decides().modify("apr-5", "", object{{"text", "other"}}, c->now));
    REQUIRE(c->decides().approve("apr-5", "", c->now));
  }
  c->settle();
  ask(*c.operator->(), "ada");
  CHECK(offered("apr-6").empty());
}

}  // namespace steward::test
