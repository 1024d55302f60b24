/// `steward pause`: stops new work of the company, a role, a workflow or a run until resumed; survives restarts.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto scope = given.text("SCOPE", "company"), name = given.text("NAME");
  if ((scope == "company") != name.empty()) return s.fail(error{"bad_usage", "steward pause", scope == "company" ? "the company has no name here" : "the " + scope + " has no name", "steward pause role outreach", ""});
  const auto outcome = s.ask(boost::json::object{{"do", "pause"}, {"scope", scope}, {"name", name}, {"reason", given.text("--reason")}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  const auto what = name.empty() ? "the company" : scope + " " + name;
  if (s.asked.as_json) s.print_json(boost::json::object{{"paused", what}});
  else s.print("Paused " + what + "\n");
  return invocation::done();
}

}  // namespace

command pause_command() {
  return {.name = "pause",
          .group = "Work",
          .summary = "Stops new work of the company, a role, a workflow or a run until resumed; survives restarts",
          .details = "",
          .examples = {"steward pause", "steward pause role outreach --reason \"New voice\""},
          .words = {{"SCOPE", "", "company, role, workflow or run; default company", word::count::optional, {"company", "role", "workflow", "run"}, false},
                    {"NAME", "", "of the role, workflow or run", word::count::optional, {}, false},
                    {"--reason", "TEXT", "shown to whoever asks", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
