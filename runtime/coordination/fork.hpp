/// Finds in a run's events where a new run may begin: at a step that it came to, with what the steps before it gave. Pure.
#pragma once
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/event.hpp"
#include "runtime/execution/effect.hpp"

namespace steward {

/// A run as the journal tells it.
struct told_run {
  std::vector<std::pair<event::header, event::any>> events;  // oldest first
  std::set<std::int64_t> shortened;                          // of which the journal holds less than was said then (steward journal compact)
};

struct fork_from {
  event::forked_run point;
  std::string workflow;
  json input;        // of the run
  labels marks = 0;  // what it had seen by then
};
BOOST_DESCRIBE_STRUCT(fork_from, (), (point, workflow, input, marks))

/// How a fork's effect is recognised as one that the other run did.
std::string arguments_digest(const json& arguments);

/// The recorded effect whose answer stands for this one, when the fork reuses what was done; `taken` alike ones were reused before.
/// Never one of which nobody knows how it came out.
const event::left_effect* recorded_for(const event::forked_run& from, const std::string& action, const json& arguments, std::int64_t taken);

/// That answer: it cost nothing here, and there is nothing here to undo.
outcome recorded_outcome(const event::left_effect& recorded);

/// A fork never does by itself what was done, or may have been done, from its step on: the ruling that asks. nullopt: nothing was.
std::optional<ruling> asks_again(const event::forked_run& from, const std::string& action);

/// `at`: a step's name ("send": where the run came to it last), or a step and its visit
/// ("nudge.2"). Errors: step_not_reached, with those that it reached; unknown_workflow for a run that a role asked for.
result<fork_from> fork_point(const told_run& told, const std::string& run, const std::string& at);

}  // namespace steward
