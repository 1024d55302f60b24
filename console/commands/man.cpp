/// `steward man`: the manual page, from the same rows as the help.
#include "console/commands.hpp"
#include "console/man_page.hpp"
#include "console/invocation.hpp"
#include "console/version.hpp"

namespace steward {
namespace {

int act(const arguments&, invocation& s) {
  const auto page = man_page(s.commands, version);
  if (s.asked.as_json) s.print_json(boost::json::object{{"page", page}});
  else s.print(page);
  return invocation::done();
}

}  // namespace

command man_command() {
  return {.name = "man", .group = "Help", .summary = "Prints the manual page", .details = "", .examples = {"steward man | man -l -"}, .words = {}, .carry_out = act};
}

}  // namespace steward
