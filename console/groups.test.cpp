#include "console/groups.hpp"

#include "console/cards.hpp"
#include "console/moment.hpp"
#include "runtime/schedule.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

const auto now = parse_time("2026-11-21T09:30:00Z").value();

json question(int n, const std::string& to, const std::string& body) {
  const auto id = std::to_string(n);
  return boost::json::object{{"approval", "apr-" + id}, {"group", "grp-1a2b3c4d"}, {"state", "asked"}, {"run", "run-" + id}, {"workflow", "answer_lead"}, {"step", "send"}, {"expires_at", "2026-11-21T11:30:00Z"},
                             {"effects", boost::json::array{boost::json::object{{"effect", "eff-" + id}, {"action", "mailbox.send"}, {"role", "sales_assistant"}, {"preview", "Mail to " + to + "\n" + body},
                                                                                {"arguments", {{"to", to}, {"subject", "News"}, {"body", body}}}}}}};
}
std::vector<const json*> pointers(const std::vector<json>& all) {
  std::vector<const json*> some;
  for (const auto& one : all) some.push_back(&one);
  return some;
}

const std::string letter(200, 'x');

}  // namespace

TEST_CASE("questions that are alike are told in one place: what they share, and in what each differs") {
  const std::vector<json> all{question(1, "ada@example.com", letter + "Ada"), question(2, "ben@example.org", letter + "Ben")};
  CHECK(group_text(pointers(all), now, paint{}) == "2 alike  answer_lead / send (mailbox.send, sales_assistant), the first ends in 2 h\n"
                                                   "  apr-1    Mail to ada@example.com\n"
                                                   "           to: ada@example.com\n"
                                                   "  apr-2    Mail to ben@example.org\n"
                                                   "           body: 3 of 203 bytes are its own\n"
                                                   "           to: ben@example.org\n"
                                                   "         steward approve apr-1 --alike   steward reject apr-1 --alike   steward show apr-1\n");
}

TEST_CASE("a long group tells its first questions and how to see the rest") {
  std::vector<json> all;
  for (int i = 1; i <= 12; ++i) all.push_back(question(i, "reader-" + std::to_string(i) + "@example.com", "Hello"));
  const auto text = group_text(pointers(all), now, paint{});
  CHECK(text.starts_with("12 alike"));
  CHECK(text.find("apr-5") != std::string::npos);
  CHECK(text.find("apr-6 ") == std::string::npos);
  CHECK(text.find("… 7 more: steward approve apr-1 --alike --dry-run") != std::string::npos);
}

TEST_CASE("every line of groups, holds and snoozed cards shows what it hides, and can't draw on the terminal") {
  const std::string bad = "Pay\xe2\x80\xae" "002$\x1b[31m\xe2\x80\x8b";
  std::vector<json> all{question(1, bad, bad + "\n" + letter), question(2, bad + "2", "other")};
  for (auto& q : all) {
    q.as_object()["workflow"] = "w";
    q.at("effects").as_array()[0].as_object()["action"] = bad;
    q.at("effects").as_array()[0].as_object()["role"] = bad;
    q.at("effects").as_array()[0].at("arguments").as_object()[bad] = bad + text_at(q, "approval");
  }
  json cards = boost::json::array{
      boost::json::object{{"card", ""}, {"about", "hold"}, {"title", bad}, {"subject", "eff-9"}, {"run", "run-9"}, {"leaves_at", "2026-11-21T09:40:00Z"}, {"raised_at", "2026-11-21T09:30:00Z"}, {"actions", {"steward undo eff-9 " + bad}}},
      boost::json::object{{"card", ""}, {"about", "attention"}, {"title", bad}, {"text", bad}, {"subject", "attention"}, {"raised_at", "2026-11-21T09:30:00Z"}, {"actions", {bad}}},
      boost::json::object{{"card", "card-4"}, {"about", "question"}, {"title", bad}, {"run", "run-1"}, {"raised_at", "2026-11-21T09:30:00Z"}, {"snoozed", {{"until", "2026-11-21T12:30:00Z"}, {"by", "operator"}}}}};
  for (const auto& q : all) cards.as_array().push_back(boost::json::object{{"card", "card-1"}, {"about", "approval"}, {"title", bad}, {"raised_at", "2026-11-21T09:30:00Z"}, {"approval", q}});
  for (const auto& text : {group_text(pointers(all), now, paint{}), differences_text(pointers(all), paint{}), inbox_text(cards, now, paint{})}) {
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    CHECK(text.find("\xe2\x80\x8b") == std::string::npos);
    CHECK(text.find("\\u{202E}") != std::string::npos);
  }
}

TEST_CASE("the inbox shows what is held with its end and both commands, and what sleeps with the time it comes back") {
  const json cards = boost::json::array{
      boost::json::object{{"card", "card-4"}, {"about", "question"}, {"title", "Go on?"}, {"run", "run-1"}, {"raised_at", "2026-11-21T09:27:00Z"}, {"snoozed", {{"until", "2026-11-21T11:30:00Z"}, {"by", "operator"}}}},
      boost::json::object{{"card", ""}, {"about", "hold"}, {"title", "Pay 5 EUR"}, {"subject", "eff-9"}, {"run", "run-9"}, {"leaves_at", "2026-11-21T09:40:00Z"}, {"raised_at", "2026-11-21T09:30:00Z"}, {"actions", {"steward undo eff-9", "steward approve eff-9 --now"}}}};
  CHECK(inbox_text(cards, now, paint{}) == "card-4   Go on?\n         run-1, question, 3 min ago, asleep, back in 2 h\n         steward inbox card-4\n"
                                           "eff-9    Pay 5 EUR\n         run-9, leaves in 10 min unless you take it back\n         steward undo eff-9   steward approve eff-9 --now\n");
}

TEST_CASE("a moment ahead is read as people say it, in the company's zone, also on the days on which the clock changes") {
  const auto at = [](const std::string& text, const std::string& from = "2026-11-21T09:30:00Z") {
    const auto found = moment_ahead(text, parse_time(from).value(), "Europe/Berlin");
    return found ? to_local_text("Europe/Berlin", *found).substr(0, 16) : found.error().code;
  };
  CHECK(at("2h") == "2026-11-21 12:30");
  CHECK(at("0s") == "2026-11-21 10:30");
  CHECK(at("14:30") == "2026-11-21 14:30");
  CHECK(at("9:00") == "2026-11-22 09:00");  // it is 10:30 there
  CHECK(at("tomorrow") == "2026-11-22 09:00");
  CHECK(at("tomorrow 7:45") == "2026-11-22 07:45");
  CHECK(at("until 2026-11-25") == "2026-11-25 09:00");
  CHECK(at("until 2026-11-25 18:00") == "2026-11-25 18:00");
  CHECK(at("2026-11-25T09:00:00Z") == "2026-11-25 10:00");
  CHECK(at("tomorrow 9:00", "2026-10-24T12:00:00Z") == "2026-10-25 09:00");  // summer time ends in that night
  CHECK(at("tomorrow 9:00", "2027-03-27T12:00:00Z") == "2027-03-28 09:00");  // and begins
  for (const auto* wrong : {"soon", "tomorrow 25:00", "2026-13-01", "2026-11-25x", "yesterday", ""}) CHECK(at(wrong) == "bad_snooze");
}
