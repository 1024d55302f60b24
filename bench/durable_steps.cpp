/// W1: ten trivial steps, each on disk before the next starts, through manifest, coordinator, hosted agent, gate and chain.
#include <optional>
#include <stdexcept>
#include <thread>

#include "bench/closed_loop.hpp"
#include "bench/company.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr double warm_up = 1.0;       // seconds: statements are prepared, the log has its length
constexpr double alone_at_most = 1.0; // seconds without a queue
constexpr std::int64_t queued = 100;  // behind the one at work, so that a start is not counted as a step's flush

/// Each run is started when the one before has ended: its start has a flush of its own, which its ten steps share.
double flushes_without_queue(engine& works, double seconds) {
  closed_loop load(works, 1, 1);
  const auto flushes = [&] { return works.figures().at("flushes").to_number<double>(); };
  const double before = flushes();
  load.start();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  load.finish();  // the last run has ended, with all that it flushed
  const auto done = load.look();
  if (!done.trouble.empty()) throw std::runtime_error("w1: a run ended as " + done.trouble);
  return (flushes() - before) / double(done.ended * steps_of_run);
}

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
  std::optional<double> flushes_alone;
  if (alone) flushes_alone = flushes_without_queue(works, std::min(options.seconds, alone_at_most));
  works.stop();
  if (!after.trouble.empty()) throw std::runtime_error("w1: a run ended as " + after.trouble);

  const double steps = double((after.ended - before.ended) * steps_of_run);
  if (alone) {  // Nearly all of a queued run's time is the queue's: what a run took lies between its end and that of the one before.
    after.latencies.clear();
    for (std::size_t i = 1; i < after.ends.size(); ++i) after.latencies.push_back((after.ends[i] - after.ends[i - 1]) * 1e3);
  }
  measurement found{"w1", options.in_flight,
          {{"steps_per_s", steps / took},
           {"p50_ms", quantile(after.latencies, 0.5)},
           {"p99_ms", quantile(after.latencies, 0.99)},
           {"cpu_us_per_step", cpu_used * 1e6 / steps},
           {"flushes_per_step", flushed / steps},
           {"bytes_per_step", written / steps},
           {"rss_mb", memory}}};
  if (flushes_alone) found.figures.push_back({"flushes_per_step_alone", *flushes_alone});
  return found;
}

}  // namespace steward::bench
