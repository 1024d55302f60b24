/// What can be said of types before an expression runs: the type of each part where it is certain, and what can never work.
#pragma once
#include <optional>
#include <span>

#include "runtime/expression/syntax_tree.hpp"

namespace steward::cel {

/// None: it may be anything, which is never an error here.
using known_type = std::optional<value_kind>;

/// What is known of one node, given what is known of its parts (node::of, in their order). Names, members and macros' variables
/// are the caller's to know. A refusal only where no value of these types could ever do: `'n: ' + 1`, `!name`, `1 == 'a'`.
result<known_type> type_of_node(const syntax_tree& tree, const node& n, std::span<const known_type> parts);

}  // namespace steward::cel
