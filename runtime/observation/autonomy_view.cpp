#include "runtime/observation/autonomy_view.hpp"

#include "runtime/coordination/standing.hpp"

namespace steward {

json autonomy_view(const company_state& state, const company_manifests& manifests, const action_book& actions, time_point now) {
  std::map<std::string, std::set<std::string>> about;  // role -> actions
  for (const auto& [action, _] : manifests.company.may_do) about[""].insert(action);
  for (const auto& [name, role] : manifests.roles)
    for (const auto& [action, _] : role.may_do) about[name].insert(action);
  for (const auto& [key, _] : state.ladders)
    if (role_of_ladder(key).empty()) about[""].insert(action_of_ladder(key));
  const auto rules = rules_of(manifests.company.autonomy);
  boost::json::array all;
  for (const auto& [role, its] : about) {
    for (const auto& action : its) {
      const auto* manifest = actions.find(action);
      if (!manifest || manifest->repeats == effect_class::read_only) continue;
      const auto stands = standing_of(manifests, state.ladders, role, action);
      if (!stands) continue;
      static const ladder nothing;
      const auto seen = state.ladders.find(ladder_key(role, action));
      const auto& l = seen == state.ladders.end() ? nothing : seen->second;
      const auto has = weigh(l, stands->rung, rules, now);
      boost::json::object row{{"role", role}, {"action", action}, {"manifest", to_word(stands->manifest)}, {"rung", to_word(stands->rung)}, {"evidence", to_json(has.counted)},
                              {"right", has.right}, {"all", has.all}, {"at_least", fmt::format("{:.3f}", has.at_least)}};
      if (stands->by) {
        row["since"] = to_text(stands->by->since);
        row["by"] = stands->by->by;
        row["why"] = stands->by->why;
      }
      if (const auto next = rung_above(stands->rung)) {
        row["next"] = to_word(*next);
        auto missing = has.missing;
        if (missing.empty() && l.answered && now - *l.answered < rules.ask_again) missing = "you left it; asked again from " + to_text(*l.answered + rules.ask_again).substr(0, 10) + " on";
        row["missing"] = missing;
      }
      all.push_back(std::move(row));
    }
  }
  return all;
}

json shadow_view(const company_state& state, const company_manifests& manifests) {
  std::vector<std::pair<time_point, json>> rows;
  for (const auto& [key, l] : state.ladders)
    for (const auto& s : l.shadows)
      rows.emplace_back(s.at, boost::json::object{{"effect", s.effect}, {"run", s.run}, {"at", to_text(s.at)}, {"role", role_of_ladder(key)}, {"action", action_of_ladder(key)}, {"done", s.done},
                                                  {"alike", s.alike}, {"verdict", s.verdict ? std::string(to_word(*s.verdict)) : ""}});
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  boost::json::array shadowed, trials;
  for (auto& [_, row] : rows) shadowed.push_back(std::move(row));
  for (const auto& [name, w] : manifests.workflows) {
    if (!w.trial) continue;
    const auto known = state.trials.find(name);
    const auto t = known == state.trials.end() ? trial_record{} : known->second;
    trials.push_back(boost::json::object{{"workflow", name}, {"of", w.trial->of}, {"as", to_word(w.trial->as)}, {"runs", t.runs}, {"failures", t.failures}, {"ended", t.ended}});
  }
  return boost::json::object{{"shadowed", std::move(shadowed)}, {"trials", std::move(trials)}};
}

}  // namespace steward
