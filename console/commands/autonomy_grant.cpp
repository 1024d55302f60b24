/// `steward autonomy grant ROLE ACTION RUNG`: puts an action of a role on the next rung.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto done = s.ask(boost::json::object{{"do", "grant_rung"}, {"role", given.text("ROLE")}, {"action", given.text("ACTION")}, {"rung", given.text("RUNG")}}, access::changes);
  if (!done) return s.fail(done.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"role", given.text("ROLE")}, {"action", given.text("ACTION")}, {"rung", given.text("RUNG")}});
  else s.print(given.text("ROLE") + " stands on '" + given.text("RUNG") + "' for " + given.text("ACTION") + " now\n");
  return invocation::done();
}

}  // namespace

command autonomy_grant_command() {
  return {.name = "autonomy grant",
          .group = "Policies",
          .summary = "Puts an action of a role on the next rung of the ladder",
          .details = "Rungs are climbed one at a time: shadow, suggest, ask, act. It holds until it falls, is lowered, or the manifest is edited. Policies stay above it: a rule that asks or denies still does.",
          .examples = {"steward autonomy grant sales_assistant mailbox.send act", "steward autonomy grant company site.publish act"},
          .words = {{"ROLE", "", "a role, or 'company' for what workflows do themselves", word::count::required, {}, false},
                    {"ACTION", "", "an action of its may_do, such as mailbox.send", word::count::required, {}, false},
                    {"RUNG", "", "where it is to stand", word::count::required, {"shadow", "suggest", "ask", "act"}, false}},
          .carry_out = act};
}

}  // namespace steward
