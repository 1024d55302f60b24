/// `steward check [DIR]`: every error of the manifests, without a running system.
#include "console/commands.hpp"
#include "console/invocation.hpp"

#include <fmt/format.h>

namespace steward {
namespace {

int check(const arguments& given, invocation& s) {
  const auto named = given.text("DIR", s.asked.workspace);
  const auto folder = find_workspace(named);
  if (!folder) return s.fail(folder.error());
  auto files = make_system_disk();
  const auto checked = check_folder(*files, *folder, known_of(s.known));
  if (s.asked.as_json) {
    boost::json::array list;
    for (const auto& e : checked.found) list.push_back(to_json(e));
    s.print_json(boost::json::object{{"workspace", *folder}, {"errors", std::move(list)}});
    return checked.found.empty() ? invocation::done() : int(exit_code::misused);
  }
  if (!checked.found.empty()) {
    s.fail(checked.found);
    s.note(fmt::format("{} {} in {}", checked.found.size(), checked.found.size() == 1 ? "error" : "errors", *folder));
    return int(exit_code::misused);
  }
  const auto& space = checked.value;
  s.print(s.out.good("No errors.") + fmt::format(" {}: {} roles, {} workflows, {} entity types, {} prompts, {} schemas.\n", space.company.company, space.roles.size(), space.workflows.size(),
                                               space.entities.size(), space.prompts.size(), space.schemas.size()));
  return invocation::done();
}

}  // namespace

command check_command() {
  return {.name = "check",
          .group = "Set up",
          .summary = "Checks all manifests of a workspace and names every error",
          .details = "Each error says file, line and column, what was found, what was expected, and the nearest name.",
          .examples = {"steward check", "steward check mycompany --json"},
          .words = {{"DIR", "", "the workspace; default: the nearest one upwards", word::count::optional, {}, false}},
          .carry_out = check};
}

}  // namespace steward
