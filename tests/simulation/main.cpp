/// Plays company-weeks, each drawn from a seed: `steward_simulate --seeds 500 --seed 1`.
//
/// promise: the same seed plays the same week, to the last byte
/// promise: whatever goes wrong in a week, no effect happens twice, none without its approval, and no budget is passed
/// promise: when the faults are over, everything finishes or stands in the inbox
/// promise: a start from a snapshot goes on as one from the first event, and a snapshot that is damaged or another journal's is passed over
/// promise: what a week left behind replays as it was, comes back from its backup, and is not opened once it was changed
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "tests/simulation/week.hpp"

namespace {

using namespace steward;
using namespace steward::simulation;

constexpr auto usage = R"(steward_simulate [--seeds N] [--seed S] [--at-once N] [--tell]

Plays N company-weeks (default 500) from seed S on (default 1). Every week is checked at every event. --tell prints the events of one.
)";

/// States that a good number of weeks must have reached, else they prove nothing about them.
constexpr const char* sometimes[] = {
    "a backup restored", "a budget refused", "a changed backup refused", "a changed journal refused", "a changed mind found", "a hold waited for", "a run paused", "a run replayed", "a snapshot passed over",
    "a start from a snapshot",
    "agent hangs", "agent kills", "agent throws", "approval approved", "approval expired", "approval rejected", "breaker_changed", "call answer_lost", "call busy", "call crash_after",
    "call crash_before", "call fails_after", "call refuses", "call request_lost", "call slow", "call throws", "call unreachable", "call very_slow", "child restarted", "clock set back",
    "clock set forward", "disk crash_after", "disk crash_before", "disk full", "effect confirmed", "effect failed", "effect in_doubt", "effect modified", "effect refused", "engine lost",
    "event parked", "handler hung", "key repeated", "looked up", "machine off", "memory_added", "model failed", "model tried again", "network away", "operator late", "operator never",
    "operator twice", "operator while_dying", "outdated words", "paused", "role_answered", "run finished", "run stopped", "schedule caught up", "states compared", "step_failed", "stopped cleanly",
    "sudden death", "turn_retried", "woke"};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 500, first = 1;
  unsigned at_once = 2;
  bool tell = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--tell") tell = true;
    else if (i + 1 == argc || (word != "--seeds" && word != "--seed" && word != "--at-once")) return std::cerr << usage, 2;
    else {
      char* end = nullptr;
      const auto value = std::strtoull(argv[++i], &end, 10);
      if (*end || value == 0) return std::cerr << usage, 2;
      if (word == "--seeds") seeds = value;
      else if (word == "--seed") first = value;
      else at_once = unsigned(value);
    }
  }
  std::atomic<std::uint64_t> next{first};
  std::mutex speaking;
  std::map<std::string, std::int64_t> seen;
  std::int64_t events = 0, lives = 0, broken = 0, played = 0;
  const auto began = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (auto seed = next++; seed < first + seeds; seed = next++) {
      week_options options;
      options.seed = seed;
      options.tell = tell;
      auto r = play_week(options);
      // Some are played twice: what a seed can't repeat, nobody can look into.
      if (seed % 20 == 0)
        if (const auto again = play_week(options); again.trace != r.trace) r.broken.push_back(fmt::format("it went another way when it was played again: {} and {}", r.trace, again.trace));
      std::lock_guard guard(speaking);
      ++played;
      events += r.events;
      lives += r.lives;
      for (const auto& [what, n] : r.seen) ++seen[what];
      if (tell) std::cout << "trace " << r.trace << "\n";
      if (r.broken.empty()) continue;
      ++broken;
      std::cout << "BROKEN  seed " << seed << "\n";
      for (const auto& sentence : r.broken) std::cout << "        " << sentence << "\n";
      std::cout << "        again: ./dev simulate --seeds 1 --seed " << seed << " --tell" << std::endl;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, at_once); ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << fmt::format("{} weeks, {} events, {} lives of the engine, {} weeks with a broken promise, {:.0f} s\n", played, events, lives, broken, took);
  int missing = 0;
  for (const auto* what : sometimes)
    if (seeds >= 200 && !seen.contains(what)) {
      std::cout << "never reached: " << what << "\n";
      ++missing;
    }
  for (const auto& [what, n] : seen) std::cout << fmt::format("  {:>6} weeks: {}\n", n, what);
  return broken == 0 && missing == 0 ? 0 : 1;
}
