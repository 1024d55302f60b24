/// W3: the process is killed in the middle of W1 at 256 runs; how long until all that was under way is finished.
#include <stdexcept>

#include <cstdio>
#include <iostream>
#include <new>

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fcntl.h>

#include "bench/child_process.hpp"
#include "bench/closed_loop.hpp"
#include "bench/company.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr std::int64_t runs_in_flight = 256;
constexpr double lives_for = 1.0;  // seconds of work before the kill

step_ledger* map_ledger(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(step_ledger)) != 0) throw std::runtime_error("the ledger can't be made");
  void* memory = ::mmap(nullptr, sizeof(step_ledger), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) throw std::runtime_error("the ledger can't be mapped");
  return static_cast<step_ledger*>(memory);
}

}  // namespace

int recovery_process(const std::string& role, const std::vector<std::string>& words) {
  const auto& folder = words.at(0);
  ledger = map_ledger(folder + "/ledger");
  auto started = engine::start(company_parts({folder + "/.steward", runs_in_flight}));
  if (!started) return std::cerr << to_sentence(started.error()) << '\n', 1;
  auto& works = **started;
  if (role == "first") {
    closed_loop load(works, runs_in_flight, runs_in_flight);
    load.start();
    std::cout << "working" << std::endl;
    for (;;) ::pause();  // until it is killed
  }
  // The second life: starts nothing new, and says when all that it found is finished.
  const auto open = works.command(boost::json::object{{"do", "view"}, {"view", "runs"}});
  std::int64_t found = 0;
  closed_loop::progress all;
  std::mutex mutex;
  std::condition_variable changed;
  std::int64_t left = 0;
  std::string trouble;
  for (const auto& run : open.at("ok").get_array()) {
    const auto status = text_at(run, "status");
    if (status != "running" && status != "queued") continue;
    ++found;
    {
      std::lock_guard guard(mutex);
      ++left;
    }
    works.send(boost::json::object{{"do", "wait"}, {"run", text_at(run, "run")}}, [&](json answer) {
      std::lock_guard guard(mutex);
      const auto* ok = at_path(answer, "ok");
      if (!ok || text_at(*ok, "status") != "finished") trouble = canonical(answer);
      --left;
      changed.notify_all();
    });
  }
  {
    std::unique_lock guard(mutex);
    changed.wait(guard, [&] { return left == 0; });
  }
  std::cout << found << std::endl;
  if (!trouble.empty()) std::cerr << "w3: a run ended as " << trouble << '\n';
  works.stop();
  return trouble.empty() ? 0 : 1;
}

measurement recovery(const bench_options& options) {
  const scratch folder(options.folder + "/w3");
  auto* counted = map_ledger(folder.path + "/ledger");
  {
    child_process first("first", {folder.path});
    if (first.line() != "working") throw std::runtime_error("w3: the engine did not start");
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 0, int(lives_for * 1000));
  }
  const auto worked = [&] {
    std::int64_t sum = 0;
    for (const auto& run : counted->worked_on)
      for (const auto& times : run) sum += times;
    return sum;
  };
  const auto worked_before = worked();
  const double start = seconds_now();
  child_process second("second", {folder.path});
  double first_step = 0;
  pollfd answer{second.out(), POLLIN, 0};
  while (::poll(&answer, 1, 1) == 0)
    if (first_step == 0 && worked() > worked_before) first_step = seconds_now() - start;
  const auto found = second.line();
  const double all_done = seconds_now() - start;
  if (first_step == 0) first_step = all_done;
  if (found.empty()) throw std::runtime_error("w3: the second engine did not finish");

  // A run that was started has worked on its first step; each such run must have worked on all of them.
  std::int64_t repeated = 0, lost = 0;
  for (const auto& run : counted->worked_on) {
    if (run[0] == 0) continue;
    for (const auto& times : run) {
      repeated += times > 1 ? times - 1 : 0;
      lost += times == 0;
    }
  }
  ::munmap(counted, sizeof(step_ledger));
  return {"w3", runs_in_flight, {{"all_done_ms", all_done * 1e3}, {"first_step_ms", first_step * 1e3}, {"repeated_steps", double(repeated)}, {"lost_steps", double(lost)},
                                 {"runs_taken_up", std::strtod(found.c_str(), nullptr)}}};
}

}  // namespace steward::bench
