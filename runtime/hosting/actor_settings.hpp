/// How CAF's scheduler is set for the engine; its defaults would starve actors.
#pragma once
#include <thread>

#include <caf/all.hpp>

namespace steward {

struct actor_settings : caf::actor_system_config {
  actor_settings() {
    set("scheduler.policy", caf::atom("sharing"));  // no idle wake-ups, and the shortest tail of latency
    set("scheduler.max-threads", std::size_t{std::thread::hardware_concurrency()} + 2);  // so that one hung handler can be spared
    set("scheduler.max-throughput", std::size_t{100});  // nobody starves the others
  }
};

}  // namespace steward
