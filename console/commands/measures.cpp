/// `steward measures [--weeks N]`: how well the company works, week by week.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/observation/measures.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::int64_t weeks_at_most = 520;  // ten years

std::string count(std::int64_t n, std::string_view one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

std::string page(const std::vector<week_measures>& weeks, const std::string& zone, const paint& p) {
  std::string out;
  for (const auto& w : weeks) {
    out += p.bold("Week of " + to_local_text(zone, w.from).substr(0, 10)) + "\n";
    out += fmt::format("  decisions   {}\n", w.right ? fmt::format("{}, {:.0f} % of them as proposed", w.decided, *w.right * 100) : "none");
    out += fmt::format("  cards       {}, {} of them {}{}\n", w.cards, w.escalations, w.escalations == 1 ? "an escalation" : "escalations",
                       w.sla_missed > 0 ? fmt::format("; {} missed", count(w.sla_missed, "sla")) : "");
    out += fmt::format("  attention   {}\n", w.attention_minutes ? fmt::format("{:.0f} minutes for {}, from the {} that could be timed", *w.attention_minutes, count(w.answers, "answer"), w.answers_timed)
                                              : count(w.answers, "answer") + ", none that could be timed");
    out += fmt::format("  cost        {}\n", to_text(w.cost));
    for (const auto& [workflow, outcomes] : w.outcomes)
      for (const auto& [how, one] : outcomes) out += fmt::format("  {}: {} {}, {} each\n", visible_line(workflow), one.runs, visible_line(how), to_text(one.cost));
  }
  return out;
}

int act(const arguments& given, invocation& s) {
  const auto text = given.text("--weeks", "4");
  const auto weeks = std::atoll(text.c_str());
  if (weeks < 1 || weeks > weeks_at_most || text.find_first_not_of("0123456789") != text.npos)
    return s.fail(error{"bad_usage", "steward measures --weeks", "found '" + text + "'", fmt::format("a number from 1 to {}", weeks_at_most), ""});
  const auto state = s.state({});
  if (!state) return s.fail(state.error());
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto measured = measures_of(**journal, *state, weeks, std::max(s.now(), state->now));
  if (!measured) return s.fail(measured.error());
  if (s.asked.as_json) s.print_json(to_json(*measured));
  else s.print(page(*measured, state->zone, s.out));
  return invocation::done();
}

}  // namespace

command measures_command() {
  return {.name = "measures",
          .group = "Understand",
          .summary = "How well the company works, week by week: decisions, escalations, cost per outcome, your attention",
          .details = "From the journal alone. Attention counts answers, not the time that a card lay there: two answers less than five minutes apart are one sitting, and the time "
                     "between them is what the second took. The others count at the mean of these.",
          .examples = {"steward measures", "steward measures --weeks 12 --json"},
          .words = {{"--weeks", "NUMBER", "how many, the current one included; default 4", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
