#include "runtime/coordination/standing.hpp"

namespace steward {

std::optional<standing> standing_of(const company_manifests& manifests, const ladder_table& ladders, const std::string& role, const std::string& action) {
  standing s;
  if (role.empty()) {
    if (const auto said = manifests.company.may_do.find(action); said != manifests.company.may_do.end()) s.manifest = said->second;
  } else {
    const auto found = manifests.roles.find(role);
    if (found == manifests.roles.end()) return {};
    const auto said = found->second.may_do.find(action);
    if (said == found->second.may_do.end()) return {};
    s.manifest = said->second;
  }
  s.rung = s.manifest;
  if (ladders.empty()) return s;
  const auto l = ladders.find(ladder_key(role, action));
  if (l == ladders.end() || !l->second.rung || l->second.manifest != s.manifest) return s;  // who edits the manifest has the last word
  s.rung = *l->second.rung;
  s.by = &l->second;
  return s;
}

std::string since_when(const standing& s) {
  if (!s.by) return "";
  auto at = to_text(s.by->since).substr(0, 16);
  at[10] = ' ';
  return ", since " + at + "Z: " + s.by->why;
}

std::string who_stands(const std::string& role) { return role.empty() ? "the company" : "the role '" + role + "'"; }

}  // namespace steward
