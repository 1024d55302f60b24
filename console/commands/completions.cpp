/// `steward completions SHELL`: a script that completes commands, options and their choices.
#include "console/commands.hpp"
#include "console/completions.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto text = completions_for(given.text("SHELL"), s.commands);
  if (s.asked.as_json) s.print_json(boost::json::object{{"script", text}});
  else s.print(text);
  return invocation::done();
}

}  // namespace

command completions_command() {
  return {.name = "completions",
          .group = "Help",
          .summary = "Prints a completion script for a shell",
          .details = "",
          .examples = {"source <(steward completions bash)", "steward completions zsh > ~/.zfunc/_steward", "steward completions fish > ~/.config/fish/completions/steward.fish"},
          .words = {{"SHELL", "", "which shell", word::count::required, {"bash", "zsh", "fish"}, false}},
          .carry_out = act};
}

}  // namespace steward
