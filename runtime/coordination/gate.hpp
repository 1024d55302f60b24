/// The one gate that every intent passes: pause, permission, policies, autonomy, budget. Decides from memory, asks nobody.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"
#include "runtime/policy.hpp"

namespace steward {

/// The gate's answer to one effect, with every rule that spoke.
struct judgement {
  verdict says = verdict::ask;
  bool only_suggest = false;
  std::vector<ruling> rulings;
};

class gate {
public:
  gate(const company_manifests& manifests, const policy_catalog& policies);

  /// The strictest of: the rung on which the role (or the company, for a workflow's own effects) stands for this action, `ask:`
  /// of the step, and every policy that speaks.
  judgement judge(const policy_question& q, bool step_asks) const;

  /// Why nothing may start for this role, run or workflow: "company", "role/editor", …; nullopt when nothing is paused.
  std::optional<std::string> paused(const company_state& state, const std::string& role, const std::string& workflow, const std::string& run) const;

  /// The limits that a call of `role` in `run` must fit into.
  std::vector<budget_limit> limits(const company_state& state, const std::string& role, const std::string& run, time_point at) const;

  /// May this role use this read-only action? An error says what to write into its manifest.
  result<void> may_look_up(const std::string& role, const action_manifest& action) const;
  result<void> may_know(const std::string& role, const std::string& scope) const;

private:
  ruling rung(const policy_question& q, bool step_asks, bool& only_suggest) const;

  const company_manifests& manifests_;
  std::unordered_map<std::string, std::vector<const policy*>> by_action_;
  std::vector<const policy*> for_all_;
  policy_catalog kept_;
};

}  // namespace steward
