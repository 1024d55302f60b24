/// `steward retry`: lets a stuck run try its step again.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto run = given.text("RUN");
  return decide(s, boost::json::object{{"do", "retry"}, {"what", run}}, run.substr(0, run.find('/')), "Trying again: " + run, given.has("--only-record"));
}

}  // namespace

command retry_command() {
  return {.name = "retry",
          .group = "Work",
          .summary = "Lets a stuck run try its step again",
          .details = "",
          .examples = {"steward retry run-3"},
          .words = {{"RUN", "", "its name, such as run-3", word::count::required, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
