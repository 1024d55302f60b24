/// The journal as an actor on a thread of its own: appends that arrive while a commit syncs share the next one.
#pragma once
#include <functional>

#include "runtime/journal/journal.hpp"
#include "runtime/protocol.hpp"
#include "runtime/supervision/actor_state.hpp"

namespace steward {

struct journal_actor_state {
  journal_actor_state() = default;
  static inline const char* name = "journal";
  std::vector<append_request> requests;
  std::vector<caf::typed_response_promise<append_reply>> promises;
  bool flush_sent = false;
  bool tick_sent = false, wrote_since_tick = false;
};

/// `written` must outlive the actor. `on_failure` ends the process: after a failed commit nobody knows what the disk holds.
journal_actor::behavior_type journal_behavior(journal_actor::stateful_pointer<journal_actor_state> self, journal* written, std::function<void(const error&)> on_failure);

}  // namespace steward
