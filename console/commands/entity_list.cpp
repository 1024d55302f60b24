/// `steward entity list [TYPE]`: the records of the business.
#include "console/commands.hpp"
#include "console/earlier.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto seen = look({{"do", "view"}, {"view", "entities"}, {"type", given.text("TYPE")}}, given, s);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) {
    s.print_json(*seen);
    return invocation::done();
  }
  std::vector<std::vector<std::string>> rows{{"entity", "type", "name", "address"}};
  for (const auto& e : seen->as_array())
    rows.push_back({text_at(e, "entity"), text_at(e, "type"), shortened(text_at(e, "name"), 40), shortened(text_at(e, "address", text_at(e, "external_id")), 50)});
  if (rows.size() == 1) s.note(given.text("TYPE").empty() ? "No entities yet." : "No entity of the type '" + given.text("TYPE") + "' yet.");
  else s.print(table(rows, s.out));
  return invocation::done();
}

}  // namespace

command entity_list_command() {
  return {.name = "entity list",
          .group = "Understand",
          .summary = "Lists customers, leads and the other records",
          .details = "",
          .examples = {"steward entity list", "steward entity list customer", "steward entity list --as-of 2026-11-01"},
          .words = {{"TYPE", "", "only these, such as customer", word::count::optional, {}, false}, as_of_word()},
          .carry_out = act};
}

}  // namespace steward
