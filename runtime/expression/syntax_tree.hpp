/// An expression after parsing: nodes in one array, names resolved, macros recognised, patterns compiled.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/expression/value.hpp"

namespace re2 {
class RE2;
}

namespace steward::cel {

struct function;

enum class op : std::uint8_t {
  literal,
  local,        // a macro's variable; `slot` is its place among the locals
  root,         // a name from outside; `slot` is its place in syntax_tree::names
  select, has,  // of[0].name
  index,        // of[0][of[1]]
  call,         // callee(of…); the receiver comes first
  refused,      // a call that can't be: syntax_tree::refused[slot] says why
  bind,         // of[1], with of[0] as the variable `slot`
  list, map,    // of…; a map has key, value, key, value
  not_, negate,
  and_, or_,    // two or more
  conditional,  // of[0] ? of[1] : of[2]
  equal, not_equal, less, less_equal, greater, greater_equal, in,
  add, subtract, multiply, divide, modulo,
  all, exists, exists_one, filter,  // over of[0], variable `slot`, of[1] decides
  // Over of[0], variable `slot`; the last of `of` transforms, of[1] decides when there are three.
  map_each, transform_list, transform_map, transform_entries,
};

using node_ref = std::uint32_t;

struct node {
  op does = op::literal;
  std::uint16_t depth = 1;
  std::uint16_t layers = 0;  // how many lists and maps its value has in each other, at most; what comes from outside counts as none
  std::uint32_t at = 0;    // the byte that an error points at
  std::uint32_t slot = 0;
  bool pair = false;       // a macro with two variables, `slot` and the one behind: index and item, or key and value
  bool exact = false;      // root: written with a leading dot; select: a name in backticks. Neither is part of a dotted name
  value literal;
  std::string name;        // select, has; call: as written
  const function* callee = nullptr;
  std::shared_ptr<const re2::RE2> pattern;  // matches() with a literal
  std::vector<node_ref> of;
};

/// Why a call can't be: there is no such function, or it is called with too many arguments.
struct refusal {
  std::uint32_t at = 0;
  std::string found, expected, advice;
};

struct syntax_tree {
  std::shared_ptr<const std::string> text;  // the whole text, for the position of an error
  std::vector<node> nodes;
  node_ref top = 0;
  std::vector<std::string> names;      // roots, each once, in the order of first use
  std::vector<std::uint32_t> used_at;  // the first use of each
  std::vector<refusal> refused;
  std::uint32_t locals = 0;            // how many variables of macros live at once at most
};

/// The error at a byte of `text`.
error error_at(std::string_view text, std::size_t byte, std::string found, std::string expected = {}, std::string advice = {});

}  // namespace steward::cel
