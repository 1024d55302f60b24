/// How records hang together: who is named by whom, so many relations away from one of them.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runtime/coordination/role_definition.hpp"
#include "runtime/entities/entity_table.hpp"

namespace steward {

struct entity_edge {
  std::string from, field, to;  // "invoice-4" party "customer-3"
  auto operator<=>(const entity_edge&) const = default;
};
BOOST_DESCRIBE_STRUCT(entity_edge, (), (from, field, to))

struct entity_node {
  std::string entity, type, name;
  std::int64_t away = 0;  // relations between it and the one that was asked about
};
BOOST_DESCRIBE_STRUCT(entity_node, (), (entity, type, name, away))

struct entity_graph {
  std::vector<entity_node> nodes;  // the nearest first
  std::vector<entity_edge> edges;
};
BOOST_DESCRIBE_STRUCT(entity_graph, (), (nodes, edges))

/// Relations are followed in both directions; a merged record counts as what it was merged into. `id` must be there.
entity_graph graph_around(const entity_table& entities, const std::map<std::string, entity_definition>& types, const std::string& id, std::int64_t at_most_away);

/// Every name under which something may be remembered of `about`, or of records up to `depth` relations away: theirs and those of all
/// that was merged into them. Empty: `about` is no record, or there is no other name.
std::vector<std::string> names_around(const entity_table& entities, const std::map<std::string, entity_definition>& types, const std::string& about, std::int64_t depth);

}  // namespace steward
