/// Every typed CAF actor interface of the system, in one place.
///
/// All actors live in one process (caf_io is not linked), so messages are C++ values that are never serialised; those that
/// hold what CAF can't inspect are declared local-only below.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "runtime/coordination/errand.hpp"
#include "runtime/journal/record.hpp"

namespace steward {

/// An event on its way to an agent, typed by what it is; decoded by the host, not by the sender.
template <class Event>
struct delivery {
  std::shared_ptr<const deliver_event> given;
};

struct append_request {
  std::uint64_t ticket = 0;
  batch events;
};
struct append_reply {
  std::uint64_t ticket = 0;
  std::int64_t first_seq = 0;
};

struct recall_reply {
  std::string instance, tag;
  std::vector<memory_item> items;
};

struct look_up_reply {
  look_up_action asked;
  outcome came_out;
};

struct effect_reply {
  std::string effect;
  std::int64_t attempt = 1;
  outcome came_out;
  bool looked_up = false;
};

struct model_outcome {
  std::string call;
  std::int64_t attempt = 1;
  std::shared_ptr<const result<model_reply>> reply;
};

struct signals_seen {
  std::string connector;
  std::vector<signal> signals;
  std::optional<error> trouble;  // it could not look
};

/// The fold as of event `seq`, which is on disk: to be written beside the journal.
struct store_snapshot {
  std::int64_t seq = 0;
  std::shared_ptr<const std::string> bytes;
};

/// A command or question of the operator, and where its answer goes.
struct desk_request {
  json command;
  std::function<void(json)> reply;
};

/// A role's lane is up and takes deliveries.
struct lane_started {
  std::string path;  // "roles/researcher.1"
  caf::strong_actor_ptr lane;
};
struct lane_ended {
  std::string path;
  fault why;
  bool gave_up = false;
};

struct poll_tick {};
struct timer_tick {
  std::uint64_t generation = 0;
};
/// Everything that was in the mailbox before this shares one commit.
struct flush_now {};
/// End when nothing is under way; looked at every 10 ms, so many times at most.
struct stop_now {
  std::int64_t looks_left = 0;
};

}  // namespace steward

namespace caf {
template <class Event>
struct allowed_unsafe_message_type<steward::delivery<Event>> : std::true_type {};
}  // namespace caf
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::append_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::append_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::turn_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::forget_instance)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::recall_memory)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::recall_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::look_up_action)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::look_up_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::perform_effect)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::effect_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::call_model)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::model_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::acknowledge_signal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::signals_seen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::store_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::make_digest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::digest_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::desk_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::lane_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::lane_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::poll_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::timer_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::flush_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::stop_now)

namespace steward {

/// The one writer. A reply means "on disk"; appends that arrive while a commit syncs share the next one.
using journal_actor = caf::typed_actor<caf::replies_to<append_request>::with<append_reply>, caf::reacts_to<flush_now>, caf::reacts_to<timer_tick>>;

/// Everything that decides. It never awaits.
using coordinator_actor = caf::typed_actor<caf::reacts_to<append_reply>, caf::reacts_to<turn_report>, caf::reacts_to<recall_reply>, caf::reacts_to<look_up_reply>,
                                           caf::reacts_to<effect_reply>, caf::reacts_to<model_outcome>, caf::reacts_to<signals_seen>, caf::reacts_to<lane_started>,
                                           caf::reacts_to<lane_ended>, caf::reacts_to<desk_request>, caf::reacts_to<timer_tick>, caf::reacts_to<stop_now>, caf::reacts_to<flush_now>, caf::reacts_to<digest_page>>;

/// One connector, one call at a time, on a thread of its own: the one place where something leaves.
using connector_actor = caf::typed_actor<caf::reacts_to<perform_effect>, caf::reacts_to<look_up_action>, caf::reacts_to<acknowledge_signal>, caf::reacts_to<poll_tick>>;

/// One language model, on a thread of its own.
using model_actor = caf::typed_actor<caf::reacts_to<call_model>>;

/// What is derived from the journal (memory's index, snapshots, the daily digest), on a thread of its own.
using memory_actor = caf::typed_actor<caf::reacts_to<recall_memory>, caf::reacts_to<store_snapshot>, caf::reacts_to<make_digest>>;

/// The host of an agent: its interface is what the agent handles.
template <class Agent, class List = typename Agent::handles>
struct agent_actor_of;
template <class Agent, template <class...> class List, class... Events>
struct agent_actor_of<Agent, List<Events...>> {
  using type = caf::typed_actor<typename caf::replies_to<delivery<Events>>::template with<turn_report>..., caf::reacts_to<forget_instance>>;
};
template <class Agent>
using agent_actor = typename agent_actor_of<Agent>::type;

}  // namespace steward
