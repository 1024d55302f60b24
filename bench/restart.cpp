/// W6: a company with a long past and many open runs: from the start of its process until it has taken them up and answers.
#include <iostream>
#include <stdexcept>

#include <unistd.h>

#include "bench/child_process.hpp"
#include "bench/closed_loop.hpp"
#include "bench/company.hpp"
#include "bench/crowd.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr std::int64_t under_way = 256;
constexpr std::int64_t events_of_parked_run = 5;  // run and step started, effect proposed, approval asked, card raised

json status_of(engine& works) { return works.command(boost::json::object{{"do", "view"}, {"view", "status"}}).at("ok"); }

std::int64_t number(const json& object, std::string_view key) { return object.at(key).to_number<std::int64_t>(); }

/// The past is made as any other: by runs of ten steps that really ran. Then the open ones are started.
void build(engine& works, std::int64_t events, std::int64_t runs) {
  closed_loop load(works, under_way, under_way);
  load.start();
  while (number(status_of(works), "seq") < events - runs * events_of_parked_run) {
    if (const auto seen = load.look(); !seen.trouble.empty()) throw std::runtime_error("w6: a run ended as " + seen.trouble);
    ::usleep(10'000);
  }
  load.finish();
  crowd starting(works, under_way);
  for (std::int64_t i = 0; i < runs; ++i) starting.send(run_that_asks());
  starting.finish();
}

struct again {
  double ready_ms = 0, events = 0, rss = 0;
};

/// A process that starts on what is there and ends in order.
again start_again(const std::string& folder, std::int64_t runs) {
  const double start = seconds_now();
  child_process process("again", {folder});
  const auto said = parse_json(process.line());
  again seen;
  seen.ready_ms = (seconds_now() - start) * 1e3;
  if (!said) throw std::runtime_error("w6: the engine did not start again");
  if (number(*said, "runs") != runs) throw std::runtime_error("w6: of " + std::to_string(runs) + " open runs it knows " + std::to_string(number(*said, "runs")));
  seen.events = said->at("seq").to_number<double>();
  seen.rss = said->at("rss_mb").to_number<double>();
  process.line();  // until it has stopped
  return seen;
}

}  // namespace

int restart_process(const std::string& role, const std::vector<std::string>& words) {
  auto started = engine::start(company_parts({words.at(0) + "/.steward", under_way}));
  if (!started) return std::cerr << to_sentence(started.error()) << '\n', 1;
  auto& works = **started;
  if (role == "build") {
    build(works, std::stoll(words.at(1)), std::stoll(words.at(2)));
    std::cout << "built" << std::endl;
    for (;;) ::pause();  // until it is killed
  }
  auto status = status_of(works).as_object();
  status["rss_mb"] = rss_mb();
  std::cout << canonical(status) << std::endl;
  works.stop();
  return 0;
}

measurement restart(const bench_options& options) {
  const scratch folder(options.folder + "/w6");
  {
    child_process builds("build", {folder.path, std::to_string(options.events), std::to_string(options.runs_parked)});
    if (builds.line() != "built") throw std::runtime_error("w6: the past could not be made");
  }
  const auto killed = start_again(folder.path, options.runs_parked);
  const auto stopped = start_again(folder.path, options.runs_parked);
  return {"w6", {}, {{"ready_ms", stopped.ready_ms}, {"ready_after_kill_ms", killed.ready_ms}, {"events", stopped.events}, {"open_runs", double(options.runs_parked)}, {"rss_mb", stopped.rss}}};
}

}  // namespace steward::bench
