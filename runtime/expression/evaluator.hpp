/// Walks a syntax tree and computes its value, within a cost limit.
#pragma once
#include "runtime/expression/expression.hpp"
#include "runtime/expression/syntax_tree.hpp"

namespace steward::cel {

/// The value may still be a window on what `vars` gave.
result<value> evaluate(const syntax_tree& tree, const variables& vars, evaluation_limit limit);

/// Arithmetic of two values. False: `found`, `expected` and `advice` of `problem` say why.
bool arithmetic(op does, const value& a, const value& b, value& out, error& problem, std::uint64_t& work);
bool negate(const value& a, value& out, error& problem);

}  // namespace steward::cel
