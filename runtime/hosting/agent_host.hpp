/// Where a plain agent becomes a supervised, typed CAF actor: `host<my_agent>()` is its line in a catalogue.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/hosting/agent_value.hpp"
#include "runtime/protocol.hpp"
#include "runtime/supervision/actor_state.hpp"

namespace steward {

/// One line of actors/catalog.cpp.
struct agent_entry {
  std::string name;
  agent_facts facts;
  std::function<std::unique_ptr<agent_value>(const role_brief&)> make;
  /// Starts a lane: an actor that gives events to this agent, for one role. `reports_to` hears every turn.
  std::function<caf::strong_actor_ptr(caf::local_actor& parent, const role_brief&, coordinator_actor reports_to)> spawn;
  /// Sends the event to a lane, typed.
  std::function<void(const caf::strong_actor_ptr& lane, std::shared_ptr<const deliver_event>)> send;
};
using agent_catalog = std::vector<agent_entry>;

namespace detail {

template <class Agent>
struct lane_state {
  lane_state() = default;  // Not an aggregate: g++ would mis-initialise it in C++20.
  static inline const char* name = "lane";
  std::unique_ptr<agent_value_of<Agent>> agent;
  coordinator_actor reports_to;
};

template <class Agent, class... Events>
typename agent_actor<Agent>::behavior_type lane(typename agent_actor<Agent>::template stateful_pointer<lane_state<Agent>> self, role_brief brief, coordinator_actor reports_to,
                                                events<Events...>) {
  self->state.agent = std::make_unique<agent_value_of<Agent>>(brief);
  self->state.reports_to = std::move(reports_to);
  const auto handle = [self](const deliver_event& given) -> caf::result<turn_report> {
    auto report = self->state.agent->handle(given);
    // The coordinator hears what was wrong first; then the lane ends as a crash does, and its supervisor decides.
    if (report.trouble && report.trouble->kind == fault_kind::process) self->quit(caf::make_error(caf::sec::runtime_error, report.trouble->sentence));
    if (self->current_sender()) return report;  // somebody asked by a request of his own
    self->send(self->state.reports_to, std::move(report));
    return caf::delegated<turn_report>{};  // the coordinator's answer, if any, comes as a message of its own
  };
  return {[handle](delivery<Events>& d) -> caf::result<turn_report> { return handle(*d.given); }..., [self](forget_instance& f) { self->state.agent->forget(f.instance); }};
}

template <class Agent, class... Events>
void send_to_lane(const caf::strong_actor_ptr& lane, std::shared_ptr<const deliver_event> given, events<Events...>) {
  const auto target = caf::actor_cast<agent_actor<Agent>>(lane);
  (void)((given->what.kind == Events::kind ? (caf::anon_send(target, delivery<Events>{given}), true) : false) || ...);
}

}  // namespace detail

template <complete_agent Agent>
agent_entry host() {
  using list = typename Agent::handles;
  agent_entry entry;
  entry.name = Agent::name;
  entry.facts = facts_of<Agent>();
  entry.make = [](const role_brief& brief) -> std::unique_ptr<agent_value> { return std::make_unique<agent_value_of<Agent>>(brief); };
  entry.spawn = [](caf::local_actor& parent, const role_brief& brief, coordinator_actor reports_to) {
    // Handed over as arguments: CAF dereferences a null pointer where a function has none.
    auto start = [](typename agent_actor<Agent>::template stateful_pointer<detail::lane_state<Agent>> self, const role_brief& brief, const coordinator_actor& reports_to) {
      return detail::lane<Agent>(self, brief, reports_to, list{});
    };
    return caf::actor_cast<caf::strong_actor_ptr>(parent.spawn(start, brief, std::move(reports_to)));
  };
  entry.send = [](const caf::strong_actor_ptr& lane, std::shared_ptr<const deliver_event> given) {
    detail::send_to_lane<Agent>(lane, std::move(given), list{});
  };
  return entry;
}

}  // namespace steward
