/// `steward answer`: answers a card that asks a question.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto id = given.text("CARD");
  const auto card = s.ask(boost::json::object{{"do", "view"}, {"view", "card"}, {"card", id}}, access::reads);
  if (!card) return s.fail(card.error());
  std::string text;
  for (const auto& part : given.all("TEXT")) text += (text.empty() ? "" : " ") + part;
  return decide(s, boost::json::object{{"do", "answer"}, {"card", id}, {"answer", text}}, text_at(*card, "run"), "Answered " + id, given.has("--only-record"));
}

}  // namespace

command answer_command() {
  return {.name = "answer",
          .group = "Decide",
          .summary = "Answers a card that asks a question",
          .details = "",
          .examples = {"steward answer card-2 happened"},
          .words = {{"CARD", "", "its name, such as card-2", word::count::required, {}, false},
                    {"TEXT", "", "the answer, or one of the card's options", word::count::some, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
