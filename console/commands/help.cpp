/// `steward help [COMMAND]`, and the topic `exit-codes`.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/version.hpp"

#include <fmt/format.h>

namespace steward {
namespace {

int tell(const arguments& given, invocation& s) {
  std::string name;
  for (const auto& part : given.all("COMMAND")) name += (name.empty() ? "" : " ") + part;
  if (s.asked.as_json && name != "exit-codes") {
    boost::json::array list;
    for (const auto& c : s.commands)
      if (name.empty() || c.name == name || c.name.starts_with(name + " "))
        list.push_back(boost::json::object{{"command", c.name}, {"group", c.group}, {"summary", c.summary}, {"usage", usage_of(c)}, {"examples", to_json(c.examples)}});
    if (!list.empty()) {
      s.print_json(list);
      return invocation::done();
    }
  }
  if (name.empty()) {
    s.print(overview(s.commands, version));
    return invocation::done();
  }
  if (name == "exit-codes") {
    if (s.asked.as_json) {
      boost::json::array list;
      for (const auto& row : exit_code_meanings) list.push_back(boost::json::object{{"code", int(row.code)}, {"meaning", row.meaning}});
      s.print_json(list);
    } else {
      for (const auto& row : exit_code_meanings) s.print(fmt::format("{:>4}  {}\n", int(row.code), row.meaning));
    }
    return invocation::done();
  }
  std::vector<std::string> names{"exit-codes"};
  bool found = false;
  for (const auto& c : s.commands) {
    names.push_back(c.name);
    if (c.name == name || c.name.starts_with(name + " ")) s.print((found ? "\n" : "") + help_of(c)), found = true;
  }
  if (found) return invocation::done();
  const auto near = nearest_name(name, names);
  return s.fail(error{"unknown_command", "steward help", "there is no command '" + name + "'", "", near.empty() ? "'steward help' lists them all" : "Did you mean '" + near + "'?"});
}

}  // namespace

command help_command() {
  return {.name = "help",
          .group = "Help",
          .summary = "Explains a command, or what the exit codes mean",
          .details = "",
          .examples = {"steward help approve", "steward help exit-codes"},
          .words = {{"COMMAND", "", "a command, or exit-codes", word::count::many, {}, false}},
          .carry_out = tell};
}

}  // namespace steward
