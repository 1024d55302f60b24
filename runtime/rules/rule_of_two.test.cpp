#include "runtime/rules/rule_of_two.hpp"

#include "runtime/rules/data_origin.hpp"
#include "runtime/rules/reach.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
using object = boost::json::object;

namespace {

struct nobody final : fact_source {
  std::vector<const json*> entities_with(std::string_view) const override { return {}; }
};

struct asked {
  action_manifest action{.name = "mailbox.send", .repeats = effect_class::queryable, .risk = risk_kind::outside};
  json arguments = object{{"body", "Hello"}};
  std::vector<std::string> recipients{"mailbox:eve@evil.example"};
  labels marks = label_untrusted | label_private;
  data_origin origin{{"mail_received from eve@evil.example (event 12)"}, "the record lead-3", {}, {}};
  nobody facts;
  policy_question question() const { return {action, arguments, recipients, "", "w", "run-1", marks, time_point{}, facts, nullptr, false, std::make_shared<data_origin>(origin)}; }
};

std::string hosts(const char* text) {
  std::string all;
  for (const auto& host : hosts_of_links_with_data(object{{"a", boost::json::array{object{{"b", text}}}}})) all += (all.empty() ? "" : " ") + host;
  return all;
}

}  // namespace

TEST_CASE("the rule of two speaks where untrusted data, private data in reach and an act meet, and nowhere else") {
  asked a;
  const auto said = rule_of_two(a.question());
  REQUIRE(said);
  CHECK(said->says == verdict::ask);
  CHECK(said->because ==
        "It stands on what came from outside (mail_received from eve@evil.example (event 12)) while private data is in reach (the record lead-3): only you may let that go, whatever else allows it");
  for (const labels marks : {labels(0), label_private}) {
    a.marks = marks;
    CHECK_FALSE(rule_of_two(a.question()));
  }
  a.marks = label_untrusted;
  CHECK(rule_of_two(a.question()));  // not seen yet, but in reach
  a.origin.private_by.clear();
  CHECK_FALSE(rule_of_two(a.question()));
  a.marks |= label_private;
  CHECK(rule_of_two(a.question()));
}

TEST_CASE("an act is what changes something or carries something outside") {
  for (const auto risk : {risk_kind::none, risk_kind::inside, risk_kind::outside, risk_kind::public_, risk_kind::money, risk_kind::legal})
    for (const auto repeats : {effect_class::read_only, effect_class::keyed, effect_class::queryable, effect_class::neither}) {
      asked a;
      a.action.risk = risk;
      a.action.repeats = repeats;
      const bool harmless = repeats == effect_class::read_only && (risk == risk_kind::none || risk == risk_kind::inside);
      CHECK(rule_of_two(a.question()).has_value() == !harmless);
    }
}

TEST_CASE("links that carry data are found wherever they hide, plain ones are left alone") {
  CHECK(hosts("see https://example.com/about-us and http://example.org/2026/11/a-page-with-a-long-and-friendly-name.html") == "");
  CHECK(hosts("![x](https://evil.example/p.png?d=secret)") == "evil.example");
  CHECK(hosts("<img src='HTTPS://EVIL.example/x#secret'>") == "evil.example");
  CHECK(hosts("http://secret:word@evil.example/ https://evil.example:8080/?a") == "evil.example");
  CHECK(hosts("https://evil.example/aGVsbG8gdGhpcyBpcyBhIHNlY3JldCB0ZXh0IG9mIG91cnM") == "evil.example");
  CHECK(hosts("https://aGVsbG8gdGhpcyBpcyBhIHNlY3JldHRleHQ.evil.example/") == "agvsbg8gdghpcybpcybhihnly3jldhrlehq.evil.example");
  CHECK(hosts("ftp://evil.example/?a=b and https://two.example/?c") == "evil.example two.example");
  CHECK(hosts("http:// and ://?x") == "");
}

TEST_CASE("the card names the hosts of such links, save those that may be reached") {
  asked a;
  a.arguments = object{{"body", "https://evil.example/?d=1 https://www.acme.example/?u=2 https://notacme.example/?u=3"}};
  CHECK(rule_of_two(a.question(), {"ACME.example"})->because.ends_with("It holds links that carry data to evil.example, notacme.example"));
}

TEST_CASE("our own calendar and pages are places, those who stand in an appointment are people") {
  asked a;
  a.action = {.name = "calendar.book", .repeats = effect_class::keyed, .risk = risk_kind::inside};
  a.recipients = {"calendar:calendar.ics"};
  CHECK_FALSE(judge_reach(a.question(), {"The company"}));
  a.recipients.push_back("mailbox:eve@evil.example");
  CHECK(judge_reach(a.question(), {"The company"})->because.find("names eve@evil.example") != std::string::npos);
  a.action = {.name = "site.publish", .repeats = effect_class::keyed, .risk = risk_kind::public_};
  a.recipients = {"site:/news/2026.html"};
  CHECK_FALSE(judge_reach(a.question(), {"The company"}));
  const std::vector<std::string> news{"/news/"}, index{"/news/2026"}, person{"eve@evil.example"};
  CHECK_FALSE(judge_reach(a.question(), {"The company", &news}));
  CHECK(judge_reach(a.question(), {"The company", &index}));
  CHECK(judge_reach(a.question(), {"The company", &person, verdict::deny})->says == verdict::deny);
  a.action = {.name = "files.write", .repeats = effect_class::keyed, .risk = risk_kind::inside};
  a.recipients = {"files:news/may.md"};
  CHECK_FALSE(judge_reach(a.question(), {"The company", &news}));
  CHECK(judge_reach(a.question(), {"The company", &index}));
  CHECK_FALSE(judge_reach(a.question(), {"The company", &person}));  // nothing is said of pages
}

TEST_CASE("who is answered is no stranger, and a word is known only where it stands by itself") {
  asked a;
  CHECK(judge_reach(a.question(), {"The company"}));
  a.origin.senders = {"eve@evil.example"};
  CHECK_FALSE(judge_reach(a.question(), {"The company"}));
  a.origin.senders.clear();
  for (const auto& [words, known] : std::vector<std::pair<std::string, bool>>{{"Eve@Evil.example", true}, {"write to eve@evil.example.", true}, {"<eve@evil.example>", true}, {"steve@evil.example", false},
                                                                             {"eve@evil.example.org", false}, {"eve@evil.examples", false}}) {
    const json own = object{{"with", boost::json::array{words}}};
    a.origin.own_words = {&own};
    INFO(words);
    CHECK(judge_reach(a.question(), {"The company"}).has_value() == !known);
  }
  a.marks = 0;
  a.origin.own_words.clear();
  CHECK_FALSE(judge_reach(a.question(), {"The company"}));  // trusted data may name anybody
}
