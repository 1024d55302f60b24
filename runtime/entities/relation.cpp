#include "runtime/entities/relation.hpp"

#include <sstream>

namespace steward {

std::optional<relation> relation_of(const json& definition) {
  if (!definition.is_string()) return std::nullopt;
  std::istringstream words{std::string(definition.get_string())};
  std::string word;
  words >> word;
  if (word != "entity" && word != "entities") return std::nullopt;
  relation r{{}, word == "entities"};
  while (words >> word) {
    r.types.push_back(word);
    if (words >> word && word != "or") return std::nullopt;
  }
  return r;
}

std::vector<std::string> ids_in(const json& value) {
  std::vector<std::string> ids;
  const auto add = [&](const json& one) {
    if (one.is_string() && !one.get_string().empty()) ids.emplace_back(one.get_string());
  };
  if (const auto* list = value.if_array())
    for (const auto& one : *list) add(one);
  else add(value);
  return ids;
}

}  // namespace steward
