/// The manifest of a policy as plain data: what stands in YAML, in `manifest_adopted` events and in the JSON Schema.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/policy.hpp"

namespace steward {

enum class weekday { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
BOOST_DESCRIBE_ENUM(weekday, monday, tuesday, wednesday, thursday, friday, saturday, sunday)

struct quiet_hours_definition {
  std::string from;                 // "20:00", in local time
  std::string to;                   // "08:00": not later than `from`, hence of the next day
  std::optional<std::string> zone;  // default the company's
  std::vector<weekday> days;        // on which they begin; default every day
};
BOOST_DESCRIBE_STRUCT(quiet_hours_definition, (), (from, to, zone, days))

/// A rule that the operator wrote: policies/*.yaml.
///
/// `at_most` and `quiet_hours` say when it is too much: beyond the number, or within the hours. With either of them a rule that
/// allows turns to `ask` then, and one that asks, denies or shadows speaks only then.
struct policy_definition {
  std::string name;
  std::string because;                 // shown to the operator
  std::vector<std::string> actions;    // default: what `when` says of `action`, else all
  std::optional<std::string> when;     // CEL; default: always
  verdict then = verdict::ask;
  std::optional<std::string> at_most;  // "5 per 1d per customer"
  std::optional<quiet_hours_definition> quiet_hours;
  std::optional<time_point> until;     // it is silent from then on
};
BOOST_DESCRIBE_STRUCT(policy_definition, (), (name, because, actions, when, then, at_most, quiet_hours, until))

/// All rules that are in force, in a `manifest_adopted` event.
struct policies_in_force {
  std::vector<policy_definition> policies;  // by name
};
BOOST_DESCRIBE_STRUCT(policies_in_force, (), (policies))

}  // namespace steward
