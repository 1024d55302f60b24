#include "config/shape.hpp"

namespace steward {
namespace {

const json* member(const json& object, std::string_view key) { return object.is_object() ? object.get_object().if_contains(key) : nullptr; }

std::string_view type_of(const json& schema) {
  const auto* type = member(schema, "type");
  return type && type->is_string() ? std::string_view(type->get_string()) : std::string_view{};
}

/// Keywords that could add members we don't see.
bool is_branched(const json& schema) {
  for (const auto* key : {"anyOf", "oneOf", "allOf", "if", "$dynamicRef", "patternProperties", "unevaluatedProperties"})
    if (member(schema, key)) return true;
  return false;
}

}  // namespace

shape resolved(const shape& s) {
  auto here = s;
  for (int hops = 0; here.schema && hops < 8; ++hops) {
    if (!here.schema->is_object()) return {};
    const auto* ref = member(*here.schema, "$ref");
    if (!ref) return here;
    if (!ref->is_string() || !std::string_view(ref->get_string()).starts_with('#') || !here.root) return {};
    boost::system::error_code failed;
    here.schema = here.root->find_pointer(std::string_view(ref->get_string()).substr(1), failed);
    if (failed) return {};
  }
  return {};
}

member_found member_of(const shape& s, std::string_view name) {
  const auto here = resolved(s);
  if (here.is_open() || is_branched(*here.schema)) return {};
  const auto type = type_of(*here.schema);
  if (!type.empty() && type != "object") return {member_is::no_object, {}};
  const auto* properties = member(*here.schema, "properties");
  if (properties)
    if (const auto* found = member(*properties, name)) return {member_is::there, {found, here.root}};
  if (const auto* more = member(*here.schema, "additionalProperties")) {
    if (more->is_object()) return {member_is::there, {more, here.root}};
    return {more->is_bool() && !more->get_bool() ? member_is::absent : member_is::free, {}};
  }
  return {properties ? member_is::absent : member_is::free, {}};
}

shape items_of(const shape& s) {
  const auto here = resolved(s);
  if (here.is_open()) return {};
  const auto* items = member(*here.schema, "items");
  return items && items->is_object() ? shape{items, here.root} : shape{};
}

std::vector<std::string> members_of_shape(const shape& s) {
  std::vector<std::string> names;
  const auto here = resolved(s);
  if (here.is_open()) return names;
  if (const auto* properties = member(*here.schema, "properties"); properties && properties->is_object())
    for (const auto& property : properties->get_object()) names.emplace_back(property.key());
  return names;
}

std::string kind_of_shape(const shape& s) {
  const auto here = resolved(s);
  if (here.is_open()) return {};
  const auto type = type_of(*here.schema);
  if (type == "string") return "a text";
  if (type == "integer" || type == "number") return "a number";
  if (type == "boolean") return "true or false";
  if (type == "array") return "a list";
  if (type == "object") return "an object";
  if (type == "null") return "null";
  return {};
}

std::vector<std::string> words_of_shape(const shape& s) {
  std::vector<std::string> words;
  const auto here = resolved(s);
  const auto* all = here.is_open() || is_branched(*here.schema) ? nullptr : member(*here.schema, "enum");
  if (!all || !all->is_array()) return words;
  for (const auto& one : all->get_array()) {
    if (!one.is_string()) return {};
    words.emplace_back(one.get_string());
  }
  return words;
}

json schema_of_value(const json& value) {
  if (value.is_object()) {
    boost::json::object properties;
    for (const auto& pair : value.get_object()) properties[pair.key()] = schema_of_value(pair.value());
    return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  }
  if (value.is_string()) return {{"type", "string"}};
  if (value.is_bool()) return {{"type", "boolean"}};
  if (value.is_number()) return {{"type", "number"}};
  if (value.is_array()) return {{"type", "array"}};
  return boost::json::object{};
}

json list_of(const shape& item) {
  const auto here = resolved(item);
  boost::json::object list{{"type", "array"}};
  if (here.is_open()) return list;
  list["items"] = *here.schema;
  if (here.root)
    if (const auto* definitions = member(*here.root, "$defs")) list["$defs"] = *definitions;
  return list;
}

}  // namespace steward
