/// `steward cost`: what has been spent and reserved, by account and by run.
#include "console/commands.hpp"
#include "console/run_text.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments&, invocation& s) {
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "cost"}}, access::reads);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else s.print(cost_text(*seen, s.out));
  return invocation::done();
}

}  // namespace

command cost_command() {
  return {.name = "cost",
          .group = "Understand",
          .summary = "Says what was spent and what is reserved, by account and by run",
          .details = "",
          .examples = {"steward cost", "steward cost --json"},
          .words = {},
          .carry_out = act};
}

}  // namespace steward
