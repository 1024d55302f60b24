/// W2: many runs wait for an approval; then all are approved, dispatched through the real gate, and finished.
#include <stdexcept>

#include "bench/company.hpp"
#include "bench/crowd.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr std::int64_t under_way = 256;

}  // namespace

measurement parked_runs(const bench_options& options) {
  const scratch folder(options.folder + "/w2");
  auto started = engine::start(company_parts({folder.path + "/.steward", under_way}));
  if (!started) throw std::runtime_error(to_sentence(started.error()));
  auto& works = **started;
  const auto runs = options.runs_parked, warm_up = runs / 4;
  const auto start_so_many = [&](std::int64_t count) {
    crowd starting(works, under_way);
    for (std::int64_t i = 0; i < count; ++i) starting.send(run_that_asks());
    starting.finish();
  };
  // What a run takes is what the next one adds: pages that SQLite keeps, threads' heaps and the log are there after the first ones.
  start_so_many(warm_up);
  const double memory = rss_mb(), disk = folder_kb(folder.path);

  double start = seconds_now();
  start_so_many(runs);
  const double starts = double(runs) / (seconds_now() - start);
  const double memory_parked = rss_mb(), disk_parked = folder_kb(folder.path);

  start = seconds_now();
  const auto all = warm_up + runs;
  crowd approving(works, all), waiting(works, all);
  for (std::int64_t i = 1; i <= all; ++i) {
    waiting.send(boost::json::object{{"do", "wait"}, {"run", "run-" + std::to_string(i)}});
    approving.send(boost::json::object{{"do", "approve"}, {"approval", "apr-" + std::to_string(i)}});
  }
  approving.finish();
  waiting.finish();
  const double approvals = double(all) / (seconds_now() - start);
  works.stop();
  return {"w2", {}, {{"kb_memory_per_run", (memory_parked - memory) * 1024 / double(runs)}, {"kb_disk_per_run", (disk_parked - disk) / double(runs)},
                     {"starts_per_s", starts}, {"approvals_per_s", approvals}}};
}

}  // namespace steward::bench
