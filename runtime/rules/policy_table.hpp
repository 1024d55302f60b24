/// Tables of cases beside the rules: what is given, what the rules must say. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/rules/rule.hpp"

namespace steward {

/// What the rules together say; `nothing`: none of them speaks.
enum class rules_answer { nothing, allow, ask, shadow, deny };
BOOST_DESCRIBE_ENUM(rules_answer, nothing, allow, ask, shadow, deny)

struct policy_case_definition {
  std::string name;
  json given;                                     // an object: the names that conditions see; `now` as RFC 3339
  json before;                                    // how often each limit has let it go already: a number, or one for each rule
  rules_answer then = rules_answer::nothing;
  std::optional<std::vector<std::string>> speaks; // exactly the rules that speak
};
BOOST_DESCRIBE_STRUCT(policy_case_definition, (), (name, given, before, then, speaks))

/// policies/NAME.test.yaml
struct policy_table_definition {
  std::vector<policy_case_definition> cases;
};
BOOST_DESCRIBE_STRUCT(policy_table_definition, (), (cases))

struct policy_case_result {
  std::string name;
  rules_answer wanted = rules_answer::nothing, answer = rules_answer::nothing;
  std::optional<std::vector<std::string>> wanted_to_speak;
  std::vector<ruling> spoke;
  bool passed = false;
};
BOOST_DESCRIBE_STRUCT(policy_case_result, (), (name, wanted, answer, wanted_to_speak, spoke, passed))

/// Names that a case may give: those that conditions see, save for `connector` and `time`, which follow from `action` and `now`.
std::vector<std::string> names_to_give(const std::vector<std::string>& entity_types);

/// What is not given is empty; `risk`, `class` and `cost` are those of the action, where `actions` tells of it; `now` is noon on a Monday.
policy_case_result judge_case(const rule_book& rules, const policy_case_definition& said, const std::string& company_zone, const std::map<std::string, action_manifest>& actions);

}  // namespace steward
