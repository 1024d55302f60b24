#include "runtime/observation/budget_view.hpp"

#include <algorithm>
#include <set>

#include "runtime/coordination/limits.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

/// "role/editor/2026-11-21" -> "role/editor"; empty for an account of a run, whose name has no date at its end.
std::string scope_of_account(const std::string& name) {
  const auto slash = name.rfind('/');
  const auto last = slash == name.npos ? std::string_view() : std::string_view(name).substr(slash + 1);
  const bool dated = (last.size() == 10 || last.size() == 7 || last.size() == 4) && last.find_first_not_of("0123456789-") == last.npos;
  return dated && !name.starts_with("run-") ? name.substr(0, slash) : std::string{};
}

json limit_view(const company_state& state, const budget_limit& limit, time_point now) {
  const auto held = state.spending.total(limit);
  boost::json::object o;
  o["limit"] = to_words(limit);
  o["of"] = limit.from.substr(0, limit.period == budget_period::run ? limit.from.npos : limit.from.rfind('/'));
  o["period"] = to_word(limit.period);
  o["measure"] = to_word(limit.of);
  const auto number = [&](std::int64_t most, std::int64_t used, std::int64_t reserved) {
    o["most"] = most;
    o["used"] = used;
    o["reserved"] = reserved;
    o["left"] = std::max<std::int64_t>(0, most - used - reserved);
  };
  if (limit.of == budget_measure::tokens) number(limit.count, held.tokens, held.tokens_reserved);
  if (limit.of == budget_measure::calls) number(limit.count, held.calls, held.calls_reserved);
  if (limit.of == budget_measure::spend) {
    auto left = limit.spend;
    for (const auto* some : {&held.spent, &held.reserved})
      for (const auto& m : *some)
        if (const auto rest = subtract(left, m)) left = *rest;
        else left.nano = 0;  // another currency: no rate, nothing is left
    left.nano = std::max<std::int64_t>(0, left.nano);
    o["most"] = to_text(limit.spend);
    o["used"] = to_text(held.spent);
    o["reserved"] = to_text(held.reserved);
    o["left"] = to_text(left);
  }
  if (limit.period != budget_period::run) {
    o["warn_at"] = limit.warn_at;
    o["warned"] = state.warned.contains(mark_of(limit));
    o["ends"] = to_text(day_start(state.zone, day_after(limit.period, local_day(state.zone, now))));
  }
  return o;
}

/// The middle and the greatest by `less`; of an even number the lower middle, which was really there.
template <class Less, class Tell>
json spread(const std::vector<const closed_run*>& runs, Less less, Tell tell) {
  auto sorted = runs;
  std::sort(sorted.begin(), sorted.end(), [&](const closed_run* a, const closed_run* b) { return less(a->used, b->used); });
  return boost::json::object{{"median", tell(sorted[(sorted.size() - 1) / 2]->used)}, {"highest", tell(sorted.back()->used)}};
}

template <class Number>
json spread_of(const std::vector<const closed_run*>& runs, Number run_use::*member) {
  return spread(
      runs, [&](const run_use& a, const run_use& b) { return a.*member < b.*member; },
      [&](const run_use& u) {
        if constexpr (std::is_same_v<Number, duration>) return json(to_text(std::chrono::duration_cast<std::chrono::seconds>(u.*member)));
        else return json(u.*member);
      });
}

}  // namespace

json use_view(const run_use& u) {
  return boost::json::object{{"cost", to_text(u.cost)}, {"tokens", u.tokens}, {"calls", u.calls}, {"effects", u.effects}, {"decisions", u.decisions},
                             {"waited", to_text(duration(std::chrono::duration_cast<std::chrono::seconds>(u.waited)))}};
}

json budget_view(const company_state& state, const company_manifests& manifests, time_point now) {
  boost::json::array limits, counted;
  std::set<std::string> limited;
  for (const auto& limit : all_limits(manifests, state, now)) {
    auto row = limit_view(state, limit, now);
    if (limit.period != budget_period::run) limited.insert(text_at(row, "of"));
    limits.push_back(std::move(row));
  }
  const auto month = span_of(budget_period::month, local_day(state.zone, now));
  std::set<std::string> scopes;
  for (const auto& [name, _] : state.spending.accounts())
    if (auto scope = scope_of_account(name); !scope.empty() && !limited.contains(scope)) scopes.insert(std::move(scope));
  for (const auto& scope : scopes) {
    const auto held = state.spending.total({scope + "/" + month.from, scope + "/" + month.until, {}, "", budget_period::month, budget_measure::spend, {}, 0, 0});
    if (held == budget::account{}) continue;
    counted.push_back(boost::json::object{{"of", scope}, {"period", "month"}, {"used", to_text(held.spent)}, {"reserved", to_text(held.reserved)}, {"tokens", held.tokens}, {"calls", held.calls}});
  }
  return boost::json::object{{"now", to_text(now)}, {"zone", state.zone}, {"limits", std::move(limits)}, {"counted", std::move(counted)}};
}

json estimate_view(const company_state& state, const std::string& workflow, time_point before) {
  std::vector<const closed_run*> runs;
  if (const auto past = state.finished.find(workflow); past != state.finished.end())
    for (const auto& r : past->second)
      if (r.ended_at <= before) runs.push_back(&r);
  boost::json::object o{{"workflow", workflow}, {"runs", std::int64_t(runs.size())}};
  if (runs.empty()) return o;
  o["cost"] = spread(
      runs, [](const run_use& a, const run_use& b) { return (a.cost.empty() ? 0 : a.cost.front().nano) < (b.cost.empty() ? 0 : b.cost.front().nano); },
      [](const run_use& u) { return json(to_text(u.cost)); });
  o["tokens"] = spread_of(runs, &run_use::tokens);
  o["calls"] = spread_of(runs, &run_use::calls);
  o["effects"] = spread_of(runs, &run_use::effects);
  o["decisions"] = spread_of(runs, &run_use::decisions);
  o["waited"] = spread_of(runs, &run_use::waited);
  return o;
}

json outcomes_view(const company_state& state) {
  boost::json::array all;
  for (const auto& [workflow, ways] : state.outcomes)
    for (const auto& [outcome, total] : ways) {
      auto mean = total.used;
      for (auto& m : mean.cost) m.nano /= total.runs;
      mean.tokens /= total.runs, mean.calls /= total.runs, mean.effects /= total.runs, mean.decisions /= total.runs, mean.waited /= total.runs;
      all.push_back(boost::json::object{{"workflow", workflow}, {"outcome", outcome}, {"runs", total.runs}, {"total", use_view(total.used)}, {"mean", use_view(mean)}});
    }
  return all;
}

}  // namespace steward
