/// Bugs planted on purpose, to see whether the proofs notice. In everything that is shipped `planted` is the constant false, and
/// the compiler drops what hangs on it; only the programs for `./dev drill --planted` (tests/simulation) are built with switches.
#pragma once
#ifdef STEWARD_PLANTED
#include <optional>
#endif

#include "runtime/described.hpp"

namespace steward {

enum class bug {
  unapproved_leaves,        // what a rule says must be asked counts as allowed
  pause_ignored,            // the gate never counts as shut
  key_dropped,              // a repeat goes out under another key
  bytes_not_those_approved, // a modified effect leaves as it was before
  neither_repeated,         // what can't be keyed is repeated as if it could
  queryable_not_looked_up,  // in doubt it is done again instead of looked up
  window_ignored,           // a key is trusted for ever
  budget_not_reserved,      // the limit is not asked before a call
  cost_not_settled,         // what a call cost is released instead of counted
  lost_call_free,           // a model call that a crash swallowed costs nothing
  errand_before_disk,       // errands leave before the journal says "on disk"
  fsync_skipped,            // a commit is not flushed
  attempts_forgotten,       // a crash does not count as an attempt of a turn
  poison_never_parked,      // an event is tried for ever
  missed_all_fired,         // every missed time of a schedule starts a run
  running_ignored,          // recovery and new work start as many runs as they like
  expires_into_yes,         // a question that nobody answered counts as approved
  decision_not_written,     // a decision is folded, and does not reach the journal
  orders_forgotten,         // what waited behind a connector that hung is lost
  late_turn_taken,          // the turn of an attempt that was given up counts for the one that took its place
  late_answer_taken,        // the answer to an attempt of an effect that was given up is taken
  head_before_commit,       // the head file runs ahead of the journal
  half_mail_trusted,        // what a crash left of a mail is sent as it is
  lost_answer_free,         // an answer of a model that was lost on the way costs nothing
  redirect_followed,        // a request goes wherever an answer points
  kept_connection_used,     // what must leave once goes out on a connection that libcurl may repeat it on
  busy_means_absent,        // a look-up that was turned away counts as "not there"
  rule_of_two_off,          // labels are not looked at: untrusted data may act with private data at hand
  hold_ignored,             // what is held leaves at once
  decision_reused,          // one yes counts for all that its step ever wants to do
  settled_twice,            // what an answer cost is counted again beside its settled reservation
  snapshot_trusted,         // a snapshot that is damaged, or of another journal, is taken as it is
  chain_unchecked,          // an event that was changed on disk is read as if it had been written so
  divergence_ignored,       // a replay calls it the same, whatever the agent says now
  backup_unchecked,         // a backup is taken back without a look at what is in it
};
BOOST_DESCRIBE_ENUM(bug, unapproved_leaves, pause_ignored, key_dropped, bytes_not_those_approved, neither_repeated, queryable_not_looked_up, window_ignored, budget_not_reserved,
                    cost_not_settled, lost_call_free, errand_before_disk, fsync_skipped, attempts_forgotten, poison_never_parked, missed_all_fired, running_ignored, expires_into_yes,
                    decision_not_written, orders_forgotten, late_turn_taken, late_answer_taken, head_before_commit, half_mail_trusted, lost_answer_free, redirect_followed, kept_connection_used, busy_means_absent,
                    rule_of_two_off, hold_ignored, decision_reused, settled_twice, snapshot_trusted, chain_unchecked, divergence_ignored, backup_unchecked)

#ifdef STEWARD_PLANTED
bool planted(bug b);
std::optional<bug>& current_bug();
#else
constexpr bool planted(bug) { return false; }
#endif

}  // namespace steward
