/// `steward_bench`: every number that we publish, and the physical limit of the same run beside it.
// promise: every number that we publish can be measured by one command, and a kill in the middle loses no step
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace {

using namespace steward::bench;

struct workload {
  const char* name;
  const char* summary;
  measurement (*measure)(const bench_options&);
};

const workload workloads[] = {
    {"w1", "durable steps", &durable_steps}, {"w2", "parked runs and their approvals", &parked_runs}, {"w3", "kill -9 and recovery", &recovery},
    {"w4", "cold start and idle memory", &cold_start}, {"w5", "a long conversation", &history}, {"w6", "restart with a long past", &restart},
    {"w7", "a hosted agent against raw CAF", &actor_tax}, {"gate", "one judgement with a hundred rules", &gate_cost},
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 3 && std::string_view(argv[1]) == "--engine-process") return run_engine_process(argv[2], {argv + 3, argv + argc});
  bench_options options;
  std::vector<std::string> wanted;
  std::string json_file;
  int runs = 5;
  std::vector<std::int64_t> in_flight;
  CLI::App app{"Measures the engine; without a workload all of them"};
  std::string known;
  for (const auto& w : workloads) known += std::string(known.empty() ? "" : "; ") + w.name + " " + w.summary;
  app.add_option("WORKLOAD", wanted, known);
  app.add_option("--in-flight", in_flight, "w1: runs at work at once (1, 64 and 256)")->check(CLI::Range(1, 100'000));
  app.add_option("--seconds", options.seconds, "w1, w7: how long each measurement takes (5)")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--runs", runs, "measurements of which the median is told (5)")->check(CLI::Range(1, 1000));
  app.add_option("--parked", options.runs_parked, "w2: runs that wait (10000)")->check(CLI::Range(1, 10'000'000));
  app.add_option("--calls", options.calls, "w5: model calls in one conversation (1000)")->check(CLI::Range(2, 1'000'000));
  app.add_option("--events", options.events, "w6: events in the journal (1000000)")->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--json", json_file, "a file that gets one JSON line for each measurement");
  app.add_option("--folder", options.folder, "where to write; on a real disk (build/bench)");
  app.add_option("--program", options.program, "the steward that w4 starts (the one of the same build)");
  CLI11_PARSE(app, argc, argv);
  for (const auto& name : wanted)
    if (std::none_of(std::begin(workloads), std::end(workloads), [&](const workload& w) { return name == w.name; }))
      return std::cerr << "steward_bench: there is no workload '" << name << "'. These exist: " << known << ".\n", 2;
  if (options.folder.empty()) options.folder = "build/bench";
  if (in_flight.empty()) in_flight = {1, 64, 256};

  std::vector<measurement> all;
  try {
    const scratch place(options.folder);
    if (auto disk = must_be_a_disk(options.folder); !disk) return std::cerr << "steward_bench: " << to_sentence(disk.error()) << '\n', 2;
    for (int i = 0; i < runs; ++i) {
      const auto keep = [&](measurement m) {
        std::cerr << json_line(m) << '\n';
        all.push_back(std::move(m));
      };
      keep(measure_limits(options));
      for (const auto& w : workloads) {
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), w.name) == wanted.end()) continue;
        if (std::string_view(w.name) != "w1") {
          keep(w.measure(options));
          continue;
        }
        for (const auto n : in_flight) {
          options.in_flight = n;
          keep(w.measure(options));
        }
      }
    }
  } catch (const std::exception& e) {
    return std::cerr << "steward_bench: " << e.what() << '\n', 1;
  }
  const auto middle = medians(all);
  if (!json_file.empty()) {
    std::ofstream file(json_file);
    for (const auto& m : middle) file << json_line(m) << '\n';
    if (!file.flush()) return std::cerr << "steward_bench: " << json_file << " can't be written. Name a file in a folder that exists\n", 2;
  }
  std::cout << table(middle);
}
