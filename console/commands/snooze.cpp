/// `steward snooze CARD WHEN`: puts a card out of sight until then.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto company = s.company();
  if (!company) return s.fail(company.error());
  const auto& zone = (*company)->parts.manifests.company.zone;
  std::string text;
  for (const auto& part : given.all("WHEN")) text += (text.empty() ? "" : " ") + part;
  const auto until = moment_ahead(text, s.now(), zone);
  if (!until) return s.fail(until.error());
  const auto card = given.text("CARD");
  const auto outcome = s.ask(boost::json::object{{"do", "snooze"}, {"card", card}, {"until", to_text(*until)}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"card", card}, {"until", to_text(*until)}});
  else s.print(*until > s.now() ? card + " is out of sight until " + to_local_text(zone, *until) + "\n" : card + " is back\n");
  return invocation::done();
}

}  // namespace

command snooze_command() {
  return {.name = "snooze",
          .group = "Decide",
          .summary = "Puts a card out of sight until later",
          .details = "It comes back by itself, once. What it asks stands meanwhile: it can be decided, and its deadline counts, so a card can't sleep past it. 0s brings it back. "
                     "'steward inbox --all' shows what is asleep. Times of day are those of the company's zone.",
          .examples = {"steward snooze card-2 2h", "steward snooze apr-1 tomorrow 9:00", "steward snooze card-2 until 2026-11-25"},
          .words = {{"CARD", "", "a card, or the question it asks", word::count::required, {}, false},
                    {"WHEN", "", "2h, tomorrow, tomorrow 9:00, 14:30, until 2026-11-25 9:00", word::count::some, {}, false}},
          .carry_out = act};
}

}  // namespace steward
