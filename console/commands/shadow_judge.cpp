/// `steward shadow judge EFFECT same|different`: whether what was only decided comes to the same as what you did by hand.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto effect = given.text("EFFECT"), verdict = given.text("VERDICT");
  const auto done = s.ask(boost::json::object{{"do", "judge_shadow"}, {"effect", effect}, {"verdict", verdict}}, access::changes);
  if (!done) return s.fail(done.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"effect", effect}, {"verdict", verdict}});
  else s.print(effect + (verdict == "same" ? " comes to the same as what you did\n" : " is not what you would have done\n"));
  return invocation::done();
}

}  // namespace

command shadow_judge_command() {
  return {.name = "shadow judge",
          .group = "Policies",
          .summary = "Says whether what a role only decided comes to the same as what you did by hand",
          .details = "It is evidence for the role's next rung. What was done with the very same arguments counts as the same by itself; a second word takes the first one's place.",
          .examples = {"steward shadow judge eff-3 same"},
          .words = {{"EFFECT", "", "an effect that 'steward shadow report' lists", word::count::required, {}, false}, {"VERDICT", "", "what it comes to", word::count::required, {"same", "different"}, false}},
          .carry_out = act};
}

}  // namespace steward
