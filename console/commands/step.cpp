/// `steward step`: lets a run that was started with --step go on to its next step or effect.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto run = given.text("RUN");
  return decide(s, boost::json::object{{"do", "step"}, {"run", run}}, run, "Going on: " + run, given.has("--only-record"));
}

}  // namespace

command step_command() {
  return {.name = "step",
          .group = "Work",
          .summary = "Lets a run that was started with --step go on to its next step or effect",
          .details = "",
          .examples = {"steward step run-3"},
          .words = {{"RUN", "", "its name, such as run-3", word::count::required, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
