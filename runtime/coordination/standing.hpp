/// On which rung a role, or the company itself, stands for an action, and why: the manifest's word, or what changed since.
#pragma once
#include <optional>
#include <string>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/execution/evidence.hpp"

namespace steward {

struct standing {
  autonomy manifest = autonomy::ask;
  autonomy rung = autonomy::ask;  // in force
  const ladder* by = nullptr;     // whose word that is, where it isn't the manifest's
};

/// Nothing: the role is not there, or its may_do does not list the action. `role` empty: the company; what its may_do does not list it
/// asks about.
std::optional<standing> standing_of(const company_manifests& manifests, const ladder_table& ladders, const std::string& role, const std::string& action);

/// ", since 2026-11-23 08:00Z: you took eff-3 back"; empty where the manifest's word holds.
std::string since_when(const standing& s);

/// "the role 'editor'", "the company"
std::string who_stands(const std::string& role);

}  // namespace steward
