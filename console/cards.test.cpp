#include "console/cards.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

namespace {

const auto now = parse_time("2026-11-21T09:30:00Z").value();

json release() {
  return parse_json(R"({
    "approval": "apr-1", "state": "asked", "run": "run-1", "workflow": "weekly_update", "step": "release",
    "asked_at": "2026-11-21T09:27:00Z", "expires_at": "2026-11-24T09:27:00Z", "if_expired": "discard", "only_suggest": false,
    "digest": "ab12", "run_cost": "0.00", "shows": {"update": {"title": "News in May"}},
    "effects": [
      {"effect": "eff-1", "action": "site.publish", "preview": "Publish the page 'News in May' as 2026/11/update.html\nTitle: News in May\nWe fixed the parser.",
       "why": "", "evidence": ["git:1a2b3c4 Fix the parser"], "rulings": [{"rule": "autonomy", "says": "ask", "because": "the company asks before site.publish"}],
       "undo": "site.unpublish", "cost": "0.00"},
      {"effect": "eff-2", "action": "mailbox.send", "preview": "Mail to Ada <ada@example.com>: News in May\nHello Ada,", "why": "", "evidence": [],
       "rulings": [{"rule": "do_not_contact", "says": "allow", "because": "nobody here asked not to be written to"}], "undo": "none", "cost": "0.02 EUR"}],
    "dropped": [{"effect": "eff-3", "action": "mailbox.send", "preview": "Mail to Dan <dan@example.com>", "how": "denied", "reason": "Dan asked not to be contacted"}]})")
      .value();
}

}  // namespace

TEST_CASE("a card says what will happen to whom, why it is asked, evidence, cost, undo, what silence means, and the commands") {
  const std::string expected = R"(apr-1  weekly_update / release  run-1, asked 3 min ago
  If you approve, this happens in this order (1 x site.publish, 1 x mailbox.send):

  1. Publish the page 'News in May' as 2026/11/update.html  eff-1 site.publish
     | Title: News in May
     | We fixed the parser.
  2. Mail to Ada <ada@example.com>: News in May  eff-2 mailbox.send
     | Hello Ada,

  Left out    Mail to Dan <dan@example.com> (denied: Dan asked not to be contacted)
  Asked since autonomy: the company asks before site.publish
              do_not_contact says allow: nobody here asked not to be written to
  Evidence    git:1a2b3c4 Fix the parser
              also: update
  Cost        at most 0.02 EUR; this run so far nothing
  Undo        site.unpublish takes site.publish back; mailbox.send can't be taken back
  No answer   in 3 days (2026-11-24T09:27Z): it is discarded; nothing leaves

  steward approve apr-1
  steward modify apr-1 --effect eff-1 --edit   # or FIELD=VALUE
  steward reject apr-1 --reason "..."
  steward show apr-1   has every word
)";
  CHECK(approval_text(release(), now, paint{}, false) == expected);
}

TEST_CASE("a card about money says how long a yes is held, how it is taken back, and that it was changed") {
  auto card = release();
  auto& effect = card.at("effects").as_array()[1].as_object();
  effect["risk"] = "money";
  effect["held_for"] = "10m";
  card.as_object()["changed"] = true;
  auto text = approval_text(card, now, paint{}, false);
  CHECK(text.find("Held        Money: it leaves 10m after your yes; until then 'steward undo eff-2' takes it back\n") != std::string::npos);
  CHECK(text.find("  You changed it since it was asked (steward modify).\n") != std::string::npos);
  card.as_object()["state"] = "approved";
  CHECK(approval_text(card, now, paint{}, false).find("after your yes") == std::string::npos);
  CHECK(approval_text(release(), now, paint{}, false).find("Held") == std::string::npos);
}

TEST_CASE("text from outside shows what it hides, and can't draw on the terminal") {
  auto card = release();
  card.at("effects").as_array()[1].as_object()["preview"] = "Mail to Ada\nPay\xe2\x80\xae" "002$\x1b[31m now\xe2\x80\x8b";
  const auto text = approval_text(card, now, paint{}, false);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\\u{202E}") != std::string::npos);
  CHECK(text.find("\\u{200B}") != std::string::npos);
}

TEST_CASE("a short card stops after a few lines of each effect, the whole one does not") {
  auto card = release();
  std::string body = "Mail to Ada";
  for (int i = 1; i <= 30; ++i) body += "\nline " + std::to_string(i);
  card.at("effects").as_array()[1].as_object()["preview"] = body;
  CHECK(approval_text(card, now, paint{}, false).find("25 more lines") != std::string::npos);
  CHECK(approval_text(card, now, paint{}, true).find("| line 30\n") != std::string::npos);
}

TEST_CASE("a card that was decided says so and offers no command") {
  auto card = release();
  card.as_object()["state"] = "used";
  const auto text = approval_text(card, now, paint{}, false);
  CHECK(text.find("This was used already.") != std::string::npos);
  CHECK(text.find("steward approve") == std::string::npos);
}

TEST_CASE("a question offers its options as commands") {
  const auto card = parse_json(R"({"card": "card-2", "about": "effect_in_doubt", "title": "Did it happen? Mail to Ada", "text": "Nobody can be asked.", "run": "run-1", "subject": "eff-1",
    "raised_at": "2026-11-21T09:29:30Z", "options": ["happened", "repeat", "leave"], "actions": ["steward answer card-2 happened"], "shows": null})")
                        .value();
  CHECK(card_text(card, now, paint{}, false) == R"(card-2  Did it happen? Mail to Ada
  run-1, 30 s ago

  Nobody can be asked.

  steward answer card-2 happened
  steward answer card-2 repeat
  steward answer card-2 leave
)");
}

TEST_CASE("the inbox is three lines a card, and says when there is nothing") {
  CHECK(inbox_text(boost::json::array{}, now, paint{}) == "Nothing needs you.\n");
  const json card = boost::json::object{{"card", "card-1"}, {"about", "approval"}, {"title", "Publish the page (and 1 more)"}, {"run", "run-1"}, {"raised_at", "2026-11-21T09:27:00Z"}, {"approval", release()}};
  CHECK(inbox_text(boost::json::array{card}, now, paint{}) == R"(apr-1    Publish the page (and 1 more)
         run-1, 1 x site.publish, 1 x mailbox.send, 1 left out, ends in 3 days, 3 min ago
         steward show apr-1   steward approve apr-1
)");
}

TEST_CASE("a change is shown field by field and line by line") {
  const auto before = parse_json(R"({"subject": "News", "body": "Hello\nold line\nBye", "to": "ada@example.com"})").value();
  const auto after = parse_json(R"({"subject": "News", "body": "Hello\nnew line\nBye", "to": "ada@example.com", "cc": ["x"]})").value();
  CHECK(arguments_diff(before, after, paint{}) == "  body\n  - old line\n  + new line\n  cc\n  + [\"x\"]\n");
  CHECK(arguments_diff(before, before, paint{}) == "  nothing changed\n");
}

TEST_CASE("a value is readable without quotes and braces") {
  const auto value = parse_json(R"({"title": "News", "list": [{"a": 1, "b": "x"}, 2], "empty": [], "text": "one\ntwo"})").value();
  CHECK(readable(value, "", 100) == "title: News\nlist:\n  - a: 1\n    b: x\n  - 2\nempty: []\ntext: |\n  one\n  two\n");
  CHECK(readable(value, "", 2) == "title: News\nlist:\n… 7 more lines\n");
}

TEST_CASE("colours are codes around words and nothing without a terminal") {
  CHECK(paint(true).bold("x") == "\x1b[1mx\x1b[0m");
  CHECK(paint(false).bold("x") == "x");
}
