/// `steward stop`: stops a run for good, or the running company.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/journal/lock.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto run = given.text("RUN");
  if (!run.empty()) {
    const auto outcome = s.ask(boost::json::object{{"do", "stop"}, {"run", run}}, access::changes);
    if (!outcome) return s.fail(outcome.error());
    if (s.asked.as_json) s.print_json(boost::json::object{{"stopped", run}});
    else s.print("Stopped " + run + "\n");
    return invocation::done();
  }
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  const auto lock = state_folder(*folder) + "/lock";
  if (process_lock::holder(lock) == 0) return s.fail(error{"engine_not_running", *folder, "no engine is running", "", "There is nothing to stop"});
  const auto outcome = s.ask(boost::json::object{{"do", "shutdown"}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  constexpr int tries = 150;  // 15 s: the grace that an engine gives what is under way, and some
  for (int i = 0; process_lock::holder(lock) != 0; ++i) {
    if (i == tries) return s.fail(error{"engine_not_answering", lock, "the engine was asked to stop and still works", "", "'steward doctor' looks into it"});
    s.wait(std::chrono::milliseconds{100});
  }
  if (s.asked.as_json) s.print_json(boost::json::object{{"stopped", "the company"}});
  else s.print("The company has stopped; 'steward up' goes on where it was.\n");
  return invocation::done();
}

}  // namespace

command stop_command() {
  return {.name = "stop",
          .group = "Work",
          .summary = "Stops a run for good, or the running company",
          .details = "Without RUN the engine that 'steward up' started ends cleanly; everything goes on at the next start.",
          .examples = {"steward stop", "steward stop run-3"},
          .words = {{"RUN", "", "a run that is to end for good", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
