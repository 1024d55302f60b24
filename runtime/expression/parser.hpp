/// From text to syntax tree, by recursive descent over CEL's grammar.
#pragma once
#include <memory>
#include <string>

#include "runtime/expression/syntax_tree.hpp"

namespace steward::cel {

enum class ends_at { end_of_text, right_brace };

struct parsed {
  std::shared_ptr<const syntax_tree> tree;
  std::size_t end = 0;  // the byte behind the expression, where the brace stands
};

/// CEL calls a function that isn't there when the call is reached, so that `true || f()` is true. What is read from a
/// manifest is refused at once.
enum class wrong_calls { refuse, keep };

/// Parses the expression that starts at byte `from` of `text`. Errors point into the whole text.
result<parsed> parse(std::shared_ptr<const std::string> text, std::size_t from, ends_at until, wrong_calls wrong = wrong_calls::refuse);

/// Names that a type has in expressions, such as `int`; type(x) == int. A variable of the same name hides it.
const value* type_named(std::string_view name);

}  // namespace steward::cel
