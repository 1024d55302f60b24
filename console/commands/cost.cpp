/// `steward cost`: what has been spent and reserved, by account and by run, or by outcome.
#include "console/commands.hpp"
#include "console/run_text.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const bool by_outcome = given.has("--by-outcome");
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", by_outcome ? "outcomes" : "cost"}}, access::reads);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else s.print(by_outcome ? outcomes_text(*seen, s.out) : cost_text(*seen, s.out));
  return invocation::done();
}

}  // namespace

command cost_command() {
  return {.name = "cost",
          .group = "Understand",
          .summary = "Says what was spent and what is reserved, by account and by run, or by outcome",
          .details = "",
          .examples = {"steward cost", "steward cost --by-outcome", "steward cost --json"},
          .words = {{"--by-outcome", "", "what each outcome of each workflow cost, together and on average", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
