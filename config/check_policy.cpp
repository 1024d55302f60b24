/// Checks the rules that the operator wrote.
#include <algorithm>

#include "config/condition_scope.hpp"
#include "runtime/rules/rule.hpp"

namespace steward {
namespace {

// What the gate itself says has these names on the card and in `steward why`.
constexpr std::string_view names_of_the_engine[] = {"autonomy", "permission", "workflow", "read_only", "fork", "unknown_action", "rule_of_two", "may_reach", "nothing"};

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "'" : ", '") + name + "'";
  return all;
}

}  // namespace

void check_policy(check_pass& pass, const std::string& name, const policy_definition& policy) {
  const auto root = pass.space.sources.at("policies/" + name)->root();
  const bool of_the_engine = std::find(std::begin(names_of_the_engine), std::end(names_of_the_engine), name) != std::end(names_of_the_engine);
  if (of_the_engine || std::find(pass.known.policies.begin(), pass.known.policies.end(), name) != pass.known.policies.end())
    pass.found.push_back({"duplicate_name", root.at("name").where(), "the engine's own rule is called '" + name + "'", "a name of its own for each rule", "Rename this one"});
  if (policy.because.find_first_not_of(" \n\t") == std::string::npos)
    pass.found.push_back({"missing_key", root.at("because").where(), "'because' is empty", "one sentence that the operator reads on the card", ""});
  for (std::size_t i = 0; i < policy.actions.size(); ++i)
    if (!find_action(pass.known, policy.actions[i])) refuse_name("unknown_action", root.at("actions").item(i).where(), "action", policy.actions[i], pass.actions, pass.found);
  auto rest = policy;
  if (policy.when) {
    const auto at = root.at("when");
    std::optional<std::vector<std::string>> actions;
    if (const auto parsed = expression::parse(*policy.when)) actions = actions_in(*parsed);
    if (actions && std::all_of(actions->begin(), actions->end(), [&](const std::string& action) { return find_action(pass.known, action) != nullptr; }))
      for (std::size_t i = 0; i < policy.actions.size(); ++i)
        if (std::find(actions->begin(), actions->end(), policy.actions[i]) == actions->end())
          pass.found.push_back({"never_holds", root.at("actions").item(i).where(), "'when' never holds for '" + policy.actions[i] + "'", "only " + joined(*actions),
                                "Remove it here, or mend 'when' (" + at.where() + ")"});
    if (!policy.actions.empty()) actions = policy.actions;
    check_condition(at, condition_scope(pass, actions).scope(), pass.found);
    rest.when.reset();
  }
  const auto made = rule::compile(std::move(rest), pass.space.company.zone, entity_types(pass));
  if (made) return;
  auto trouble = made.error();
  const auto colon = trouble.where.find(':');
  auto at = root.at(trouble.where.substr(0, colon));
  if (colon != std::string::npos) at = at.at(trouble.where.substr(colon + 1));
  trouble.where = at.where();
  pass.found.push_back(std::move(trouble));
}

}  // namespace steward
