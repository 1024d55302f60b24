/// The company under measurement: a trivial agent, a workflow of ten of its steps, one effect that asks first.
#pragma once
#include <atomic>
#include <string>

#include "runtime/hosting/engine.hpp"

namespace steward::bench {

constexpr std::int64_t steps_of_run = 10;

/// Counts each step that an agent works on, by the number that its run was given; nullptr counts nothing. Memory that a
/// parent process shares outlives a kill, so this ledger knows what the dying engine had done.
struct step_ledger {
  static constexpr std::size_t runs = 1 << 16;
  std::atomic<std::uint16_t> worked_on[runs][steps_of_run];
};
extern step_ledger* ledger;

struct company_options {
  std::string folder;             // of the journal
  std::int64_t in_flight = 64;    // runs at work at once
  std::int64_t rules = 0;         // of the operator's, all about what `ask` does
};

/// Workflows: `ten` ({"number": 1, "text": "…"}; ten steps, each the result of the one before), `ask` (one effect of class K
/// that does nothing, after an approval), `talk` (asks the model as often as its input says).
engine_parts company_parts(const company_options& options);

}  // namespace steward::bench
