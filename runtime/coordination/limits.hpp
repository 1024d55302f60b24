/// The limits of the manifests as the budget needs them: which hold for an expense, and all that there are.
#pragma once
#include <string>
#include <vector>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"

namespace steward {

/// Every limit that this expense must fit into, if it is made at `at`.
std::vector<budget_limit> limits_of(const company_manifests& manifests, const company_state& state, const expense& what, time_point at);

/// Every limit of a day or longer as it stands at `at`, those of `each` entity for the entities that have spent; and those of each open run.
std::vector<budget_limit> all_limits(const company_manifests& manifests, const company_state& state, time_point at);

/// What `for:` of a budget says: {"connector", "mailbox"}, {"model", "drafting"}, {"each", "customer"}.
struct budget_scope {
  std::string kind;  // model | connector | each; something else is no scope
  std::string name;
};
budget_scope scope_of(const std::string& said);

}  // namespace steward
