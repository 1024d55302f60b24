/// `steward up`: runs the company until it is stopped.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/start_pages.hpp"
#include "console/up_parent.hpp"

#include <unistd.h>

#include <fmt/format.h>

namespace steward {
namespace {

constexpr duration ends_within = std::chrono::milliseconds{900};  // whoever says stop has it stopped within a second
constexpr duration start_is_over = std::chrono::seconds{2};

int serve(invocation& s) {
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  if (!(*made)->found.empty()) return s.fail((*made)->found);
  const auto& manifests = (*made)->parts.manifests;
  const auto ready = fmt::format("{} is running: {} roles, {} workflows, process {}. Stop it with 'steward stop' or Ctrl-C.", manifests.company.company, manifests.roles.size(), manifests.workflows.size(), ::getpid());
  auto service = engine_service::start((*made)->parts);
  if (!service) return s.fail(service.error());
  s.note(s.asked.as_json ? canonical(boost::json::object{{"ready", true}, {"process", std::int64_t(::getpid())}}) : ready);
  if (engine_service::wait_for_signal(start_is_over) == 0) {
    let_go_of_start_pages();
    engine_service::wait_for_signal(duration{-1});
  }
  (*service)->end_within(ends_within);
  service->reset();
  if (!s.asked.as_json) s.note("Stopped. 'steward up' goes on where it was.");
  return invocation::done();
}

int act(const arguments& given, invocation& s) {
  if (given.has("--test-clock")) s.test_clock = given.text("--test-clock");
  if (given.has("--foreground") || given.has("--engine")) return serve(s);
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  // What is wrong with the manifests is said once, by the parent, and not at every restart.
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  if (!(*made)->found.empty()) return s.fail((*made)->found);
  std::vector<std::string> words{"--workspace", *folder, "up", "--engine"};
  if (!s.test_clock.empty()) words.insert(words.end(), {"--test-clock", s.test_clock});
  if (s.asked.as_json) words.push_back("--json");
  return run_as_parent(words);
}

}  // namespace

command up_command() {
  return {.name = "up",
          .group = "Work",
          .summary = "Runs the company until it is stopped",
          .details = "A small parent process watches the engine and starts it again when it crashes, three times in ten minutes at most.",
          .examples = {"steward up", "steward up --foreground"},
          .words = {{"--foreground", "", "no parent process: the engine runs in this one", word::count::optional, {}, false},
                    {"--test-clock", "FILE", "a file that tells the time, for tests", word::count::optional, {}, true},
                    {"--engine", "", "the child of the parent process", word::count::optional, {}, true}},
          .carry_out = act};
}

}  // namespace steward
