/// Keeps so many runs under way: whenever one ends, the next is started.
#pragma once
#include <condition_variable>
#include <mutex>
#include <vector>

#include "runtime/hosting/engine.hpp"

namespace steward::bench {

class closed_loop {
public:
  /// `at_once` runs are under way or queued; when only `low_water` are left they are filled up again, in one go.
  closed_loop(engine& works, std::int64_t at_once, std::int64_t low_water) : engine_(works), at_once_(at_once), low_water_(low_water) {}

  void start();
  /// Starts nothing any more and waits until all that was started has ended.
  void finish();

  struct progress {
    std::int64_t ended = 0;         // runs
    std::vector<double> latencies;  // of those that ended since the last look, in ms, from the command to "it has ended, on disk"
    std::vector<double> ends;       // when each of them had ended, in seconds
    std::string trouble;            // what a run ended as, where that was not `finished`
  };
  /// What has happened so far.
  progress look();

private:
  void fill(std::vector<std::int64_t>& begun);
  void begin(std::int64_t number);
  void ended(double since, const json& answer);

  engine& engine_;
  const std::int64_t at_once_, low_water_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t begun_ = 0, open_ = 0;
  bool stopping_ = false;
  progress so_far_;
};

}  // namespace steward::bench
