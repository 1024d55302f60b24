/// What a rule is judged on: the names that its condition sees, the time, and what has left before.
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "runtime/expression/expression.hpp"
#include "runtime/policy.hpp"
#include "runtime/schedule.hpp"

namespace steward {

/// The names of every condition; beside them each entity type of the company is a name.
inline constexpr std::string_view rule_name_list[] = {"action",   "connector", "risk",   "class", "arguments", "recipients", "role", "workflow",
                                                      "run", "labels",    "cost",   "now",   "time",      "recent"};
/// Of what `recent` tells how many have left in the last 24 hours.
inline constexpr std::string_view recent_scopes[] = {"company", "role", "workflow", "run", "recipient"};
inline constexpr duration recent_within = std::chrono::hours{24};

class rule_case : public variables {
public:
  virtual time_point now() const = 0;
  virtual const std::string& action() const = 0;
  /// Of what there is a count each: "customer" -> {"customer-3"}. Never empty.
  virtual std::vector<std::string> counted_as(std::string_view scope) const = 0;
  /// An effect that reaches several is looked at once for each of them: names of entity types stand for those whom one recipient is.
  virtual std::size_t views() const { return 1; }
  virtual void look_from(std::size_t view) const { (void)view; }
  /// How often the rule `who` (or "recent ACTION") let something of `scope` and `value` go since then.
  virtual std::int64_t left_since(std::string_view who, std::string_view scope, std::string_view value, time_point since) const = 0;
  /// The most that any of what is counted has.
  std::int64_t most_since(std::string_view who, std::string_view scope, time_point since) const;
  /// What the clock on the wall of `zone` shows.
  const local_time& local_at(const std::string& zone) const;

private:
  mutable std::vector<std::pair<std::string, local_time>> locals_;
};

/// The name under which something is counted; personal data (an address) is in it as a digest only. `salt`: of the company.
std::string count_key(std::string_view salt, std::string_view who, std::string_view scope, std::string_view value);

/// An effect that is about to be proposed, or to leave. What it is asked for often is made once; all of it, only when asked for.
class effect_case final : public rule_case {
public:
  /// All of these must outlive it.
  effect_case(const policy_question& q, const std::string& company_zone, const std::string& salt) : q_(q), zone_(company_zone), salt_(salt) {}

  std::optional<value> find(std::string_view name) const override;
  std::vector<std::string> names() const override;
  time_point now() const override { return q_.now; }
  const std::string& action() const override { return q_.action.name; }
  std::vector<std::string> counted_as(std::string_view scope) const override;
  std::int64_t left_since(std::string_view who, std::string_view scope, std::string_view value, time_point since) const override;
  std::size_t views() const override { return std::max<std::size_t>(q_.recipients.size(), 1); }
  void look_from(std::size_t view) const override;

private:
  const json& made(std::size_t place, json (*make)(const effect_case&)) const;
  const json& entity_of_type(std::string_view type) const;
  std::vector<std::string> entities_of_type(std::string_view type) const;
  fact_source::known_entity concerned(std::string_view type) const;

  const policy_question& q_;
  const std::string& zone_;
  const std::string& salt_;
  mutable std::array<std::optional<json>, std::size(rule_name_list)> made_;
  mutable std::vector<std::pair<std::string, const json*>> entities_;  // of this view
  mutable std::size_t view_ = 0;
};

/// `time` of a case: {date, hour, minute, weekday}.
json time_as_json(const local_time& at);

}  // namespace steward
