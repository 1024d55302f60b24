/// `steward runs [--all]`: what is going on.
#include "console/commands.hpp"
#include "console/run_text.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto runs = s.ask(boost::json::object{{"do", "view"}, {"view", "runs"}, {"all", given.has("--all")}}, access::reads);
  if (!runs) return s.fail(runs.error());
  if (s.asked.as_json) s.print_json(*runs);
  else s.print(runs_text(*runs, s.now(), s.out));
  return invocation::done();
}

}  // namespace

command runs_command() {
  return {.name = "runs",
          .group = "Understand",
          .summary = "Lists the runs and what each waits for",
          .details = "",
          .examples = {"steward runs", "steward runs --all --json"},
          .words = {{"--all", "", "those that have ended, too", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
