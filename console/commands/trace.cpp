/// `steward trace RUN`: every event, one after the other. From the journal alone.
#include "console/commands.hpp"
#include "console/run_text.hpp"
#include "console/invocation.hpp"
#include "runtime/observation/why.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto id = given.text("RUN");
  const auto told = given.has("--timeline") ? timeline(**journal, id) : trace(**journal, id);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json)
    for (const auto& event : told->as_array()) s.print_json(event);
  else s.print(trace_text(*told, given.has("--bodies"), s.out));
  return invocation::done();
}

}  // namespace

command trace_command() {
  return {.name = "trace",
          .group = "Understand",
          .summary = "Lists every event of a run or a stream; --json gives JSON Lines",
          .details = "",
          .examples = {"steward trace run-1", "steward trace run-1 --timeline", "steward trace company --json"},
          .words = {{"RUN", "", "a run, or a stream: company, memory, entity/lead-1", word::count::required, {}, false},
                    {"--timeline", "", "only what matters to people", word::count::optional, {}, false},
                    {"--bodies", "", "with everything that the events hold", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
