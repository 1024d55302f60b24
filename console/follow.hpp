/// Watches a run until it ends or waits for somebody, shows what happens meanwhile, and asks the operator on a terminal.
#pragma once
#include <string>

#include "console/invocation.hpp"

namespace steward {

struct follow_options {
  bool approve_all = false;  // --yes
  std::int64_t after = 0;    // events up to this number have been shown
  bool verbose = false;      // every sentence of the timeline instead of a line a step
};

/// Progress goes to stderr, the run at the end to stdout. Gives the exit code.
int follow_run(invocation& s, const std::string& run, follow_options options);

/// The run of `begun` (its "run"), from event `before` on: with --no-wait or --only-record it is told as `said` and left to the
/// engine, else it is followed under "run-2  title". Gives the exit code.
int follow_begun(invocation& s, const arguments& given, const json& begun, std::int64_t before, const std::string& said, const std::string& title);

/// A decision about a run (approve, reject, answer, retry, step): gives it to the engine, or, when none runs, starts one in
/// this process so that the decision has its effect at once. With `only_record` it is written down for the next engine.
int decide(invocation& s, const json& command, const std::string& run, const std::string& said, bool only_record);

/// The last event's number; 0 before the first.
std::int64_t last_event(invocation& s);

}  // namespace steward
