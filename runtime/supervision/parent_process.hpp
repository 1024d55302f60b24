/// The small parent of the engine: starts it as a process, restarts it within a window, stops it within a deadline.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/random.hpp"
#include "runtime/supervision/backoff.hpp"
#include "runtime/supervision/process_door.hpp"
#include "runtime/supervision/restart_window.hpp"

namespace steward {

/// The exit code of an engine that only a new process can help (two handlers hang). EX_TEMPFAIL of sysexits.h: try again.
inline constexpr int exit_engine_lost = 75;

struct parent_settings {
  std::vector<std::string> engine;  // its command line; the first is the program's path ("/proc/self/exe" for the own one)
  restart_limit at_most = {3, std::chrono::minutes{10}};
  backoff_limits waits = {.first = std::chrono::milliseconds{500}, .most = std::chrono::seconds{30}};
  duration stop_within = std::chrono::seconds{30};  // from the request to end until it is killed
  std::vector<int> final_codes = {0};               // ends that a restart can't better: a clean one, a wrong command line, …
  std::function<void(const std::string& sentence)> say;
};

/// Runs the engine until it ends for good, and gives its exit code. A signal to this process (SIGTERM, SIGINT, SIGHUP) asks the
/// engine to end; a second one, or the deadline, kills it. Beyond the window it says so and gives the last exit code.
/// Error `program_not_started`.
result<int> run_parent(const parent_settings& settings, process_door& door, const clock& now, random_source& random);

}  // namespace steward
