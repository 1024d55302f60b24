/// W2: many runs wait for an approval; then all are approved, dispatched through the real gate, and finished.
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "bench/company.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

/// Sends commands without waiting for each, at most so many under way, and waits for the last answer.
class crowd {
public:
  explicit crowd(engine& works, std::int64_t at_once) : engine_(works), at_once_(at_once) {}
  void send(json command) {
    {
      std::unique_lock guard(mutex_);
      changed_.wait(guard, [&] { return open_ < at_once_; });
      ++open_;
    }
    engine_.send(std::move(command), [this](json answer) {
      std::lock_guard guard(mutex_);
      --open_;
      if (!at_path(answer, "ok")) trouble_ = canonical(answer);
      changed_.notify_all();
    });
  }
  void finish() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return open_ == 0; });
    if (!trouble_.empty()) throw std::runtime_error(trouble_);
  }

private:
  engine& engine_;
  const std::int64_t at_once_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t open_ = 0;
  std::string trouble_;
};

constexpr std::int64_t under_way = 256;
const auto text = "Dear Ada, here is what changed this week, three things, each with its source.";

}  // namespace

measurement parked_runs(const bench_options& options) {
  const scratch folder(options.folder + "/w2");
  auto started = engine::start(company_parts({folder.path + "/.steward", under_way}));
  if (!started) throw std::runtime_error(to_sentence(started.error()));
  auto& works = **started;
  const auto runs = options.runs_parked;
  const double memory = rss_mb(), disk = folder_kb(folder.path);

  double start = seconds_now();
  crowd starting(works, under_way);
  for (std::int64_t i = 0; i < runs; ++i) starting.send(boost::json::object{{"do", "run"}, {"workflow", "ask"}, {"input", {{"text", text}}}});
  starting.finish();
  const double starts = double(runs) / (seconds_now() - start);
  const double memory_parked = rss_mb(), disk_parked = folder_kb(folder.path);

  start = seconds_now();
  crowd approving(works, runs + under_way), waiting(works, 2 * runs);
  for (std::int64_t i = 1; i <= runs; ++i) {
    waiting.send(boost::json::object{{"do", "wait"}, {"run", "run-" + std::to_string(i)}});
    approving.send(boost::json::object{{"do", "approve"}, {"approval", "apr-" + std::to_string(i)}});
  }
  approving.finish();
  waiting.finish();
  const double approvals = double(runs) / (seconds_now() - start);
  works.stop();
  return {"w2", {}, {{"kb_memory_per_run", (memory_parked - memory) * 1024 / double(runs)}, {"kb_disk_per_run", (disk_parked - disk) / double(runs)},
                     {"starts_per_s", starts}, {"approvals_per_s", approvals}}};
}

}  // namespace steward::bench
