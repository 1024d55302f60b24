/// The workloads of `./dev bench`, each the same for every durable engine that is measured beside this one.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/measurement.hpp"

namespace steward::bench {

struct bench_options {
  std::string folder;           // on a real disk; each workload makes and removes its own below it
  std::int64_t in_flight = 64;  // w1
  double seconds = 5;           // w1, w7
  std::int64_t runs_parked = 10'000;     // w2
  std::int64_t calls = 1'000;            // w5
  std::int64_t events = 1'000'000;       // w6
  std::int64_t rules = 0;       // w1: rules that are loaded
  std::string program;          // the `steward` beside us, for w4
};

/// What the machine gives: flushes, SQLite commits alone and in groups, CAF requests. Bounds every other figure.
measurement measure_limits(const bench_options& options);

/// W1: workflows of ten trivial steps, each step's result on disk before the next starts.
measurement durable_steps(const bench_options& options);
/// W2: runs wait for an approval; then all are approved, dispatched and finished.
measurement parked_runs(const bench_options& options);
/// W3: kill -9 in the middle of W1; until all is finished.
measurement recovery(const bench_options& options);
/// W4: from the start of the process to the first finished step; idle memory.
measurement cold_start(const bench_options& options);
/// W5: a conversation of many model calls in one run: bytes of the journal, time of a replay.
measurement history(const bench_options& options);
/// W6: a company with a long past and many open runs: from the start of its process until it is ready.
measurement restart(const bench_options& options);
/// W7: a request to a hosted agent and its answer, without a journal.
measurement actor_tax(const bench_options& options);
/// Gate: one judgement with a hundred rules loaded, of which none or all match; W1 with them and without.
measurement gate_cost(const bench_options& options);

/// The life of an engine in a process of its own, for w3: works until it is killed, or until what it found is done.
int run_engine_process(const std::string& role, const std::vector<std::string>& words);

}  // namespace steward::bench
