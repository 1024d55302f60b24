#include "runtime/rules/rule.hpp"

#include <map>

#include "tests/support/catch.hpp"

using namespace steward;
using object = boost::json::object;

namespace {

const std::string berlin = "Europe/Berlin", salt = "salt";

/// One effect in a company where Ada is a customer.
struct world final : fact_source, count_source {
  action_manifest action{.name = "mailbox.send", .repeats = effect_class::keyed, .risk = risk_kind::public_, .cost = money{1'500'000'000, "EUR"}};
  json arguments = object{{"subject", "Hello"}, {"size", 3}};
  std::vector<std::string> recipients{"mailbox:ada@example.com"};
  std::string role = "outreach";
  labels marks = label_untrusted;
  time_point now = parse_time("2026-11-21T12:00:00Z").value();  // a Saturday, 13:00 in Berlin
  bool again = false;
  json ada = object{{"plan", "gold"}};
  std::map<std::string, std::vector<time_point>, std::less<>> left;

  std::vector<const json*> entities_with(std::string_view) const override { return {}; }
  known_entity entity_of(std::string_view type, std::string_view id) const override {
    return type == "customer" && (id == "mailbox:ada@example.com" || id == "customer-3") ? known_entity{"customer-3", &ada} : known_entity{};
  }
  std::int64_t left_since(std::string_view key, time_point since) const override {
    const auto it = left.find(key);
    return it == left.end() ? 0 : std::count_if(it->second.begin(), it->second.end(), [&](time_point at) { return at > since; });
  }
  policy_question question() const { return {action, arguments, recipients, role, "weekly_update", "run-1", marks, now, *this, this, again}; }
  std::optional<ruling> ask(const rule& r) const {
    const auto q = question();
    return r.judge(effect_case(q, berlin, salt));
  }
  /// It leaves, and is counted.
  void goes(const rule& r) {
    const auto q = question();
    for (const auto& key : r.counts(effect_case(q, berlin, salt), salt)) left[key].push_back(now);
  }
};

std::shared_ptr<const rule> made(policy_definition said) {
  if (said.name.empty()) said.name = "a_rule";
  if (said.because.empty()) said.because = "It must be";
  auto r = rule::compile(std::move(said), berlin, {"customer", "lead"});
  if (!r) FAIL(to_sentence(r.error()));
  return *r;
}

std::shared_ptr<const rule> when(std::string condition) { return made({.when = std::move(condition), .then = verdict::deny}); }

error refused(policy_definition said) {
  said.name = "a_rule";
  auto r = rule::compile(std::move(said), berlin, {"customer", "lead"});
  REQUIRE(!r);
  return r.error();
}

}  // namespace

TEST_CASE("a rule sees the action, its arguments, whom it reaches, who asks, the entity behind it, labels, cost and local time") {
  const char* table[] = {
      "action == 'mailbox.send'",
      "connector == 'mailbox'",
      "risk == 'public' && class == 'keyed'",
      "arguments.subject == 'Hello' && arguments.size > 2",
      "recipients.exists(r, r.endsWith('@example.com')) && size(recipients) == 1",
      "role == 'outreach' && workflow == 'weekly_update' && run == 'run-1'",
      "customer.plan == 'gold'",
      "!has(lead.plan) && lead == {}",
      "'untrusted' in labels && !('private' in labels)",
      "cost.amount > 1.4 && cost.currency == 'EUR'",
      "now == timestamp('2026-11-21T12:00:00Z')",
      "time.date == '2026-11-21' && time.hour == 13 && time.minute == 0 && time.weekday == 'saturday'",
      "recent.company == 0 && recent.recipient == 0",
      "type(arguments.size) == int",
  };
  const world w;
  for (const auto* condition : table) {
    CAPTURE(condition);
    CHECK(w.ask(*when(condition)) == ruling{"a_rule", verdict::deny, "It must be"});
    CHECK_FALSE(w.ask(*when("!(" + std::string(condition) + ")")));
  }
}

TEST_CASE("a rule that can't be evaluated asks, whatever it would have said, and tells why") {
  const world w;
  for (const auto then : {verdict::allow, verdict::deny, verdict::shadow}) {
    const auto said = w.ask(*made({.when = "arguments.amount > 100", .then = then}));
    REQUIRE(said);
    CHECK(said->says == verdict::ask);
    CHECK(said->because.find("It must be (it could not be decided: ") == 0);
    CHECK(said->because.find("there is no 'amount'") != std::string::npos);
  }
  CHECK(w.ask(*when("arguments.subject"))->says == verdict::ask);  // no yes and no no
}

TEST_CASE("a rule that costs too much asks") {
  const world w;
  const std::string ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
  const auto said = w.ask(*when(ten + ".all(a, " + ten + ".all(b, " + ten + ".all(c, " + ten + ".all(d, a + b + c + d > 0))))"));
  REQUIRE(said);
  CHECK(said->says == verdict::ask);
}

TEST_CASE("the actions that a rule can speak about are found in its condition") {
  struct row {
    const char* condition;
    std::optional<std::vector<std::string>> actions;
  };
  const row table[] = {
      {"action == 'a.b'", {{"a.b"}}},
      {"'a.b' == action && role == 'x'", {{"a.b"}}},
      {"role == 'x' && (action == 'a.b' || action == 'a.c')", {{"a.b", "a.c"}}},
      {"action in ['a.c', 'a.b', 'a.b'] && arguments.size > 3", {{"a.b", "a.c"}}},
      {"action in ['a.c', 'a.b'] && action == 'a.c'", {{"a.c"}}},
      {"action == 'a.b' || role == 'x'", {}},
      {"action != 'a.b'", {}},
      {"!(action == 'a.b')", {}},
      {"action == role", {}},
      {"true", {}},
  };
  for (const auto& r : table) {
    CAPTURE(r.condition);
    CHECK(when(r.condition)->actions() == r.actions);
  }
  CHECK(made({.actions = {"x.y"}, .when = "action == 'a.b'"})->actions() == std::vector<std::string>{"x.y"});
}

TEST_CASE("at_most lets a rule that allows turn to ask, and one that denies speak, beyond the number") {
  const auto per_recipient = GENERATE(false, true);
  const auto allows = made({.name = "few", .then = verdict::allow, .at_most = per_recipient ? "2 per 1d per recipient" : "2 per 1d"});
  const auto denies = made({.name = "few", .then = verdict::deny, .at_most = per_recipient ? "2 per 1d per recipient" : "2 per 1d"});
  world w;
  for (int i = 0; i < 2; ++i) {
    CHECK(w.ask(*allows)->says == verdict::allow);
    CHECK_FALSE(w.ask(*denies));
    w.goes(*denies);
    w.now += std::chrono::hours{1};
  }
  CHECK(w.ask(*allows)->says == verdict::ask);
  CHECK(w.ask(*denies)->says == verdict::deny);
  CHECK(w.ask(*denies)->because == std::string("It must be (2 in 1d") + (per_recipient ? " for this recipient" : "") + ", at most 2)");
  w.again = true;  // the second one once more: it is among those counted
  CHECK_FALSE(w.ask(*denies));
  w.again = false;
  auto other = w;
  other.recipients = {"mailbox:bo@example.com"};
  CHECK(other.ask(*denies).has_value() == !per_recipient);
  other.recipients = {"mailbox:bo@example.com", "mailbox:ada@example.com"};  // one of them has heard enough
  CHECK(other.ask(*denies));
  w.now += std::chrono::hours{23};  // the first is a day old
  CHECK_FALSE(w.ask(*denies));
}

TEST_CASE("what is counted for each customer is counted under all of the customer's addresses, and a stranger's under his own") {
  const auto r = made({.then = verdict::deny, .at_most = "1 per 7d per customer"});
  world w;
  w.goes(*r);
  w.recipients.clear();
  w.arguments = object{{"customer", "customer-3"}};
  CHECK(w.ask(*r));
  w.arguments = object{};
  w.recipients = {"mailbox:stranger@example.com"};
  CHECK_FALSE(w.ask(*r));
  w.goes(*r);
  CHECK(w.ask(*r));
  for (const auto& [key, _] : w.left) CHECK(key.find("example.com") == std::string::npos);  // no address in what is stored
}

TEST_CASE("only what the condition holds for is counted") {
  const auto r = made({.when = "arguments.size > 5", .then = verdict::deny, .at_most = "1 per 1d"});
  world w;
  w.goes(*r);
  CHECK(w.left.empty());
  w.arguments = object{{"size", 6}};
  CHECK_FALSE(w.ask(*r));
  w.goes(*r);
  CHECK(w.ask(*r));
}

TEST_CASE("quiet hours hold in their zone, over midnight, through summer time, and belong to the day on which they began") {
  struct row {
    const char* at;
    bool night, friday_night, noon;
  };
  const row table[] = {
      {"2026-11-20T18:59:00Z", false, false, false},  // Friday, 19:59 in Berlin
      {"2026-11-20T19:00:00Z", true, true, false},
      {"2026-11-21T06:59:00Z", true, true, false},    // Saturday morning: Friday's night
      {"2026-11-21T07:00:00Z", false, false, false},
      {"2026-11-21T11:00:00Z", false, false, true},
      {"2026-11-21T19:00:00Z", true, false, false},   // Saturday evening
      {"2026-07-03T17:59:00Z", false, false, false},  // summer: 19:59
      {"2026-07-03T18:00:00Z", true, true, false},
  };
  const auto night = made({.then = verdict::ask, .quiet_hours = quiet_hours_definition{"20:00", "08:00", {}, {}}});
  const auto friday = made({.then = verdict::ask, .quiet_hours = quiet_hours_definition{"20:00", "08:00", {}, {weekday::friday}}});
  const auto noon = made({.then = verdict::ask, .quiet_hours = quiet_hours_definition{"12:00", "13:00", "Europe/Berlin", {}}});
  const auto by_day = made({.then = verdict::allow, .quiet_hours = quiet_hours_definition{"20:00", "08:00", {}, {}}});
  for (const auto& r : table) {
    CAPTURE(r.at);
    world w;
    w.now = parse_time(r.at).value();
    CHECK(w.ask(*night).has_value() == r.night);
    CHECK(w.ask(*friday).has_value() == r.friday_night);
    CHECK(w.ask(*noon).has_value() == r.noon);
    CHECK(w.ask(*by_day)->says == (r.night ? verdict::ask : verdict::allow));
  }
}

TEST_CASE("what is wrong in a rule is refused when it is read") {
  CHECK(refused({.when = "action = 'x'"}).code == "expression_error");
  CHECK(refused({.when = "acton == 'x'"}).where == "when:1:1");
  CHECK(refused({.when = "acton == 'x'"}).advice == "Did you mean 'action'?");
  CHECK(refused({.when = "project.name == 'x'"}).code == "expression_error");  // no such entity type here
  for (const auto* limit : {"5", "5 per day", "0 per 1d", "-1 per 1d", "5 per 40d", "5 per 1d per recipent", "x per 1d", "20000 per 1d", "5 per 0s"}) {
    CAPTURE(limit);
    CHECK(refused({.at_most = limit}).code == "bad_at_most");
  }
  CHECK(refused({.at_most = "5 per day per customer"}).advice == "Write 5 per 1d per customer");
  CHECK(refused({.at_most = "5 per 1d per recipent"}).advice == "Did you mean 'recipient'?");
  CHECK(refused({.quiet_hours = quiet_hours_definition{"8:00", "20:00", {}, {}}}).code == "bad_time_of_day");
  CHECK(refused({.quiet_hours = quiet_hours_definition{"08:00", "08:00", {}, {}}}).where == "quiet_hours:to");
  CHECK(refused({.quiet_hours = quiet_hours_definition{"20:00", "08:00", "Europe/Berlim", {}}}).code == "unknown_zone");
}

TEST_CASE("all rules about an action speak, and the strictest of them wins over the rung") {
  const auto rules = [](std::vector<verdict> all) {
    std::vector<ruling> said;
    for (const auto v : all) said.push_back({"r", v, ""});
    return said;
  };
  using v = verdict;
  CHECK(strictest(v::ask, false, rules({})) == v::ask);
  CHECK(strictest(v::ask, false, rules({v::allow})) == v::allow);  // a rule takes the rung's question away
  CHECK(strictest(v::ask, true, rules({v::allow})) == v::ask);     // but `suggest` is a draft
  CHECK(strictest(v::ask, false, rules({v::allow, v::ask})) == v::ask);
  CHECK(strictest(v::allow, false, rules({v::allow, v::deny, v::ask})) == v::deny);
  CHECK(strictest(v::allow, false, rules({v::shadow, v::ask})) == v::shadow);
  CHECK(strictest(v::deny, false, rules({v::allow})) == v::deny);  // and gives no permission
  CHECK(strictest(v::shadow, false, rules({v::allow})) == v::shadow);
}

TEST_CASE("a rule about another action is not even asked") {
  std::vector<policy_definition> all;
  for (int i = 0; i < 100; ++i) all.push_back({.name = "r" + std::to_string(i), .because = "b", .when = i % 2 ? "action == 'site.publish'" : "action == 'mailbox.send' && 1 / 0 == 1"});
  all.push_back({.name = "every", .because = "b", .when = "role == 'outreach'"});
  const auto book = rule_book::make(all, berlin, {}).value();
  world w;
  const auto about = [&](const char* action) {
    w.action.name = action;
    const auto q = w.question();
    std::vector<ruling> said;
    book.judge(effect_case(q, berlin, salt), said);
    return said;
  };
  CHECK(about("calendar.book") == std::vector<ruling>{{"every", verdict::ask, "b"}});
  CHECK(about("mailbox.send").size() == 51);
  CHECK(about("site.publish").size() == 51);
}

TEST_CASE("recent counts what left in the last day, for rules that look at it") {
  const auto book = rule_book::make({{.name = "flood", .because = "b", .when = "action == 'mailbox.send' && recent.recipient >= 2", .then = verdict::deny}}, berlin, {}).value();
  world w;
  const auto said = [&] {
    const auto q = w.question();
    std::vector<ruling> all;
    book.judge(effect_case(q, berlin, salt), all);
    return all.size();
  };
  for (int i = 0; i < 2; ++i) {
    CHECK(said() == 0);
    const auto q = w.question();
    for (const auto& key : book.counts(effect_case(q, berlin, salt), salt)) w.left[key].push_back(w.now);
  }
  CHECK(said() == 1);
  w.recipients = {"mailbox:bo@example.com"};
  CHECK(said() == 0);
}

TEST_CASE("of several recipients one is enough to stop an effect, and all are needed to let it through") {
  world w;
  const auto ada = "mailbox:ada@example.com", stranger = "mailbox:eve@example.com";
  const auto deny = when("customer.plan == 'gold'"), has = when("has(customer.plan) && customer.plan == 'gold'");
  const auto allow = made({.when = "has(customer.plan) && customer.plan == 'gold'", .then = verdict::allow});
  for (const auto& to : {std::vector<std::string>{ada}, {stranger, ada}, {ada, stranger}, {stranger, stranger, ada}}) {
    w.recipients = to;
    REQUIRE(w.ask(*has));
    CHECK(w.ask(*has)->says == verdict::deny);
    CHECK(bool(w.ask(*allow)) == (to.size() == 1));
  }
  w.recipients = {stranger, stranger};
  CHECK_FALSE(w.ask(*has));
  CHECK_FALSE(w.ask(*allow));
  w.recipients = {stranger, ada};  // that it can't be judged for one of them does not hide that it holds for another
  CHECK(w.ask(*deny)->says == verdict::deny);
  w.recipients = {stranger, stranger};
  CHECK(w.ask(*deny)->says == verdict::ask);
  w.recipients = {"ledger:ada@example.com"};  // whoever has an address is known by it
  CHECK(w.ask(*has));
}
