/// What the structs of the manifests can't say themselves: which keys must be there, which are not for YAML, and the short forms.
#pragma once
#include <array>
#include <string_view>

#include "runtime/coordination/role_definition.hpp"
#include "runtime/execution/workflow_definition.hpp"
#include "runtime/rules/policy_table.hpp"

namespace steward {

/// `required`: keys without a sensible default. `hidden`: members that the loader fills in, unknown in YAML.
/// `short_form`: what may stand instead of the map, or empty.
struct plain_rules {
  static constexpr std::array<std::string_view, 0> required{};
  static constexpr std::array<std::string_view, 0> hidden{};
  static constexpr std::string_view short_form{};
};
template <class T>
struct manifest_rules : plain_rules {};

template <>
struct manifest_rules<workflow_definition> : plain_rules {
  static constexpr std::array<std::string_view, 3> required{"workflow", "version", "steps"};
  static constexpr std::array<std::string_view, 1> hidden{"input_schema"};
};
template <>
struct manifest_rules<trial_definition> : plain_rules {
  static constexpr std::array<std::string_view, 2> required{"of", "as"};
};
template <>
struct manifest_rules<start_definition> : plain_rules {
  static constexpr std::string_view short_form = "a signal's name, or by_hand";
};
template <>
struct manifest_rules<effect_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"effect"};
};
template <>
struct manifest_rules<role_definition> : plain_rules {
  static constexpr std::array<std::string_view, 3> required{"role", "purpose", "agent"};
};
template <>
struct manifest_rules<model_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"class"};
};
template <>
struct manifest_rules<company_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"company"};
};
template <>
struct manifest_rules<budget_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"for"};
};
template <>
struct manifest_rules<mapping_definition> : plain_rules {
  static constexpr std::array<std::string_view, 3> required{"version", "id", "fields"};
};
template <>
struct manifest_rules<rung_definition> : plain_rules {
  static constexpr std::array<std::string_view, 2> required{"after", "to"};
};
template <>
struct manifest_rules<escalation_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"ladder"};
};
template <>
struct manifest_rules<digest_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"at"};
};
template <>
struct manifest_rules<entity_definition> : plain_rules {
  static constexpr std::array<std::string_view, 3> required{"entity", "purpose", "fields"};
};

template <>
struct manifest_rules<policy_definition> : plain_rules {
  static constexpr std::array<std::string_view, 3> required{"name", "because", "then"};
};
template <>
struct manifest_rules<quiet_hours_definition> : plain_rules {
  static constexpr std::array<std::string_view, 2> required{"from", "to"};
};
template <>
struct manifest_rules<policy_table_definition> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"cases"};
};
template <>
struct manifest_rules<policy_case_definition> : plain_rules {
  static constexpr std::array<std::string_view, 2> required{"name", "then"};
};

/// Fills `out` from the short form of its kind; false when there is none.
template <class T>
bool from_short_form(std::string_view, T&) {
  return false;
}
/// `starts_on: by_hand` is {by_hand: true}, `starts_on: mail_received` is {event: mail_received}.
inline bool from_short_form(std::string_view text, start_definition& out) {
  if (text == "by_hand") out.by_hand = true;
  else out.event = std::string(text);
  return true;
}

}  // namespace steward
