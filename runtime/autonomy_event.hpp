/// Facts about who may do how much by itself: the ladder of autonomy, and new versions on trial. Part of the journal's vocabulary (event.hpp).
#pragma once
#include <string>

#include "runtime/autonomy.hpp"

namespace steward::event {

/// From here on an action class stands on another rung. It holds as long as the manifest says `manifest`: who edits the manifest has
/// the last word.
struct autonomy_changed {
  static constexpr auto kind = "autonomy_changed";
  std::string role;  // empty: the company, for what its workflows do themselves
  std::string action;
  autonomy from = autonomy::ask;
  autonomy to = autonomy::ask;
  autonomy manifest = autonomy::ask;  // the rung in the manifest when this was decided
  std::string why;
  std::string by;           // operator: granted or lowered | engine: it fell | manifest: it was edited
  evidence_count evidence;  // since the last change, as far as it counted
};
BOOST_DESCRIBE_STRUCT(autonomy_changed, (), (role, action, from, to, manifest, why, by, evidence))

/// The operator asked for what was done to be taken back; whether it can be is the undo's own story.
struct undo_asked {
  static constexpr auto kind = "undo_asked";
  std::string effect;
  std::string role;  // that had proposed it; empty: the workflow
  std::string action;
  std::string run;   // the one that takes it back
};
BOOST_DESCRIBE_STRUCT(undo_asked, (), (effect, role, action, run))

/// Something was done that a role had meant to do, and was not let: the same action, for the same recipients, soon after.
struct shadow_matched {
  static constexpr auto kind = "shadow_matched";
  std::string effect;
  std::string role;
  std::string action;
  std::string done;    // "eff-12"
  bool alike = false;  // with the very same arguments
};
BOOST_DESCRIBE_STRUCT(shadow_matched, (), (effect, role, action, done, alike))

/// The operator compared what a role would have done with what was done by hand.
struct shadow_judged {
  static constexpr auto kind = "shadow_judged";
  std::string effect;
  std::string role;
  std::string action;
  evidence_kind verdict = evidence_kind::same;  // same | different
};
BOOST_DESCRIBE_STRUCT(shadow_judged, (), (effect, role, action, verdict))

/// Whose place a run on trial takes, or beside whom it works.
struct trial_run {
  std::string as;  // shadow: everything is decided and recorded, nothing is done | canary: it is done
  std::string of;  // shadow: the live run, "run-3"; canary: the workflow in force
};
BOOST_DESCRIBE_STRUCT(trial_run, (), (as, of))

/// A version on trial gets no more runs.
struct trial_ended {
  static constexpr auto kind = "trial_ended";
  std::string workflow;  // the one on trial
  std::string digest;    // of its manifest: an edited one is tried anew
  std::string of;        // the one in force
  std::string why;
};
BOOST_DESCRIBE_STRUCT(trial_ended, (), (workflow, digest, of, why))

}  // namespace steward::event
