/// The tables of CEL's grammar: operators with how tightly they bind, macros, words kept back.
#pragma once
#include <string_view>

#include "runtime/expression/lexer.hpp"
#include "runtime/expression/syntax_tree.hpp"

namespace steward::cel {

struct operator_row {
  token_kind sign;
  int level;  // binds tighter the higher it is
  op does;
};
inline constexpr operator_row operators[] = {
    {token_kind::or_, 1, op::or_},        {token_kind::and_, 2, op::and_},           {token_kind::equal, 3, op::equal},
    {token_kind::not_equal, 3, op::not_equal}, {token_kind::less, 3, op::less},      {token_kind::less_equal, 3, op::less_equal},
    {token_kind::greater, 3, op::greater}, {token_kind::greater_equal, 3, op::greater_equal}, {token_kind::in, 3, op::in},
    {token_kind::plus, 4, op::add},       {token_kind::minus, 4, op::subtract},      {token_kind::star, 5, op::multiply},
    {token_kind::slash, 5, op::divide},   {token_kind::percent, 5, op::modulo},
};

struct macro_row {
  std::string_view name;
  op does;
  int least, most;  // expressions behind the variables
  enum variables { one = 1, two = 2, either = 3 } takes = one;
};
inline constexpr macro_row macros[] = {
    {"all", op::all, 1, 1, macro_row::either},
    {"exists", op::exists, 1, 1, macro_row::either},
    {"exists_one", op::exists_one, 1, 1, macro_row::either},
    {"existsOne", op::exists_one, 1, 1, macro_row::either},
    {"filter", op::filter, 1, 1, macro_row::one},
    {"map", op::map_each, 1, 2, macro_row::one},
    {"transformList", op::transform_list, 1, 2, macro_row::two},
    {"transformMap", op::transform_map, 1, 2, macro_row::two},
    {"transformMapEntry", op::transform_entries, 1, 2, macro_row::two},
};

// Kept back by the language definition so that CEL can be embedded in languages that have them.
inline constexpr std::string_view reserved[] = {"as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
                                         "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

}  // namespace steward::cel
