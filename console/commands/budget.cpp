/// `steward budget`: every limit with what is spent, reserved and left.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/run_text.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "budget"}}, access::reads);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else s.print(budget_text(*seen, s.now(), s.out, given.has("--all")));
  return invocation::done();
}

}  // namespace

command budget_command() {
  return {.name = "budget",
          .group = "Understand",
          .summary = "Says what is left of every limit, and what is counted without one",
          .details = "Limits stand in company.yaml (spend, tokens, calls, budgets), in roles and in workflows (limits). Days, weeks, months and years are those of the company's zone.\n"
                     "Reserved is what calls under way may cost at worst; they keep it until they are answered.",
          .examples = {"steward budget", "steward budget --all", "steward budget --json"},
          .words = {{"--all", "", "also limits of single runs that nothing is used of", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
