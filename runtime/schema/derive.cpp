#include "runtime/schema/derive.hpp"

#include <algorithm>

namespace steward::schema_detail {
namespace {

std::string short_name(std::string_view full) {
  // Of a template's name only what stands before its arguments; of the rest the part behind the last ::.
  const auto plain = full.substr(0, full.find('<'));
  const auto colon = plain.rfind("::");
  return std::string(colon == plain.npos ? plain : plain.substr(colon + 2));
}

}  // namespace

json schema_writer::reference(std::string_view full_name, bool& is_new, std::string& key) {
  is_new = false;
  if (full_name == root_) return boost::json::object{{"$ref", "#"}};
  const auto [it, added] = keys_.emplace(full_name, "");
  if (added) {
    is_new = true;
    const auto base = short_name(full_name);
    it->second = base;
    // Two structs of one name in different namespaces: the second is numbered.
    for (int n = 2; std::any_of(keys_.begin(), keys_.end(), [&](const auto& other) { return other.first != it->first && other.second == it->second; }); ++n)
      it->second = base + std::to_string(n);
  }
  key = it->second;
  return boost::json::object{{"$ref", "#/$defs/" + key}};
}

json schema_writer::finish(json root, std::string_view root_name) {
  auto& object = root.as_object();
  if (!root_name.empty()) object["title"] = short_name(root_name);
  object["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  if (!definitions_.empty()) {
    boost::json::object definitions;
    for (auto& [key, definition] : definitions_) definitions[key] = std::move(definition);
    object["$defs"] = std::move(definitions);
  }
  return root;
}

json typed(std::string_view type) { return boost::json::object{{"type", type}}; }
json text_schema() { return typed("string"); }

// Each pattern says what the parser of that type says (clock.cpp, money.cpp), as far as a pattern can.
json time_schema() {
  return boost::json::object{{"type", "string"},
                             {"format", "date-time"},
                             {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"}};
}
json duration_schema() {
  return boost::json::object{{"type", "string"},
                             {"pattern", "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?$"},
                             {"minLength", 2},
                             {"examples", {"250ms", "1h30m", "3d"}}};
}
json money_schema() {
  return boost::json::object{{"type", "string"}, {"pattern", "^(-?[0-9]+(\\.[0-9]{1,9})? [A-Z]{3}|0\\.00)$"}, {"examples", {"0.20 EUR"}}};
}

json whole_schema(std::int64_t least, std::uint64_t most) {
  boost::json::object schema{{"type", "integer"}};
  if (least != std::numeric_limits<std::int64_t>::min()) schema["minimum"] = least;
  if (most < std::uint64_t(std::numeric_limits<std::int64_t>::max())) schema["maximum"] = most;
  return schema;
}

json list_schema(json item) { return boost::json::object{{"type", "array"}, {"items", std::move(item)}}; }
json map_schema(json item) { return boost::json::object{{"type", "object"}, {"additionalProperties", std::move(item)}}; }
json named_schema(json item) {
  return boost::json::object{{"type", "object"}, {"additionalProperties", std::move(item)}, {"minProperties", 1}, {"maxProperties", 1}};
}

json words_schema(const std::vector<std::string>& words) {
  boost::json::array all;
  for (const auto& word : words) all.emplace_back(word);
  return boost::json::object{{"type", "string"}, {"enum", std::move(all)}};
}

json maybe_null(json item) { return boost::json::object{{"anyOf", boost::json::array{std::move(item), typed("null")}}}; }

}  // namespace steward::schema_detail
