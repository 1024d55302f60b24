/// The door to processes and signals, for a parent of one child: behind it a test puts a world of its own.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"

namespace steward {

/// How a process ended: by itself with `code`, or by `signal`.
struct process_end {
  int code = 0;    // what a shell would show: 128 + signal for a signal
  int signal = 0;  // 0: by itself
  bool operator==(const process_end&) const = default;
};
std::string to_words(const process_end& end);  // "ended with exit code 3", "was ended by signal 9 (Killed)"

struct process_news {
  enum class what { nothing, asked_to_stop, ended };
  what happened = what::nothing;
  process_end end;
};

class process_door {
public:
  virtual ~process_door() = default;
  /// Starts the child; it is ended when this process dies. Error `program_not_started`.
  virtual result<void> start(const std::vector<std::string>& words) = 0;
  virtual void ask_to_end() = 0;  // SIGTERM
  virtual void kill() = 0;        // SIGKILL
  /// Waits for the child's end or for a signal to this process (SIGTERM, SIGINT, SIGHUP), at most so long.
  virtual process_news wait(std::optional<duration> at_most) = 0;
};

/// The machine's processes. While it lives, the three signals wait for `wait` instead of ending this process; so it belongs into
/// a process with one thread, and `start` before any other.
std::unique_ptr<process_door> make_process_door();

}  // namespace steward
