#include "runtime/observation/period_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

void add_worse(std::vector<std::string>& all, std::int64_t now, std::int64_t before, const char* what) {
  if (now > before) all.push_back(fmt::format("{}: {}, {} in the same time before", what, now, before));
}

std::optional<double> median(const std::vector<double>& ascending) {
  if (ascending.empty()) return {};
  return ascending[ascending.size() / 2];
}

std::string length(double seconds) { return to_text(duration(std::chrono::seconds{std::int64_t(seconds)})); }

/// A tenth more is a wobble, not a trend.
bool is_more(double now, double before) { return now > before * 1.1; }

void tell_what_is_worse(period_report& r) {
  add_worse(r.worse, r.now.steps_failed, r.before.steps_failed, "steps failed");
  add_worse(r.worse, r.now.models_failed, r.before.models_failed, "model calls failed");
  add_worse(r.worse, r.now.rejected, r.before.rejected, "proposals rejected");
  add_worse(r.worse, r.now.changed, r.before.changed, "proposals that had to be changed");
  add_worse(r.worse, r.now.in_doubt, r.before.in_doubt, "effects in doubt");
  add_worse(r.worse, r.now.sla_missed, r.before.sla_missed, "slas missed");
  add_worse(r.worse, r.now.escalations, r.before.escalations, "escalations");
  add_worse(r.worse, r.now.faults, r.before.faults, "faults of agents or connectors");
  if (const auto after = median(r.now.answered_after_s), earlier = median(r.before.answered_after_s); after && earlier && is_more(*after, *earlier))
    r.worse.push_back(fmt::format("your answers take longer: half of them came within {}, {} in the same time before", length(*after), length(*earlier)));
  const auto costs = cost_of_a_run(r.now), cost = cost_of_a_run(r.before);
  if (!costs || !cost) return;
  for (const auto& one : *costs)
    for (const auto& other : *cost)
      if (one.currency == other.currency && is_more(double(one.nano), double(other.nano)))
        r.worse.push_back(fmt::format("a run costs more: {} in the mean, {} in the same time before", to_text(one), to_text(other)));
}

std::string counted(const std::map<std::string, std::int64_t>& all) {
  std::string text;
  for (const auto& [what, n] : all) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, visible_line(what));
  return text;
}

}  // namespace

result<period_report> report_of(reader& source, const company_state& state, time_point from, time_point until) {
  auto counts = count_periods(source, state, {from - (until - from), from, until});
  if (!counts) return counts.error();
  period_report r{from, until, std::move((*counts)[1]), std::move((*counts)[0]), {}, {}, {}, {}};
  const auto keep = [&](const company_state& part) {
    for (const auto& [id, c] : part.cards) r.waits.push_back({id, c.said.about, c.said.title, c.raised_at});
  };
  keep(state);
  for (const auto run : state.parked.runs()) keep(state.peek(run));
  std::sort(r.waits.begin(), r.waits.end(), [](const auto& a, const auto& b) { return a.raised_at < b.raised_at; });
  tell_what_is_worse(r);
  for (const auto& [name, b] : state.breakers)
    if (b.state != "closed") r.worse.push_back(b.sentence.empty() ? name + " does not answer" : b.sentence);
  r.median_answer_s = median(r.now.answered_after_s);
  r.right = share_right(r.now);
  return r;
}

std::string digest_text(const period_report& r, const std::vector<std::string>& waits, const std::vector<std::string>& trouble, const std::string& zone) {
  std::string out = "Since " + to_local_text(zone, r.from) + "\n\nDone\n";
  for (const auto& [workflow, outcomes] : r.now.runs) out += "  " + visible_line(workflow) + ": " + counted(outcomes) + "\n";
  if (!r.now.effects.empty()) out += "  " + counted(r.now.effects) + "\n";
  if (r.now.runs.empty() && r.now.effects.empty()) out += "  nothing\n";
  out += "\nWaits for you\n";
  for (const auto& line : waits) out += "  " + line + "\n";
  if (waits.empty()) out += "  nothing\n";
  out += fmt::format("\nCost\n  {}, {} in the same time before\n", to_text(r.now.cost), to_text(r.before.cost));
  if (!r.worse.empty() || !trouble.empty()) out += "\nGetting worse\n";
  for (const auto* some : {&r.worse, &trouble})
    for (const auto& sentence : *some) out += "  " + visible_line(sentence) + "\n";
  const auto decided = r.now.approved + r.now.changed + r.now.rejected;
  out += fmt::format("\nYour decisions\n  {}", decided == 0 ? "none" : fmt::format("{}: {} as proposed, {} changed, {} rejected ({:.0f} % right)", decided, r.now.approved, r.now.changed, r.now.rejected, *r.right * 100));
  if (r.now.expired > 0) out += fmt::format("; {} expired", r.now.expired);
  if (r.median_answer_s) out += "; half of them in " + length(*r.median_answer_s) + " or less";
  return out + fmt::format("\n  {} escalation{}\n", r.now.escalations, r.now.escalations == 1 ? "" : "s");
}

}  // namespace steward
