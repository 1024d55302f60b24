/// Taking back what was done: an undo is a run of its own, one step for each effect, the newest first. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/coordination/fork.hpp"
#include "runtime/execution/workflow_definition.hpp"

namespace steward {

/// An effect that happened.
struct done_effect {
  std::string effect;   // "eff-3"
  std::string run;
  std::string action;
  std::string preview;  // its first line
  std::string role;     // that had proposed it; empty: the workflow
  std::optional<action_call> undo;
  std::string undone_by;  // "run-9", which takes it back or has; empty: nobody
  labels marks = 0;       // of what it was made from
};
BOOST_DESCRIBE_STRUCT(done_effect, (), (effect, run, action, preview, role, undo, undone_by, marks))

/// As it was proposed; what takes it back is known when it has happened.
done_effect done_effect_of(const event::effect_proposed& said, labels marks);

/// What the run did, the newest first; what a fork took over from another run is not its own.
std::vector<done_effect> done_by(const told_run& told);

/// The records that the run wrote, each once.
std::vector<std::string> recorded_by(const told_run& told);

/// What a run that undoes is given as its input: {"undoes": ["eff-3"], "with": [arguments]}.
json undo_input(const std::vector<done_effect>& done);
/// The effects that it took back, or means to while it is open.
std::vector<std::string> undone_in(const told_run& told);

/// The workflow of that run. Each of `done` has an undo.
workflow_definition undo_workflow(const std::vector<done_effect>& done, const std::string& name);

struct undo_begun {
  std::string run;                  // empty: none was needed
  std::vector<done_effect> undoes;
  std::vector<done_effect> stands;  // nothing takes it back
  std::vector<done_effect> held;    // it had not left yet: nothing was sent, and nothing will be
  bool stopped = false;             // the run that is taken back was open, and is not any more
  std::vector<std::string> records; // that it wrote: they stay as they are
};
BOOST_DESCRIBE_STRUCT(undo_begun, (), (run, undoes, stands, held, stopped, records))

}  // namespace steward
