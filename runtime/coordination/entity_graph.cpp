#include "runtime/coordination/entity_graph.hpp"

#include <algorithm>
#include <set>

#include "runtime/entities/relation.hpp"

namespace steward {
namespace {

constexpr std::int64_t farthest = 9;  // as `steward entity graph` draws

/// Every relation that some record holds.
std::vector<entity_edge> all_edges(const entity_table& entities, const std::map<std::string, entity_definition>& types) {
  std::vector<entity_edge> all;
  for (const auto& [id, e] : entities.all()) {
    const auto type = types.find(e.type);
    if (type == types.end()) continue;
    const auto* from = entities.standing_for(id);
    for (const auto& [field, definition] : type->second.fields) {
      const auto* value = e.fields.as_object().if_contains(field);
      if (!value || !relation_of(definition)) continue;
      for (const auto& named : ids_in(*value)) {
        const auto* to = entities.standing_for(named);
        if (!to) continue;
        all.push_back({from->id, field, to->id});
      }
    }
  }
  std::sort(all.begin(), all.end());  // merged records may say the same
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

entity_graph graph_around(const entity_table& entities, const std::map<std::string, entity_definition>& types, const std::string& id, std::int64_t at_most_away) {
  const auto edges = all_edges(entities, types);
  std::multimap<std::string_view, std::string_view> neighbours;
  for (const auto& edge : edges) {
    neighbours.emplace(edge.from, edge.to);
    neighbours.emplace(edge.to, edge.from);
  }
  entity_graph found;
  std::set<std::string, std::less<>> reached;
  const auto reach = [&](std::string_view one, std::int64_t away) {
    if (!reached.emplace(one).second) return;
    const auto* e = entities.find(one);
    found.nodes.push_back({e->id, e->type, text_at(e->fields, "name"), away});
  };
  reach(entities.standing_for(id)->id, 0);
  for (std::size_t i = 0; i < found.nodes.size(); ++i) {
    const auto here = found.nodes[i];
    if (here.away == at_most_away) break;
    for (auto [it, last] = neighbours.equal_range(here.entity); it != last; ++it) reach(it->second, here.away + 1);
  }
  for (const auto& edge : edges)
    if (reached.contains(edge.from) && reached.contains(edge.to)) found.edges.push_back(edge);
  return found;
}

std::vector<std::string> names_around(const entity_table& entities, const std::map<std::string, entity_definition>& types, const std::string& about, std::int64_t depth) {
  const auto* stands = entities.standing_for(about);
  if (!stands) return {};
  std::vector<std::string> names;
  const auto add = [&](std::string_view id) {
    for (const auto* e : entities.same_as(id)) names.push_back(e->id);
  };
  if (depth <= 0) add(stands->id);  // most recalls: no walk over all records
  else
    for (const auto& node : graph_around(entities, types, stands->id, std::min(depth, farthest)).nodes) add(node.entity);
  if (names == std::vector{about}) names.clear();
  return names;
}

}  // namespace steward
