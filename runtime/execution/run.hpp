/// An instance of a workflow. Its states and every way between them.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "runtime/execution/budget.hpp"
#include "runtime/execution/run_origin.hpp"
#include "runtime/execution/step.hpp"
#include "runtime/execution/transcript.hpp"

namespace steward {

/// What a run has used so far, with the runs that its roles asked for.
struct run_use {
  amounts cost;
  std::int64_t tokens = 0;
  std::int64_t calls = 0;      // of models
  std::int64_t effects = 0;    // that left
  std::int64_t decisions = 0;  // of the operator
  duration waited{};           // for them
};
BOOST_DESCRIBE_STRUCT(run_use, (), (cost, tokens, calls, effects, decisions, waited))
void put(run_use& into, const run_use& more);

/// How long the company has been busy with a run. It stands while the run waits for a person, a time or a signal, while a card of
/// it asks the operator, while something it needs is paused, and from a clean stop of the engine to the next start: that is the
/// operator's time, or the outside's.
struct run_clock {
  duration ran{};                   // up to `since`
  std::optional<time_point> since;  // absent: it stands
  duration at(time_point now) const { return ran + (since ? now - *since : duration{}); }
};
BOOST_DESCRIBE_STRUCT(run_clock, (), (ran, since))

enum class run_state { queued, running, finished, failed, stopped };
BOOST_DESCRIBE_ENUM(run_state, queued, running, finished, failed, stopped)

enum class run_trigger { admit, finish, fail, stop };
BOOST_DESCRIBE_ENUM(run_trigger, admit, finish, fail, stop)

// clang-format off
inline constexpr transition<run_state, run_trigger> run_rows[] = {
    {run_state::queued,  run_trigger::admit,  run_state::running},
    {run_state::queued,  run_trigger::stop,   run_state::stopped},
    {run_state::running, run_trigger::finish, run_state::finished},
    {run_state::running, run_trigger::fail,   run_state::failed},
    {run_state::running, run_trigger::stop,   run_state::stopped},
};
// clang-format on
inline constinit transition_table run_table{run_rows};

struct run {
  event::run_started said;
  run_state state = run_state::queued;
  std::optional<step> here;                    // where it stands
  std::map<std::string, std::int64_t> visits;  // of each step
  boost::json::object names;                   // what its steps gave
  std::string held_before;                     // stepwise: waits for the operator before this step or effect
  std::set<std::string> released;              // stepwise: what the operator let go on
  std::int64_t events = 0;
  std::int64_t model_calls = 0;
  std::vector<std::string> effects, approvals; // all of them, of every step
  labels marks = 0;                            // joined from everything it has seen
  run_origin origin;                           // … and where that came from
  std::string outcome;
  time_point started_at, ended_at;
  std::int64_t began = 0;                      // sequence number of its run_started
  std::string payer;                           // the run whose limits per run it counts in: itself, or the one whose role asked for it
  std::vector<std::string> counts_for;         // scopes that it counts in besides: "workflow/answer_lead", "entity/customer-3"
  run_use used;
  run_clock clock;
  std::set<std::string> late;                  // thresholds that it has missed: "workflow/warn", "draft.1/retry"
  bool failed_trial = false;                   // it counts as a failure of the version that it tries
  transcripts heard;                           // what its agents ask models, as far as a later question goes on from it

  /// At work: an agent, a model or a connector is doing something for it. A run that waits for a person or a timer is not, and
  /// one that a role asked for works in the place of the run that asked: else they could wait for each other for ever.
  bool at_work() const { return !said.parent && state == run_state::running && here && here->state == step_state::working && !here->asks && !here->waits; }
  bool open() const { return state == run_state::queued || state == run_state::running; }
};
BOOST_DESCRIBE_STRUCT(run, (),
                      (said, state, here, visits, names, held_before, released, events, model_calls, effects, approvals, marks, origin, outcome, started_at, ended_at, began, payer,
                       counts_for, used, clock, late, failed_trial, heard))

}  // namespace steward
