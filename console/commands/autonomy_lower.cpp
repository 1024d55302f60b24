/// `steward autonomy lower ROLE ACTION RUNG`: takes an action of a role down to a lower rung.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto done = s.ask(boost::json::object{{"do", "lower_rung"}, {"role", given.text("ROLE")}, {"action", given.text("ACTION")}, {"rung", given.text("RUNG")}, {"reason", given.text("--reason")}}, access::changes);
  if (!done) return s.fail(done.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"role", given.text("ROLE")}, {"action", given.text("ACTION")}, {"rung", given.text("RUNG")}});
  else s.print(given.text("ROLE") + " stands on '" + given.text("RUNG") + "' for " + given.text("ACTION") + " now\n");
  return invocation::done();
}

}  // namespace

command autonomy_lower_command() {
  return {.name = "autonomy lower",
          .group = "Policies",
          .summary = "Takes an action of a role down to a lower rung, at once",
          .details = "It counts at once, also for what waits to leave. It may go as far down as you like.",
          .examples = {"steward autonomy lower sales_assistant mailbox.send ask", "steward autonomy lower sales_assistant mailbox.send shadow --reason \"a new prompt\""},
          .words = {{"ROLE", "", "a role, or 'company' for what workflows do themselves", word::count::required, {}, false},
                    {"ACTION", "", "an action of its may_do, such as mailbox.send", word::count::required, {}, false},
                    {"RUNG", "", "where it is to stand", word::count::required, {"shadow", "suggest", "ask", "act"}, false},
                    {"--reason", "TEXT", "why; kept in the journal, and shown by 'why'", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
