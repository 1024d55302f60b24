/// The actor that starts, watches, restarts and stops its children as the supervision tree says.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include "runtime/supervision/supervisor_machine.hpp"

namespace steward {

/// What a factory is told of the child that it starts.
struct start_context {
  caf::actor_system& system;
  std::string path;               // "desk/roles/researcher"
  std::int64_t incarnation = 1;   // 2 is the first restart
};

/// Spawns a child and returns its handle. May throw: the sentence is kept, and it counts as a fault. Runs on the supervisor's
/// thread: whatever takes long belongs into the child itself.
using start_child = std::function<caf::strong_actor_ptr(const start_context&)>;

// ---- the interface. Paths are seen from the supervisor that is asked; it passes on what concerns supervisors below it.

struct which_child { std::string path; };    // the handle of a child that is up
struct add_child {
  std::string under;                         // "desk/roles"; empty: the asked supervisor itself
  child_spec spec;
  start_child start;
};
struct remove_child { std::string path; };   // stops it within its deadline, then forgets it, then answers
struct retry_child { std::string path; };    // the operator says retry: an empty window, and a start if it is not up
struct list_children { std::string under; };
struct children_listed { std::vector<child_status> children; };
struct child_removed { std::string path; };

// clang-format off
using supervisor_actor = caf::typed_actor<
    caf::replies_to<which_child>::with<caf::strong_actor_ptr>,
    caf::reacts_to<add_child>,
    caf::replies_to<remove_child>::with<child_removed>,
    caf::reacts_to<retry_child>,
    caf::replies_to<list_children>::with<children_listed>>;
// clang-format on

// ---- what the outside hands in

/// Told from the supervisors' own threads: post a message and return.
struct supervision_listener {
  std::function<void(const std::string& path, std::int64_t incarnation, const caf::strong_actor_ptr& handle)> child_started;
  /// Also for ends that the supervisor asked for (ending::shutdown).
  std::function<void(const std::string& path, ending how, const fault& why)> child_ended;
  /// The child stays down, or the root itself gave up (then the path is "engine"). One card for the operator.
  std::function<void(const std::string& path, const fault& why)> child_gave_up;
  /// How many worker threads sit in handlers that hang; fewer again when one returns.
  std::function<void(int count)> lost_worker;
};

enum class supervisor_threads {
  own,     // each supervisor on its own thread: two hung handlers must not silence those who watch
  shared,  // for tests with the deterministic scheduler
};

struct supervision_settings {
  std::map<std::string, start_child> starts;  // by path below the root, one for each leaf of the tree: "journal"
  supervision_listener listener;
  /// Only a new process helps. Empty: the process says why on stderr and ends at once with `exit_engine_lost`; its parent starts another.
  std::function<void(const fault& why)> on_engine_lost;
  supervisor_threads threads = supervisor_threads::own;
  std::function<std::shared_ptr<random_source>(const std::string& path)> random;  // empty: the system's
  int lost_workers_max = 2;  // With cores + 2 workers one can be spared; a second one is a pattern.
};

/// Starts the tree. Errors `bad_supervision_tree`, `no_such_child` (a leaf without a factory, or a factory without a leaf).
/// The root ends with `exit_reason::user_shutdown` after it was asked to, or with the fault (fault_of) with which it gave up.
result<supervisor_actor> spawn_supervisor(caf::actor_system& system, const supervision_tree& tree, supervision_settings settings);

}  // namespace steward

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::which_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::add_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::remove_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::retry_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::list_children)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::children_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::child_removed)
