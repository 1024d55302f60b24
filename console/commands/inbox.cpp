/// `steward inbox [CARD]`: everything that needs the operator.
#include <fmt/format.h>

#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

/// "Today 12 of 20 questions are used.", where company.yaml tells a number; how many cards sleep.
std::string attention_line(invocation& s) {
  const auto told = s.ask(boost::json::object{{"do", "view"}, {"view", "attention"}}, access::reads);
  if (!told) return {};
  std::string text;
  if (const auto* most = at_path(*told, "questions_per_day")) text += fmt::format("Today {} of {} questions are used.", canonical(told->at("questions")), canonical(*most));
  if (const auto* asleep = at_path(*told, "asleep"); asleep && *asleep != json(0)) text += fmt::format("{}{} out of sight: steward inbox --all", text.empty() ? "" : " ", canonical(*asleep) + (*asleep == json(1) ? " card is" : " cards are"));
  return text.empty() ? text : s.out.dim(text) + "\n";
}

int act(const arguments& given, invocation& s) {
  const auto id = given.text("CARD");
  json what = boost::json::object{{"do", "view"}, {"view", "inbox"}, {"all", given.has("--all")}};
  if (id.starts_with("apr-")) what = boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}};
  else if (!id.empty()) what = boost::json::object{{"do", "view"}, {"view", "card"}, {"card", id}};
  const auto seen = s.ask(what, access::reads);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else if (id.empty()) s.print(inbox_text(*seen, s.now(), s.out) + attention_line(s));
  else if (id.starts_with("apr-")) s.print(approval_text(*seen, s.now(), s.out, given.has("--whole")));
  else s.print(card_text(*seen, s.now(), s.out, given.has("--whole")));
  return invocation::done();
}

}  // namespace

command inbox_command() {
  return {.name = "inbox",
          .group = "Decide",
          .summary = "Shows what needs you, oldest first; with CARD that one card",
          .details = "Questions that are alike stand together and can be decided together. What is decided and held comes last, with the moment at which it leaves. "
                     "Cards that you put off, and questions beyond the day's number (company.yaml, attention), are shown with --all.",
          .examples = {"steward inbox", "steward inbox card-2", "steward inbox --all"},
          .words = {{"CARD", "", "a card or an approval, such as apr-1", word::count::optional, {}, false}, {"--whole", "", "every word of it", word::count::optional, {}, false}, {"--all", "", "also what is out of sight until later", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
