#include "runtime/observation/measures.hpp"

#include "runtime/schedule.hpp"

namespace steward {

result<std::vector<week_measures>> measures_of(reader& source, const company_state& state, std::int64_t weeks, time_point now) {
  const auto today = local_day(state.zone, now);
  const auto monday = today - std::chrono::days{local_time_at(state.zone, now).weekday};
  std::vector<time_point> bounds;
  for (auto i = weeks; i > 0; --i) bounds.push_back(day_start(state.zone, monday - std::chrono::days{7 * (i - 1)}));
  bounds.push_back(now + duration{1});
  const auto counts = count_periods(source, state, bounds);
  if (!counts) return counts.error();
  std::vector<week_measures> all;
  for (std::size_t i = 0; i < counts->size(); ++i) {
    const auto& c = (*counts)[i];
    week_measures w{bounds[i], i + 1 < counts->size() ? bounds[i + 1] : now, share_right(c), c.approved + c.changed + c.rejected, c.asked + c.escalations, c.escalations, c.sla_missed,
                    {}, c.cost, c.answers, c.answers_timed, {}};
    for (const auto& [workflow, outcomes] : c.runs)
      for (const auto& [how, runs] : outcomes) {
        auto& one = w.outcomes[workflow][how];
        one.runs = runs;
        const auto spent = c.run_cost.find(workflow);
        if (spent == c.run_cost.end() || !spent->second.contains(how)) continue;
        one.cost = spent->second.at(how);
        for (auto& amount : one.cost) amount.nano /= runs;
      }
    if (const auto took = attention_s(c)) w.attention_minutes = *took / 60;
    all.push_back(std::move(w));
  }
  return all;
}

}  // namespace steward
