#include "config/check_parts.hpp"

#include "runtime/entities/relation.hpp"

namespace steward {

namespace {
std::string all_of(const std::vector<std::string>& names) {
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == 20) return all + ", …";
    all += (i == 0 ? "" : ", ") + names[i];
  }
  return all;
}
}  // namespace

void refuse_name(const std::string& code, const std::string& where, const std::string& what, const std::string& name, const std::vector<std::string>& candidates, errors& e,
                 std::string advice) {
  const auto near = nearest_name(name, candidates);
  if (!near.empty()) advice = "Did you mean '" + near + "'?";
  e.push_back({code, where, "the " + what + " '" + name + "' is not known", candidates.empty() ? "" : "one of " + all_of(candidates), std::move(advice)});
}

bool is_word(const yaml_place& at, const std::vector<std::string>& words, errors& e) {
  if (std::find(words.begin(), words.end(), at.node().text) != words.end()) return true;
  const auto near = nearest_name(at.node().text, words);
  e.push_back({"unknown_word", at.where(), "found " + at.shown(), "one of " + all_of(words), near.empty() ? "" : "Did you mean '" + near + "'?"});
  return false;
}

void check_count(const yaml_place& at, std::string_view key, std::int64_t value, std::int64_t least, errors& e) {
  if (!at.has(key) || value >= least) return;
  e.push_back({"bad_limit", at.at(key).where(), "'" + std::string(key) + "' is " + std::to_string(value), "at least " + std::to_string(least), least == 1 ? "With 0 nothing could ever run" : ""});
}

void check_length(const yaml_place& at, std::string_view key, const std::optional<duration>& value, errors& e) {
  if (!at.has(key) || !value || value->count() > 0) return;
  e.push_back({"bad_limit", at.at(key).where(), "'" + std::string(key) + "' is " + to_text(*value), "a length of time above zero", "Remove '" + std::string(key) + "' for no limit"});
}

json field_schema(const json& field) {
  if (field.is_object()) return field;
  if (!field.is_string()) return nullptr;
  if (const auto to = relation_of(field)) {
    const json name{{"type", "string"}};
    return to->many ? json{{"type", "array"}, {"items", name}} : name;
  }
  const std::string_view word(field.get_string());
  if (word == "text") return {{"type", "string"}};
  if (word == "number") return {{"type", "number"}};
  if (word == "integer") return {{"type", "integer"}};
  if (word == "boolean") return {{"type", "boolean"}};
  if (word == "list") return {{"type", "array"}};
  if (word == "object") return {{"type", "object"}};
  return nullptr;
}

json entity_schema(const entity_definition& entity) {
  const json text{{"type", "string"}};
  boost::json::object properties{{"entity", text}, {"type", text}, {"external_id", text}};
  for (const auto& [name, field] : entity.fields) {
    auto schema = field_schema(field);
    properties[name] = schema.is_null() ? json(boost::json::object{}) : std::move(schema);
  }
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

}  // namespace steward
