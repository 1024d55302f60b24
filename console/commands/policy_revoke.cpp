/// `steward policy revoke NAME`: ends a rule that `approve --always-for` gave.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto name = given.text("NAME");
  const auto done = s.ask(boost::json::object{{"do", "revoke"}, {"policy", name}}, access::changes);
  if (!done) return s.fail(done.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"revoked", name}});
  else s.print("Revoked " + name + ": from now on it is asked again\n");
  return invocation::done();
}

}  // namespace

command policy_revoke_command() {
  return {.name = "policy revoke",
          .group = "Policies",
          .summary = "Ends a rule that 'approve --always-for' gave",
          .details = "What waits to leave is judged again at the door. A rule in the folder policies/ ends when its file is removed.",
          .examples = {"steward policy revoke always-1"},
          .words = {{"NAME", "", "its name, such as always-1", word::count::required, {}, false}},
          .carry_out = act};
}

}  // namespace steward
