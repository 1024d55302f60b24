/// Connectors, models and memory as actors with threads of their own: nothing here blocks the shared workers.
#pragma once
#include <functional>
#include <memory>

#include "runtime/connector.hpp"
#include "runtime/coordination/action_book.hpp"
#include "runtime/journal/derived.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/memory/memory_index.hpp"
#include "runtime/model.hpp"
#include "runtime/protocol.hpp"
#include "runtime/supervision/actor_state.hpp"

namespace steward {

struct connector_parts {
  std::shared_ptr<connector> works;
  std::shared_ptr<const action_book> book;  // reads the answers
  std::shared_ptr<disk> files;
  duration poll_every{};                    // zero: it has no signals
};

struct connector_actor_state {
  connector_actor_state() = default;
  static inline const char* name = "connector";
  std::optional<int> polls_failed;  // in a row, up to a limit; nothing before the first look
};
connector_actor::behavior_type connector_behavior(connector_actor::stateful_pointer<connector_actor_state> self, connector_parts parts, coordinator_actor reports_to);

struct model_actor_state {
  model_actor_state() = default;
  static inline const char* name = "model";
};
model_actor::behavior_type model_behavior(model_actor::stateful_pointer<model_actor_state> self, std::shared_ptr<model_provider> provider, coordinator_actor reports_to);

struct memory_parts {
  std::string folder;                       // `.steward`
  std::shared_ptr<const event_kinds> kinds;
  std::shared_ptr<const clock> now;
  std::shared_ptr<disk> files;
  std::string zone;                         // of the company
};
struct memory_actor_state {
  memory_actor_state() = default;
  static inline const char* name = "memory";
  std::unique_ptr<reader> source;
  std::unique_ptr<derived> projections;
  std::unique_ptr<memory_search> search;
};
memory_actor::behavior_type memory_behavior(memory_actor::stateful_pointer<memory_actor_state> self, memory_parts parts, coordinator_actor reports_to);

}  // namespace steward
