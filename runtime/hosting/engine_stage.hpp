/// Where the engine's actors run and whom they ask for chance: the machine's threads, or a stage that a simulation moves by hand.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "runtime/clock.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/journal/watched_vfs.hpp"
#include "runtime/random.hpp"
#include "runtime/supervision/supervision_tree.hpp"

namespace steward {

/// As it is made, everything runs as in the shipped program. With a `turn` nobody has a thread of its own: all actors stand on
/// one scheduler, and whoever waits moves it, so that the same seed gives the same order of everything.
struct engine_stage {
  std::function<void(caf::actor_system_config&)> configure;       // before the actor system is made; empty: cores + 2 shared workers
  std::function<void(caf::actor_system&)> opened;                 // it is made, and empty yet
  /// Lets the next thing happen; false when nothing can any more.
  std::function<bool()> turn;
  /// Lets every actor come to its end: the last ones have been told to.
  std::function<void(caf::actor_system&)> drain;
  /// The process can't go on. Empty: it says why on stderr and ends, and its parent starts another.
  std::function<void(const std::string& sentence)> lose_process;
  std::function<std::unique_ptr<random_source>()> random = make_system_random;
  std::function<int(disk_watch::operation)> journal_fault;
  supervision_tree tree = engine_tree();
  duration polls_every = std::chrono::seconds{1};                 // how often a connector with signals is asked for them
  snapshot_pace snapshots;

  bool own_threads() const { return !turn; }
};

}  // namespace steward
