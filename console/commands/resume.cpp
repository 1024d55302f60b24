/// `steward resume`: lets what was paused work again.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto scope = given.text("SCOPE", "company"), name = given.text("NAME");
  if ((scope == "company") != name.empty()) return s.fail(error{"bad_usage", "steward resume", scope == "company" ? "the company has no name here" : "the " + scope + " has no name", "steward resume role outreach", ""});
  const auto outcome = s.ask(boost::json::object{{"do", "resume"}, {"scope", scope}, {"name", name}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  const auto what = name.empty() ? "the company" : scope + " " + name;
  if (s.asked.as_json) s.print_json(boost::json::object{{"resumed", what}});
  else s.print("Resumed " + what + "\n");
  return invocation::done();
}

}  // namespace

command resume_command() {
  return {.name = "resume",
          .group = "Work",
          .summary = "Lets what was paused work again",
          .details = "",
          .examples = {"steward resume", "steward resume role outreach"},
          .words = {{"SCOPE", "", "company, role, workflow or run; default company", word::count::optional, {"company", "role", "workflow", "run"}, false},
                    {"NAME", "", "of the role, workflow or run", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
