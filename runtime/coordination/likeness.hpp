/// Which questions are alike, and which effects are the same in all that a rule "always like this" names. Pure.
#pragma once
#include <string>

#include "runtime/coordination/company_state.hpp"

namespace steward {

/// The name of the group of a question: the same actions by the same role, workflow and step, asked since the same rules. "grp-1a2b3c4d".
/// `state` holds the question's run.
std::string group_of(const company_state& state, const approval& asked);

/// The same action to the same recipients, by the same role and workflow: what `approve --always-for` lets through. A digest.
std::string grant_key(const event::effect_proposed& said, const std::string& workflow);

/// After so many unchanged approvals of the same the next card offers the rule: twice is chance, three times a habit.
inline constexpr std::int64_t habit = 3;

}  // namespace steward
