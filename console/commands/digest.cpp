/// `steward digest [--since TIME]`: the day in a page: what was done, what waits, what it cost, what gets worse.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/observation/period_report.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string counted(const std::map<std::string, std::int64_t>& all) {
  std::string text;
  for (const auto& [what, n] : all) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, visible_line(what));
  return text;
}

std::string length(double seconds) { return to_text(duration(std::chrono::seconds{std::int64_t(seconds)})); }

std::string page(const period_report& r, const std::string& zone, const paint& p) {
  std::string out = p.bold("Since " + to_local_text(zone, r.from)) + "\n\nDone\n";
  for (const auto& [workflow, outcomes] : r.now.runs) out += "  " + visible_line(workflow) + ": " + counted(outcomes) + "\n";
  if (!r.now.effects.empty()) out += "  " + counted(r.now.effects) + "\n";
  if (r.now.runs.empty() && r.now.effects.empty()) out += "  nothing\n";
  out += "\nWaits for you\n";
  for (const auto& c : r.waits) out += fmt::format("  {}  {}  {}\n", c.card, shortened(visible_line(c.title), 80), p.dim("for " + to_text(duration(std::chrono::floor<std::chrono::minutes>(r.until - c.raised_at)))));
  if (r.waits.empty()) out += "  nothing\n";
  out += fmt::format("\nCost\n  {}, {} in the same time before\n", to_text(r.now.cost), to_text(r.before.cost));
  if (!r.worse.empty()) out += "\nGetting worse\n";
  for (const auto& sentence : r.worse) out += "  " + p.wait(visible_line(sentence)) + "\n";
  const auto decided = r.now.approved + r.now.changed + r.now.rejected;
  out += fmt::format("\nYour decisions\n  {}", decided == 0 ? "none" : fmt::format("{}: {} as proposed, {} changed, {} rejected ({:.0f} % right)", decided, r.now.approved, r.now.changed, r.now.rejected, *r.right * 100));
  if (r.now.expired > 0) out += fmt::format("; {} expired", r.now.expired);
  if (r.median_answer_s) out += "; half of them in " + length(*r.median_answer_s) + " or less";
  return out + fmt::format("\n  {} escalations\n", r.now.escalations);
}

int act(const arguments& given, invocation& s) {
  const auto since = moment_of(given.text("--since", "1d"), s.now(), "steward digest --since");
  if (!since) return s.fail(since.error());
  if (!since->time) return s.fail(error{"bad_usage", "steward digest --since", "found '" + given.text("--since") + "'", "a time (2026-11-21T09:30:00Z), or how long ago (1d)", ""});
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto& parts = (*made)->parts;
  const auto state = fold_journal(parts.folder, *all_event_kinds(), parts.manifests.company.zone, fold_from::snapshot);
  if (!state) return s.fail(state.error());
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto report = report_of(**journal, *state, *since->time, std::max(s.now(), state->now));
  if (!report) return s.fail(report.error());
  if (s.asked.as_json) s.print_json(to_json(*report));
  else s.print(page(*report, parts.manifests.company.zone, s.out));
  return invocation::done();
}

}  // namespace

command digest_command() {
  return {.name = "digest",
          .group = "Understand",
          .summary = "The last day in a page: what was done, what waits, what it cost, what gets worse",
          .details = "From the journal alone, with an engine or without. What gets worse is told against the same time before.",
          .examples = {"steward digest", "steward digest --since 7d", "steward digest --json"},
          .words = {{"--since", "TIME", "a time, or how long ago; default 1d", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
