/// Checks the expressions of a manifest before anything runs: that they parse, that their names are bound, that the members
/// they ask for can exist, that operators and functions get types they can work on, that words they compare with can occur. Every
/// error points at its column in the file.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "config/shape.hpp"
#include "config/yaml_reader.hpp"
#include "runtime/expression/value.hpp"

namespace steward {

/// The names that an expression may use, with what is known of each.
struct name_scope {
  std::map<std::string, shape> bound;
  std::map<std::string, std::string> not_yet;  // names without a value on some way to here -> what to do about it
  std::map<std::string, value_kind> types;     // of names whose value is none of JSON's, such as a moment
};

/// A CEL condition (`when:`, `where:`). Codes: expression_error, unknown_name, name_not_bound, unknown_member, unknown_word.
void check_condition(const yaml_place& at, const name_scope& scope, errors& e);
/// A text with holes. What is known of its value when it is one hole; a text otherwise.
shape check_text(const yaml_place& at, const name_scope& scope, errors& e);
/// Every text in a tree.
void check_texts(const yaml_place& at, const name_scope& scope, errors& e);
/// Whether the text has a `${` hole.
bool has_hole(std::string_view text);

}  // namespace steward
