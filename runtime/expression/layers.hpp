/// How many lists and maps the value of an expression has in each other, at most: known before anything runs, for CEL has no loop that could pile them up.
#pragma once
#include <algorithm>
#include <vector>

#include "runtime/expression/syntax_tree.hpp"

namespace steward::cel {

/// cel.bind(a, [[…]], cel.bind(b, [[a]], …)) would need no deep brackets; whoever walks through the value recurses once for each layer.
inline constexpr int layers_most = 200;

/// Of what a list or a map holds. What comes from outside counts as none: it is at most as deep as JSON may be.
inline std::uint16_t layers_inside(std::uint16_t of) { return of > 0 ? of - 1 : 0; }

inline std::uint16_t layers_of(const syntax_tree& tree, op does, const std::vector<node_ref>& of) {
  const auto layers = [&](node_ref r) { return tree.nodes[r].layers; };
  std::uint16_t most = 0;
  for (const auto child : of) most = std::max(most, layers(child));
  switch (does) {
    case op::list:
    case op::map: return most + 1;
    case op::map_each:
    case op::transform_list:
    case op::transform_map:
    case op::transform_entries: return layers(of.back()) + 1;
    case op::select:
    case op::index: return layers_inside(layers(of[0]));
    case op::filter: return layers(of[0]);
    case op::bind: return layers(of[1]);
    case op::call: return std::max<std::uint16_t>(most, 1);  // 'a b'.split(' ')
    case op::conditional:
    case op::add: return most;
    default: return 0;
  }
}

}  // namespace steward::cel
