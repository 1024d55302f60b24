#include "runtime/coordination/gate.hpp"

#include "runtime/coordination/limits.hpp"
#include "runtime/coordination/standing.hpp"
#include "runtime/coordination/undo_step.hpp"
#include "runtime/planted.hpp"
#include "runtime/rules/data_origin.hpp"
#include "runtime/rules/reach.hpp"
#include "runtime/rules/rule_of_two.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

/// A mail of the engine's own to the operator's own address: company.yaml's `operator` and `escalation` or `digest` asked for it.
bool tells_only_operator(const company_definition& company, const policy_question& q) {
  if (!tells_operator(q.workflow)) return false;
  if (!company.operator_ || !company.operator_->mail || q.recipients.size() != 1) return false;
  const auto reader = q.recipients.front().substr(q.recipients.front().find(':') + 1);
  const auto& own = *company.operator_->mail;
  return std::equal(reader.begin(), reader.end(), own.begin(), own.end(), [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); });
}

}  // namespace

gate::gate(const company_manifests& manifests, const policy_catalog& policies, std::string salt) : manifests_(manifests), salt_(std::move(salt)) {
  const auto& on = manifests.company.policies;
  for (const auto& rule : policies) {
    if (!on.empty() && std::find(on.begin(), on.end(), rule->name()) == on.end()) continue;
    kept_.push_back(rule);
    const auto actions = rule->actions();
    if (actions.empty()) for_all_.push_back(rule.get());
    for (const auto& action : actions) by_action_[action].push_back(rule.get());
  }
}

result<void> gate::get_ready(const std::map<std::string, policy_definition>& granted) {
  std::vector<policy_definition> policies;
  for (const auto* some : {&manifests_.policies, &granted})
    for (const auto& [_, said] : *some) policies.push_back(said);
  std::vector<std::string> types;
  for (const auto& [type, _] : manifests_.entities) types.push_back(type);
  auto book = rule_book::make(policies, manifests_.company.zone, types);
  if (!book) return book.error();
  rules_ = std::move(*book);
  return {};
}

std::vector<std::string> gate::counts(const policy_question& q) const { return rules_.counts(effect_case(q, manifests_.company.zone, salt_), salt_); }

ruling gate::rung(const policy_question& q, bool step_asks, const ladder_table& ladders, bool& only_suggest) const {
  static const ladder_table no_ladders;
  // What takes something back is not held up by the fall that it causes: the manifest decides.
  const bool takes_back = q.role.empty() && is_undo(q.workflow);
  const auto stands = standing_of(manifests_, takes_back ? no_ladders : ladders, q.role, q.action.name);
  if (!stands && !manifests_.roles.contains(q.role)) return {"permission", verdict::deny, "The role '" + q.role + "' is not in the workspace"};
  if (!stands) return {"permission", verdict::deny, "The role '" + q.role + "' may not do " + q.action.name + " (its may_do)"};
  if (q.action.repeats == effect_class::read_only) return {"read_only", verdict::allow, "It changes nothing outside"};
  if (tells_only_operator(manifests_.company, q)) return {"operator", verdict::allow, "company.yaml wants the operator told by mail, and it goes to them alone"};
  const auto& action = q.action.name;
  if (step_asks && q.role.empty() && stands->rung >= autonomy::ask) return {"workflow", verdict::ask, "The workflow asks before this step"};
  const auto who = q.role.empty() ? std::string("The company") : "The role '" + q.role + "'";
  const auto since = since_when(*stands);
  const auto* rule = takes_back ? "undo" : "autonomy";
  switch (stands->rung) {
    case autonomy::shadow: return {rule, verdict::shadow, who + " stands on 'shadow' for " + action + ": it is decided and recorded, not done" + since};
    case autonomy::suggest: only_suggest = true; return {rule, verdict::ask, who + " only suggests " + action + since};
    case autonomy::ask:
      if (q.role.empty() && !stands->by && !manifests_.company.may_do.contains(action)) return {rule, verdict::ask, "Nobody allowed " + action + " without asking (company.yaml, may_do)"};
      return {rule, verdict::ask, who + " asks before each " + action + since};
    case autonomy::act: break;
  }
  return {rule, verdict::allow, who + " may do " + action + " without asking" + since};
}

void gate::judge_labels(const policy_question& q, std::vector<ruling>& said) const {
  if (planted(bug::rule_of_two_off)) return;
  const auto role = manifests_.roles.find(q.role);
  if (!q.role.empty() && role == manifests_.roles.end()) return;
  const auto& listed = q.role.empty() ? manifests_.company.may_reach : role->second.may_reach;
  const auto beyond_it = q.role.empty() ? manifests_.company.beyond_reach : role->second.beyond_reach;
  const auto found = listed.find(q.action.name);
  if (found == listed.end() && !(q.data_labels & label_untrusted)) return;
  reach may{q.role.empty() ? "The company" : "The role '" + q.role + "'", found == listed.end() ? nullptr : &found->second, beyond_it == beyond::deny ? verdict::deny : verdict::ask};
  if (auto one = rule_of_two(q, may.listed ? domains_in(*may.listed) : std::vector<std::string>{})) said.push_back(std::move(*one));
  if (auto one = judge_reach(q, may)) said.push_back(std::move(*one));
}

void gate::ask_rules(const policy_question& q, std::vector<ruling>& said) const {
  const auto ask = [&](const std::vector<const policy*>& rules) {
    for (const auto* rule : rules) {
      std::optional<ruling> one;
      try {
        one = rule->judge(q);
      } catch (const std::exception& e) {
        // A rule that can't decide must not let anything through.
        one = ruling{rule->name(), verdict::ask, std::string("The rule failed: ") + e.what()};
      }
      if (one) said.push_back(std::move(*one));
    }
  };
  ask(for_all_);
  if (const auto it = by_action_.find(q.action.name); it != by_action_.end()) ask(it->second);
  rules_.judge(effect_case(q, manifests_.company.zone, salt_), said);
}

result<void> gate::judge_look_up(const policy_question& q) const {
  std::vector<ruling> said;
  ask_rules(q, said);
  if (auto one = rule_of_two(q, {})) said.push_back(std::move(*one));
  const auto strictest = std::max_element(said.begin(), said.end(), [](const ruling& a, const ruling& b) { return a.says < b.says; });
  if (strictest == said.end() || strictest->says == verdict::allow) return {};
  const auto because = strictest->rule + ": " + strictest->because;
  if (strictest->says == verdict::ask) return error{"look_up_must_be_asked", q.action.name, because, "an effect, which can be asked about", "Propose it as an effect: then you are asked"};
  return error{"look_up_denied", q.action.name, because, "what the rules let through", "'steward policy list' names the rules"};
}

judgement gate::judge(const policy_question& q, bool step_asks, const ladder_table& ladders) const {
  judgement answer;
  answer.rulings.push_back(rung(q, step_asks, ladders, answer.only_suggest));
  judge_labels(q, answer.rulings);
  ask_rules(q, answer.rulings);
  answer.says = strictest(answer.rulings.front().says, answer.only_suggest, answer.rulings, 1);
  // To ask the operator whether they want to hear that they are asked would go in circles. What a rule denies stays denied.
  if (answer.says == verdict::ask && tells_only_operator(manifests_.company, q)) answer.says = verdict::allow;
  return answer;
}

std::optional<std::string> gate::paused(const company_state& state, const std::string& role, const std::string& workflow, const std::string& run) const {
  if (planted(bug::pause_ignored) || (state.pauses.empty() && state.stopped_roles.empty())) return std::nullopt;
  for (const auto& key : {std::string("company"), "role/" + role, "workflow/" + workflow, "run/" + run})
    if (state.pauses.contains(key)) return key;
  if (!role.empty() && state.stopped_roles.contains(role)) return "role/" + role;
  return std::nullopt;
}

std::vector<budget_limit> gate::limits(const company_state& state, const expense& what, time_point at) const { return limits_of(manifests_, state, what, at); }

result<void> gate::may_look_up(const std::string& role, const action_manifest& action) const {
  const auto found = manifests_.roles.find(role);
  if (found != manifests_.roles.end() && found->second.may_do.contains(action.name)) return {};
  return error{"role_not_permitted", "role " + role, "it wants to look up " + action.name, "the action among its may_do",
               "Add '" + action.name + ": act' to may_do of the role if it should"};
}

bool gate::is_private(const std::string& scope) const {
  const auto& declared = manifests_.company.private_scopes;
  return std::find(declared.begin(), declared.end(), scope) != declared.end();
}

result<void> gate::may_know(const std::string& role, const std::string& scope) const {
  const auto found = manifests_.roles.find(role);
  if (found != manifests_.roles.end()) {
    const auto& scopes = found->second.may_know;
    if (std::find(scopes.begin(), scopes.end(), scope) != scopes.end()) return {};
  }
  return error{"role_not_permitted", "role " + role, "it wants the memory scope '" + scope + "'", "the scope among its may_know",
               "Add '" + scope + "' to may_know of the role if it should"};
}

}  // namespace steward
