#include "config/condition_scope.hpp"

#include "runtime/rules/policy_definition.hpp"
#include "runtime/rules/rule_case.hpp"

namespace steward {
namespace {

json closed_object(boost::json::object properties) { return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}}; }

json one_of(const std::vector<std::string>& words) { return {{"type", "string"}, {"enum", to_json(words)}}; }

/// What a run can be of: a workflow of the company, or one that the engine makes for itself.
std::vector<std::string> workflows_of(const check_pass& pass) {
  std::vector<std::string> all{"", "tell operator", "daily digest"};
  for (const auto& [name, _] : pass.space.workflows) all.push_back(name);
  for (const auto& [name, _] : pass.space.roles) all.push_back("ask " + name);
  return all;
}

}  // namespace

std::vector<std::string> entity_types(const check_pass& pass) {
  std::vector<std::string> types;
  for (const auto& [type, _] : pass.space.entities) types.push_back(type);
  return types;
}

condition_scope::condition_scope(const check_pass& pass, const std::optional<std::vector<std::string>>& actions) {
  const json text{{"type", "string"}}, integer{{"type", "integer"}}, number{{"type", "number"}}, texts{{"type", "array"}, {"items", text}};
  std::vector<std::string> connectors, roles{""};  // without a role a workflow itself asks
  for (const auto& connector : pass.known.connectors) connectors.push_back(connector.name);
  for (const auto& [name, _] : pass.space.roles) roles.push_back(name);
  bind("action", one_of(pass.actions));
  bind("connector", one_of(connectors));
  bind("risk", one_of(words_of<risk_kind>()));
  bind("class", one_of(words_of<effect_class>()));
  bind("role", one_of(roles));
  bind("workflow", one_of(workflows_of(pass)));
  bind("run", text);
  bind("recipients", texts);
  bind("labels", {{"type", "array"}, {"items", one_of({"untrusted", "private"})}});
  bind("cost", closed_object({{"amount", number}, {"currency", text}}));
  bind("time", closed_object({{"date", text}, {"hour", integer}, {"minute", integer}, {"weekday", one_of(words_of<weekday>())}}));
  boost::json::object recent;
  for (const auto scope : recent_scopes) recent[scope] = integer;
  bind("recent", closed_object(std::move(recent)));
  bind("now", nullptr);
  scope_.types["now"] = value_kind::timestamp;
  const auto* only = actions && actions->size() == 1 ? find_action(pass.known, actions->front()) : nullptr;
  bind("arguments", only ? only->arguments : json(nullptr));
  for (const auto& [type, entity] : pass.space.entities) {
    auto schema = entity_schema(entity);
    for (const auto key : {"entity", "type", "external_id"}) schema.as_object().at("properties").as_object().erase(key);
    bind(type, pass.space.is_whole("entities/" + type) ? std::move(schema) : json(nullptr));
  }
}

}  // namespace steward
