/// Many commands at once, each sent without waiting for the one before.
#pragma once
#include <condition_variable>
#include <mutex>

#include "runtime/hosting/engine.hpp"

namespace steward::bench {

/// At most so many commands are under way. A command that is refused is told by `finish`.
class crowd {
public:
  explicit crowd(engine& works, std::int64_t at_once) : engine_(works), at_once_(at_once) {}
  void send(json command);
  /// Waits for the last answer.
  void finish();

private:
  engine& engine_;
  const std::int64_t at_once_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t open_ = 0;
  std::string trouble_;
};

/// Starts a run that waits for an approval.
json run_that_asks();

}  // namespace steward::bench
