/// The supervision tree as plain data, readable in one place: who watches whom, in which order, with which limits.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/supervision/child_spec.hpp"

namespace steward {

/// What makes a child a supervisor.
struct group_spec {
  strategy how = strategy::one_for_one;
  restart_limit at_most;
  std::optional<child_spec> each;  // the pattern of children that are added while it runs; its id says of what there is one each
  bool operator==(const group_spec&) const = default;
};

struct supervision_tree {
  child_spec child;
  std::optional<group_spec> group;         // there is one: a supervisor
  std::vector<supervision_tree> children;  // in start order; stopped in reverse
};

/// The tree of the engine (ARCHITECTURE, "supervision tree"); above it stands the parent process.
supervision_tree engine_tree();

/// The pattern below `path` ("desk/roles"), as the spec of one child with that id; an error when nothing grows there.
result<child_spec> child_of(const supervision_tree& tree, std::string_view path, std::string id);

/// One line a child, drawn as a tree.
std::string to_text(const supervision_tree& tree);

/// The error `bad_supervision_tree`, with the path of the child that is wrong.
result<void> check(const supervision_tree& tree);

}  // namespace steward
