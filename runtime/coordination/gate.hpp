/// The one gate that every intent passes: pause, permission, policies, autonomy, budget. Decides from memory, asks nobody.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"
#include "runtime/policy.hpp"
#include "runtime/rules/rule.hpp"

namespace steward {

/// The gate's answer to one effect, with every rule that spoke.
struct judgement {
  verdict says = verdict::ask;
  bool only_suggest = false;
  std::vector<ruling> rulings;
};

/// What has left, and what the same step is about to do beside this: of ten mails that are proposed at once the sixth is the sixth.
class counts_with_batch final : public count_source {
public:
  explicit counts_with_batch(const count_source& left) : left_(left) {}
  void add(const std::vector<std::string>& keys) {
    for (const auto& key : keys) ++batch_[key];
  }
  void clear() { batch_.clear(); }
  std::int64_t left_since(std::string_view key, time_point since) const override {
    const auto more = batch_.find(key);
    return left_.left_since(key, since) + (more == batch_.end() ? 0 : more->second);
  }

private:
  const count_source& left_;
  std::map<std::string, std::int64_t, std::less<>> batch_;
};

class gate {
public:
  /// `salt` of the company: what is counted of a person is counted under a digest.
  gate(const company_manifests& manifests, const policy_catalog& policies, std::string salt);
  /// Compiles the operator's rules, those of the workspace and those given by a decision; until then none speaks. Errors: those of rule_book.
  result<void> get_ready(const std::map<std::string, policy_definition>& granted);

  /// The strictest of: the rung on which the role (or the company, for a workflow's own effects) stands for this action, `ask:`
  /// of the step, and every policy that speaks; but a rule that allows takes away a question that only the rung or the step asks.
  /// The engine's own rules about labels (rule_of_two, may_reach) speak among the policies, and nothing switches them off.
  judgement judge(const policy_question& q, bool step_asks, const ladder_table& ladders) const;
  /// As what rules with a limit count this effect when it leaves.
  std::vector<std::string> counts(const policy_question& q) const;

  /// Why nothing may start for this role, run or workflow: "company", "role/editor", …; nullopt when nothing is paused.
  std::optional<std::string> paused(const company_state& state, const std::string& role, const std::string& workflow, const std::string& run) const;

  /// The limits that this expense must fit into.
  std::vector<budget_limit> limits(const company_state& state, const expense& what, time_point at) const;

  /// What rules say about a question to the outside. A look-up can't wait for the operator: one that any rule would stop, or ask about,
  /// is an error. Errors: look_up_denied, look_up_must_be_asked.
  result<void> judge_look_up(const policy_question& q) const;
  /// May this role use this read-only action? An error says what to write into its manifest.
  result<void> may_look_up(const std::string& role, const action_manifest& action) const;
  result<void> may_know(const std::string& role, const std::string& scope) const;
  /// Declared as private, whatever is in it.
  bool is_private(const std::string& scope) const;

private:
  ruling rung(const policy_question& q, bool step_asks, const ladder_table& ladders, bool& only_suggest) const;
  void judge_labels(const policy_question& q, std::vector<ruling>& said) const;
  void ask_rules(const policy_question& q, std::vector<ruling>& said) const;

  const company_manifests& manifests_;
  std::unordered_map<std::string, std::vector<const policy*>> by_action_;
  std::vector<const policy*> for_all_;
  policy_catalog kept_;
  rule_book rules_;
  std::string salt_;
};

}  // namespace steward
