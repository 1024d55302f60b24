/// A rule that the operator wrote, ready to judge: its condition parsed, its actions known, its limits read.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/expression/expression.hpp"
#include "runtime/rules/rule_case.hpp"
#include "runtime/rules/rule_limit.hpp"

namespace steward {

/// Which actions a condition can be true for: of `action == "mailbox.send" && …` only that one. nullopt: any.
std::optional<std::vector<std::string>> actions_in(const expression& when);

/// What one condition may cost: a thousand times what an honest one needs, and still below a millisecond.
inline constexpr evaluation_limit rule_cost_limit{20'000};

class rule {
public:
  /// `entity_types` are names that its condition may use. Errors: expression_error, bad_at_most, bad_time_of_day,
  /// unknown_zone; `where` begins with the key that it is about.
  static result<std::shared_ptr<const rule>> compile(policy_definition said, std::string_view company_zone, const std::vector<std::string>& entity_types);

  const policy_definition& said() const { return said_; }
  /// nullopt: it is asked about every action.
  const std::optional<std::vector<std::string>>& actions() const { return actions_; }
  bool looks_at_recent() const { return looks_at_recent_; }

  /// nullopt: it has nothing to say. What can't be evaluated speaks as `ask`, with the error as its reason.
  std::optional<ruling> judge(const rule_case& c) const;
  /// As what its limit counts this; empty: it has none, or it isn't about this.
  std::vector<std::string> counts(const rule_case& c, std::string_view salt) const;

private:
  result<bool> holds(const rule_case& c) const;
  result<bool> holds_in_view(const rule_case& c) const;

  policy_definition said_;
  std::optional<expression> when_;
  std::optional<std::vector<std::string>> actions_;
  std::optional<rule_limit> limit_;
  std::optional<quiet_hours> quiet_;
  bool looks_at_recent_ = false;
  bool looks_at_entities_ = false;
};

/// Rules by the action that they can speak about, so that a hundred cost nothing where none is concerned.
class rule_book {
public:
  /// The first error, with the rule's name in `where`.
  static result<rule_book> make(const std::vector<policy_definition>& policies, std::string_view company_zone, const std::vector<std::string>& entity_types);

  /// Everything that the rules say, in the order of their names.
  void judge(const rule_case& c, std::vector<ruling>& said) const;
  /// As what this is counted when it leaves.
  std::vector<std::string> counts(const rule_case& c, std::string_view salt) const;
  const std::vector<std::shared_ptr<const rule>>& all() const { return rules_; }

private:
  struct of_action {
    std::vector<const rule*> rules;
    bool limited = false, recent = false;
  };
  const of_action& about(const std::string& action) const;

  std::vector<std::shared_ptr<const rule>> rules_;
  std::unordered_map<std::string, of_action> by_action_;
  of_action others_;  // of actions that no rule names
};

/// The strictest of what rules said, on top of what holds without them. A rule that allows takes away a question that only the rung
/// or the step asks; never one that another rule asks, nor anything stricter.
verdict strictest(verdict without_rules, bool only_suggest, const std::vector<ruling>& said, std::size_t from = 0);

}  // namespace steward
