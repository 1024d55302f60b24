/// A JSON Schema after compiling: every subschema is a rule, references are resolved, patterns compiled.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "runtime/json.hpp"

namespace steward::schema_detail {

using rule_ref = std::uint32_t;

enum type_bit : std::uint8_t { null_type = 1, boolean_type = 2, integer_type = 4, number_type = 8, string_type = 16, array_type = 32, object_type = 64 };

/// The word of a schema and the words of an error message.
struct type_row {
  std::string_view word;
  type_bit bit;
  std::string_view spoken;
};
constexpr type_row types[] = {{"null", null_type, "null"},         {"boolean", boolean_type, "true or false"}, {"integer", integer_type, "a whole number"},
                              {"number", number_type, "a number"}, {"string", string_type, "a text"},          {"array", array_type, "a list"},
                              {"object", object_type, "a map"}};

struct pattern {
  std::string text;  // as written
  std::shared_ptr<const re2::RE2> compiled;
};

/// Subschemas are named by their place in rule_book::rules. An absent keyword is an empty member.
struct rule {
  bool refuses_all = false;  // the schema `false`
  std::uint8_t types = 0;    // 0: any
  std::optional<std::vector<json>> any_of_these;  // enum
  std::optional<json> constant;
  // numbers
  std::optional<json> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
  // strings
  std::optional<std::uint64_t> min_length, max_length;
  std::optional<pattern> matches;
  // arrays
  std::optional<std::uint64_t> min_items, max_items, min_contains, max_contains;
  bool unique_items = false;
  std::vector<rule_ref> prefix_items;
  std::optional<rule_ref> items, contains, unevaluated_items;
  // objects
  std::optional<std::uint64_t> min_properties, max_properties;
  std::vector<std::string> required;
  std::map<std::string, rule_ref, std::less<>> properties;
  std::vector<std::pair<pattern, rule_ref>> pattern_properties;
  std::optional<rule_ref> additional_properties, property_names, unevaluated_properties;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, rule_ref>> dependent_schemas;
  // in place
  std::vector<rule_ref> all_of, any_of, one_of;
  std::optional<rule_ref> not_, if_, then_, else_, ref;
};

struct rule_book {
  std::vector<rule> rules;  // the first is the root
};

/// Deep equality as JSON Schema has it: 1 and 1.0 are equal.
bool same(const json& a, const json& b);
/// A text that is the same for equal values only.
std::string identity(const json& value);
/// Below, equal or above 0, for two numbers.
int compare_numbers(const json& a, const json& b);
/// Exact in decimal: 19.99 is a multiple of 0.01.
bool is_multiple(const json& number, const json& of);
bool is_whole(const json& number);
/// The value in a message: canonical, at most 60 bytes.
std::string shown(const json& value);

}  // namespace steward::schema_detail
