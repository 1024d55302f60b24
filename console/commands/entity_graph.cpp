/// `steward entity graph ENTITY`: the records around one, and how they hang together.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/depth.hpp"
#include "console/earlier.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto depth = depth_of(given, "steward entity graph", 2);
  if (!depth) return s.fail(depth.error());
  const auto seen = look({{"do", "view"}, {"view", "entity_graph"}, {"entity", given.text("ENTITY")}, {"depth", *depth}}, given, s);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) {
    s.print_json(*seen);
    return invocation::done();
  }
  std::vector<std::vector<std::string>> rows{{"entity", "type", "name", "relations"}};
  for (const auto& node : at_path(*seen, "nodes")->as_array()) {
    const auto id = text_at(node, "entity");
    std::string relations;
    for (const auto& edge : at_path(*seen, "edges")->as_array())
      if (text_at(edge, "from") == id) relations += (relations.empty() ? "" : ", ") + text_at(edge, "field") + " " + text_at(edge, "to");
    rows.push_back({std::string(2 * std::size_t(at_path(node, "away")->as_int64()), ' ') + id, text_at(node, "type"), shortened(visible_line(text_at(node, "name")), 40), relations});
  }
  s.print(table(rows, s.out));
  return invocation::done();
}

}  // namespace

command entity_graph_command() {
  return {.name = "entity graph",
          .group = "Understand",
          .summary = "Shows the records around one, and how they hang together",
          .details = "Follows fields whose type is `entity` or `entities`, in both directions.",
          .examples = {"steward entity graph customer-1", "steward entity graph project-2 --depth 1 --json", "steward entity graph customer-1 --as-of 2w"},
          .words = {{"ENTITY", "", "its name, or an external id", word::count::required, {}, false},
                    {"--depth", "N", "how many relations away; default 2", word::count::optional, {}, false},
                    as_of_word()},
          .carry_out = act};
}

}  // namespace steward
