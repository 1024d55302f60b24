/// The state of an actor, guarded: what every stateful actor's state type must be.
#pragma once
#include <type_traits>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

namespace steward {

/// No aggregate. CAF asks whether a state can be made from a pointer to its actor, and C++20 says yes for an aggregate that
/// begins with a bool (which becomes true) or a handle (which then holds its own actor for ever). `T() = default;` is enough.
template <class State>
concept actor_state = !std::is_aggregate_v<State>;

template <actor_state State, class Base = caf::event_based_actor>
using stateful = caf::stateful_actor<State, Base>;

/// The self pointer of a typed actor with a state: `stateful_pointer<supervisor_actor, supervisor_state> self`.
template <class Actor, actor_state State>
using stateful_pointer = typename Actor::template stateful_pointer<State>;

}  // namespace steward
