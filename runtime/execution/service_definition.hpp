/// What manifests say of how long work may take, and of how the operator hears of what waits for them. Plain data; config/ fills it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"
#include "runtime/rules/policy_definition.hpp"

namespace steward {

/// `sla: {warn: 2h, retry: 4h, escalate: 8h, fail: 2d}` of a role (each of its steps) or a workflow (each of its runs): what happens
/// after so much time in which the company was busy with it (runtime/execution/run.hpp, run_clock).
struct sla_definition {
  std::optional<duration> warn;      // a card
  std::optional<duration> retry;     // the step is tried again, as a fresh attempt
  std::optional<duration> escalate;  // an urgent card
  std::optional<duration> fail;      // the step fails, and its `if_fails` says what then
};
BOOST_DESCRIBE_STRUCT(sla_definition, (), (warn, retry, escalate, fail))

enum class reached { inbox, mail };
BOOST_DESCRIBE_ENUM(reached, inbox, mail)

/// `{after: 1h, to: mail}`: a card that is open so long after it was raised gets there.
struct rung_definition {
  duration after{};
  reached to = reached::inbox;
};
BOOST_DESCRIBE_STRUCT(rung_definition, (), (after, to))

struct escalation_definition {
  std::vector<rung_definition> ladder;
  std::optional<quiet_hours_definition> quiet;     // a card that is not urgent climbs no further while they last
  std::optional<std::vector<std::string>> urgent;  // kinds of cards; default: effect_in_doubt, sla_escalated
};
BOOST_DESCRIBE_STRUCT(escalation_definition, (), (ladder, quiet, urgent))

/// `digest: {at: "07:30", to: mail}`: the day in a page, every day.
struct digest_definition {
  std::string at;  // in the company's zone
  reached to = reached::mail;
};
BOOST_DESCRIBE_STRUCT(digest_definition, (), (at, to))

/// How the operator is reached outside the inbox.
struct operator_definition {
  std::optional<std::string> name;
  std::optional<std::string> mail;  // their own address
};
BOOST_DESCRIBE_STRUCT(operator_definition, (), (name, mail))

}  // namespace steward
