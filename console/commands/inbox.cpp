/// `steward inbox [CARD]`: everything that needs the operator.
#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto id = given.text("CARD");
  json what = boost::json::object{{"do", "view"}, {"view", "inbox"}};
  if (id.starts_with("apr-")) what = boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}};
  else if (!id.empty()) what = boost::json::object{{"do", "view"}, {"view", "card"}, {"card", id}};
  const auto seen = s.ask(what, access::reads);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else if (id.empty()) s.print(inbox_text(*seen, s.now(), s.out));
  else if (id.starts_with("apr-")) s.print(approval_text(*seen, s.now(), s.out, given.has("--whole")));
  else s.print(card_text(*seen, s.now(), s.out, given.has("--whole")));
  return invocation::done();
}

}  // namespace

command inbox_command() {
  return {.name = "inbox",
          .group = "Decide",
          .summary = "Shows what needs you, oldest first; with CARD that one card",
          .details = "",
          .examples = {"steward inbox", "steward inbox card-2"},
          .words = {{"CARD", "", "a card or an approval, such as apr-1", word::count::optional, {}, false}, {"--whole", "", "every word of it", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
