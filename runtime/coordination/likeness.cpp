#include "runtime/coordination/likeness.hpp"

#include <set>

#include "runtime/digest.hpp"

namespace steward {

std::string group_of(const company_state& state, const approval& asked) {
  const auto r = state.runs.find(asked.said.run);
  std::string text = (r == state.runs.end() ? "" : r->second.said.workflow) + "\n" + asked.said.step + "\n";
  std::set<std::string> actions, roles, rules;
  for (const auto& id : asked.said.effects) {
    const auto e = state.effects.find(id);
    if (e == state.effects.end()) continue;
    actions.insert(e->second.said.prepared.action);
    roles.insert(e->second.said.role);
    for (const auto& ruling : e->second.said.rulings)
      if (ruling.says == verdict::ask) rules.insert(ruling.rule);
  }
  for (const auto* some : {&actions, &roles, &rules}) {
    for (const auto& one : *some) text += one + " ";
    text += "\n";
  }
  return "grp-" + hex_digest(text).substr(0, 8);
}

std::string grant_key(const event::effect_proposed& said, const std::string& workflow) {
  return hex_digest(said.prepared.action + "\n" + said.role + "\n" + workflow + "\n" + to_json_text(said.prepared.recipients)).substr(0, 32);
}

}  // namespace steward
