/// `steward digest [--since TIME]`: the day in a page: what was done, what waits, what it cost, what gets worse.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/observation/period_report.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto state = s.state({});
  if (!state) return s.fail(state.error());
  const auto since = moment_of(given.text("--since", "1d"), s.now(), state->zone, "steward digest --since");
  if (!since) return s.fail(since.error());
  if (!since->time) return s.fail(error{"bad_usage", "steward digest --since", "found '" + given.text("--since") + "'", "a time (2026-11-21T09:30:00Z), a day (2026-11-21), or how long ago (1d)", ""});
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto report = report_of(**journal, *state, *since->time, std::max(s.now(), state->now));
  if (!report) return s.fail(report.error());
  if (s.asked.as_json) s.print_json(to_json(*report));
  else {
    std::vector<std::string> waits;
    for (const auto& c : report->waits)
      waits.push_back(fmt::format("{}  {}  for {}", c.card, shortened(visible_line(c.title), 80), to_text(duration(std::chrono::floor<std::chrono::minutes>(report->until - c.raised_at)))));
    s.print(digest_text(*report, waits, {}, state->zone));
  }
  return invocation::done();
}

}  // namespace

command digest_command() {
  return {.name = "digest",
          .group = "Understand",
          .summary = "The last day in a page: what was done, what waits, what it cost, what gets worse",
          .details = "From the journal alone, with an engine or without. What gets worse is told against the same time before. company.yaml's digest: {at: \"07:30\", to: mail} sends it every day.",
          .examples = {"steward digest", "steward digest --since 7d", "steward digest --json"},
          .words = {{"--since", "TIME", "a day, a time, or how long ago; default 1d", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
