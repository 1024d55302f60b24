#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// A company whose one connector is a mailbox, and whose workflow asks the operator something.
company_of asking() {
  company_of m;
  m.m.company.company = "Analytical Engines";
  m.m.company.operator_ = operator_definition{{}, "me@example.org"};
  step_definition person;
  person.person = "Which one?";
  m.step("ask", person);
  return m;
}

struct told_company {
  small_company c;
  explicit told_company(company_manifests m) : c(std::move(m)) {
    auto& known = c.works->changes();
    known.name = "mailbox";
    auto send = known.actions.back();
    send.name = "mailbox.send";
    send.arguments = boost::json::object{{"type", "object"}};
    known.actions = {send};
    c.with_agent<puppet>().start();
  }
  small_company* operator->() { return &c; }
  std::vector<std::string> mails() {
    std::vector<std::string> all;
    for (const auto& r : c.works->ledger) all.push_back(r.bytes);
    return all;
  }
};

escalation_definition ladder(std::vector<rung_definition> rungs) { return {std::move(rungs), {}, {}}; }

}  // namespace

TEST_CASE("a card that nobody answers climbs each rung once, to the moment, also across crashes") {
  auto m = asking();
  m.m.company.escalation = ladder({{0h, reached::inbox}, {1h, reached::mail}, {24h, reached::mail}});
  told_company c(m);
  c->run("w");
  c->advance(1h - 1us);
  CHECK(c.mails().empty());
  c->start();
  c->advance(1us);
  REQUIRE(c.mails().size() == 1);
  CHECK(c->count("card_escalated") == 1);
  c->start();
  c->advance(23h - 1us);
  CHECK(c.mails().size() == 1);
  c->advance(1us);
  CHECK(c.mails().size() == 2);
  c->start();
  c->advance(240h);
  CHECK(c.mails().size() == 2);
}

TEST_CASE("the mail goes to the operator alone without a question, and says nothing that anybody wrote") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  told_company c(m);
  c->run("w");
  c->advance(1h);
  REQUIRE(c.mails().size() == 1);
  const auto mail = c.mails().front();
  CHECK(mail.find("card-1") != std::string::npos);
  CHECK(mail.find("me@example.org") != std::string::npos);
  CHECK(mail.find("Which one?") == std::string::npos);
  CHECK(c->count("approval_asked") == 0);
  const auto proposed = std::find_if(c->disk().begin(), c->disk().end(), [](const auto& e) { return std::holds_alternative<event::effect_proposed>(e.second); });
  CHECK(std::get<event::effect_proposed>(proposed->second).rulings.front().rule == "operator");
}

TEST_CASE("a workflow of the operator's is asked for a mail to the operator like for any other") {
  auto m = asking();
  m.w().steps.clear();
  m.step("send", effect_step("mailbox.send", object{{"to", "me@example.org"}}));
  told_company c(m);
  c->run("w");
  CHECK(c.mails().empty());
  CHECK(c->count("approval_asked") == 1);
}

TEST_CASE("a rule that asks does not hold back a mail to the operator, one that denies does") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  const auto then = GENERATE(verdict::ask, verdict::deny);
  m.m.policies["no_mails"] = {.name = "no_mails", .because = "a test says so", .actions = {"mailbox.send"}, .then = then};
  told_company c(m);
  c->run("w");
  c->advance(1h);
  CHECK(c.mails().size() == (then == verdict::ask ? 1 : 0));
  CHECK(c->count("approval_asked") == 0);
  CHECK(c->count("card_escalated") == 1);
}

TEST_CASE("an answered card climbs no further") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  told_company c(m);
  c->run("w");
  c->advance(59min);
  REQUIRE(c->decides().answer(c->card_about("person"), "this", c->now));
  c->settle();
  c->advance(48h);
  CHECK(c.mails().empty());
}

TEST_CASE("a snoozed card climbs nothing while it sleeps, and one rung when it wakes, also across crashes") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}, {2h, reached::mail}, {12h, reached::mail}});
  told_company c(m);
  c->run("w");
  const auto began = c->now;
  REQUIRE(c->decides().snooze_card("card-1", began + 5h, c->now));
  c->advance(4h);
  c->start();
  c->advance(1h - 1us);
  CHECK(c.mails().empty());
  c->advance(1us);
  CHECK(c.mails().size() == 1);  // two rungs have passed meanwhile: one mail
  c->start();
  c->advance(7h - 1us);
  CHECK(c.mails().size() == 1);
  c->advance(1us);
  CHECK(c.mails().size() == 2);
  CHECK(c->count("card_escalated") == 2);
}

TEST_CASE("cards that climb at the same time share a mail") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  told_company c(m);
  for (int i = 0; i < 5; ++i) c->run("w");
  c->advance(1h);
  REQUIRE(c.mails().size() == 1);
  CHECK(c.mails().front().find("5 cards wait") != std::string::npos);
  CHECK(c->count("card_escalated") == 5);
}

TEST_CASE("quiet hours hold back all but urgent cards, until the morning") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  m.m.company.escalation->quiet = quiet_hours_definition{"22:00", "07:00", {}, {}};
  const bool urgent = GENERATE(false, true);
  if (urgent) m.m.company.escalation->urgent = std::vector<std::string>{"person"};
  told_company c(m);
  c->advance(14h);  // 22:00
  c->run("w");
  c->advance(1h);
  CHECK(c.mails().size() == (urgent ? 1 : 0));
  c->start();
  c->advance(8h - 1us);
  CHECK(c.mails().size() == (urgent ? 1 : 0));
  c->advance(1us);  // 07:00
  CHECK(c.mails().size() == 1);
}

TEST_CASE("a mail that can't be sent raises a card, which climbs no ladder") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  told_company c(m);
  c->works->next = [](const request&) { return no(); };
  c->run("w");
  c->advance(240h);
  CHECK(c->cards("step_stuck") == 1);
  CHECK(c->count("card_escalated") == 1);
}

TEST_CASE("a paused company tells nobody, and makes up for it when it goes on") {
  auto m = asking();
  m.m.company.escalation = ladder({{1h, reached::mail}});
  told_company c(m);
  c->run("w");
  REQUIRE(c->decides().pause("company", "", "", c->now));
  c->settle();
  c->advance(5h);
  CHECK(c.mails().empty());
  REQUIRE(c->decides().resume("company", "", c->now));
  c->settle();
  CHECK(c.mails().size() == 1);
}

TEST_CASE("the digest comes once a day, also across restarts, a late start and days without an engine") {
  auto m = asking();
  m.m.company.digest = digest_definition{"07:30", reached::mail};
  told_company c(m);  // it is 8:00: today's comes at once
  c->advance(0s);
  CHECK(c.mails().size() == 1);
  c->start();
  c->advance(23h);
  CHECK(c.mails().size() == 1);
  c->advance(30min);
  REQUIRE(c.mails().size() == 2);
  CHECK(c->digests.back().until - c->digests.back().from == 23h + 30min);
  c->start();
  c->advance(0s);
  CHECK(c.mails().size() == 2);
  c->now += 72h;
  c->start();
  c->advance(1h);
  REQUIRE(c.mails().size() == 3);
  CHECK(c->digests.back().until - c->digests.back().from == 72h);
  CHECK(c.mails().back().find("the page") != std::string::npos);
}

}  // namespace steward::test
