/// W1: ten trivial steps, each on disk before the next starts, through manifest, coordinator, hosted agent, gate and chain.
#include <stdexcept>
#include <thread>

#include "bench/closed_loop.hpp"
#include "bench/company.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr double warm_up = 1.0;       // seconds: statements are prepared, the log has its length
constexpr std::int64_t queued = 100;  // behind the one at work, so that a start is not counted as a step's flush

}  // namespace

measurement durable_steps(const bench_options& options) {
  const scratch folder(options.folder + "/w1");
  auto started = engine::start(company_parts({folder.path + "/.steward", options.in_flight, options.rules}));
  if (!started) throw std::runtime_error(to_sentence(started.error()));
  auto& works = **started;
  const bool alone = options.in_flight == 1;
  closed_loop load(works, alone ? 1 + queued : options.in_flight, alone ? 1 : options.in_flight);
  load.start();
  std::this_thread::sleep_for(std::chrono::duration<double>(warm_up));

  const auto before = load.look();
  const auto flushes = works.figures().at("flushes").to_number<double>(), bytes = works.figures().at("bytes").to_number<double>();
  const double cpu = cpu_seconds(), start = seconds_now();
  std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
  auto after = load.look();
  const double took = seconds_now() - start, cpu_used = cpu_seconds() - cpu;
  const double flushed = works.figures().at("flushes").to_number<double>() - flushes, written = works.figures().at("bytes").to_number<double>() - bytes;
  const double memory = rss_mb();
  load.finish();
  works.stop();
  if (!after.trouble.empty()) throw std::runtime_error("w1: a run ended as " + after.trouble);

  const double steps = double((after.ended - before.ended) * steps_of_run);
  if (alone)  // Nearly all of a queued run's time is the queue's: what a run took is what lies between two ends.
    after.latencies.assign(std::size_t(after.ended - before.ended), took * 1e3 / double(after.ended - before.ended));
  return {"w1", options.in_flight,
          {{"steps_per_s", steps / took},
           {"p50_ms", quantile(after.latencies, 0.5)},
           {"p99_ms", quantile(after.latencies, 0.99)},
           {"cpu_us_per_step", cpu_used * 1e6 / steps},
           {"flushes_per_step", flushed / steps},
           {"bytes_per_step", written / steps},
           {"rss_mb", memory}}};
}

}  // namespace steward::bench
