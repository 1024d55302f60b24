#include "console/console.hpp"

#include <cstdio>

#include <unistd.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/version.hpp"

namespace steward {
namespace {

int act(int argc, char** argv, const catalogues& known) {
  const auto commands = all_commands();
  const auto line = read_command_line({argv + 1, argv + argc}, commands);
  if (!line) {
    std::fputs(error_text(line.error(), paint(wants_colours(STDERR_FILENO, false))).c_str(), stderr);
    return int(exit_code_of(line.error().code));
  }
  invocation s(known, line->global, commands);
  if (!line->chosen && line->global.version) {
    s.print(std::string(version) + "\n");
    return invocation::done();
  }
  if (!line->chosen && !line->group.empty()) {
    std::string text;
    for (const auto& c : commands)
      if (c.name.starts_with(line->group + " ")) text += "  " + usage_of(c) + "\n      " + c.summary + "\n";
    line->global.help ? s.print(text) : s.note("'steward " + line->group + "' is followed by one of:\n" + text);
    return line->global.help ? invocation::done() : int(exit_code::misused);
  }
  if (!line->chosen) {
    s.print(overview(commands, version));
    return invocation::done();
  }
  if (line->global.help) {
    s.print(help_of(*line->chosen));
    return invocation::done();
  }
  return line->chosen->carry_out(line->given, s);
}

}  // namespace

int run_console(int argc, char** argv, const catalogues& known) {
  try {
    return act(argc, argv, known);
  } catch (const error_thrown& e) {
    std::fputs(error_text(e.what_happened(), paint{}).c_str(), stderr);
    return int(exit_code_of(e.what_happened().code));
  } catch (const std::exception& e) {
    std::fputs(error_text({"internal_fault", "steward", std::string("it threw: ") + e.what(), "", "Please report it with the command that you typed"}, paint{}).c_str(), stderr);
    return int(exit_code::internal);
  }
}

}  // namespace steward
