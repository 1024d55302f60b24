/// Checks the rules that the operator wrote, and the tables beside them.
#include <deque>

#include "config/check_parts.hpp"
#include "runtime/rules/policy_table.hpp"

namespace steward {
namespace {

// What the gate itself says has these names on the card and in `steward why`.
constexpr std::string_view names_of_the_engine[] = {"autonomy", "permission", "workflow", "read_only", "fork", "unknown_action", "rule_of_two", "may_reach", "nothing"};

std::vector<std::string> entity_types(const check_pass& pass) {
  std::vector<std::string> types;
  for (const auto& [type, _] : pass.space.entities) types.push_back(type);
  return types;
}

json closed_object(boost::json::object properties) { return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}}; }

/// The names of a condition with what is known of each; the schemas live as long as this.
class condition_scope {
public:
  condition_scope(const check_pass& pass, const std::optional<std::vector<std::string>>& actions) {
    const json text{{"type", "string"}}, integer{{"type", "integer"}}, number{{"type", "number"}}, texts{{"type", "array"}, {"items", text}};
    for (const auto name : {"action", "connector", "risk", "class", "role", "workflow", "run"}) bind(name, text);
    for (const auto name : {"recipients", "labels"}) bind(name, texts);
    bind("cost", closed_object({{"amount", number}, {"currency", text}}));
    bind("time", closed_object({{"date", text}, {"hour", integer}, {"minute", integer}, {"weekday", text}}));
    boost::json::object recent;
    for (const auto scope : recent_scopes) recent[scope] = integer;
    bind("recent", closed_object(std::move(recent)));
    bind("now", nullptr);
    const auto* only = actions && actions->size() == 1 ? find_action(pass.known, actions->front()) : nullptr;
    bind("arguments", only ? only->arguments : json(nullptr));
    for (const auto& [type, entity] : pass.space.entities) {
      auto schema = entity_schema(entity);
      for (const auto key : {"entity", "type", "external_id"}) schema.as_object().at("properties").as_object().erase(key);
      bind(type, pass.space.is_whole("entities/" + type) ? std::move(schema) : json(nullptr));
    }
  }
  const name_scope& scope() const { return scope_; }

private:
  void bind(const std::string& name, json schema) { scope_.bound[name] = shape::of(schemas_.emplace_back(std::move(schema))); }
  std::deque<json> schemas_;
  name_scope scope_;
};

/// The place of a text that stands in quotes inside an expression.
std::string where_quoted(const yaml_place& at, const std::string& name) {
  const auto& text = at.node().text;
  for (const char quote : {'\'', '"'})
    if (const auto found = text.find(quote + name + quote); found != std::string::npos) return at.where_in(found + 1);
  return at.where();
}

}  // namespace

void check_policy(check_pass& pass, const std::string& name, const policy_definition& policy) {
  const auto root = pass.space.sources.at("policies/" + name)->root();
  const bool of_the_engine = std::find(std::begin(names_of_the_engine), std::end(names_of_the_engine), name) != std::end(names_of_the_engine);
  if (of_the_engine || std::find(pass.known.policies.begin(), pass.known.policies.end(), name) != pass.known.policies.end())
    pass.found.push_back({"duplicate_name", root.at("name").where(), "the engine's own rule is called '" + name + "'", "a name of its own for each rule", "Rename this one"});
  if (policy.because.find_first_not_of(" \n\t") == std::string::npos)
    pass.found.push_back({"missing_key", root.at("because").where(), "'because' is empty", "one sentence that the operator reads on the card", ""});
  for (std::size_t i = 0; i < policy.actions.size(); ++i)
    if (!find_action(pass.known, policy.actions[i])) refuse_name("unknown_action", root.at("actions").item(i).where(), "action", policy.actions[i], pass.actions, pass.found);
  auto rest = policy;
  if (policy.when) {
    const auto at = root.at("when");
    std::optional<std::vector<std::string>> actions;
    if (const auto parsed = expression::parse(*policy.when)) actions = actions_in(*parsed);
    if (actions)
      for (const auto& action : *actions)
        if (!find_action(pass.known, action)) refuse_name("unknown_action", where_quoted(at, action), "action", action, pass.actions, pass.found);
    if (!policy.actions.empty()) actions = policy.actions;
    check_condition(at, condition_scope(pass, actions).scope(), pass.found);
    rest.when.reset();
  }
  const auto made = rule::compile(std::move(rest), pass.space.company.zone, entity_types(pass));
  if (made) return;
  auto trouble = made.error();
  const auto colon = trouble.where.find(':');
  auto at = root.at(trouble.where.substr(0, colon));
  if (colon != std::string::npos) at = at.at(trouble.where.substr(colon + 1));
  trouble.where = at.where();
  pass.found.push_back(std::move(trouble));
}

void check_policy_table(check_pass& pass, const std::string& path, const policy_table_definition& table) {
  const auto cases = pass.space.sources.at(path)->root().at("cases");
  const auto names = names_to_give(entity_types(pass));
  std::vector<std::string> rules;
  for (const auto& [name, _] : pass.space.policies) rules.push_back(name);
  for (std::size_t i = 0; i < table.cases.size(); ++i) {
    const auto& said = table.cases[i];
    const auto at = cases.item(i), given = at.at("given");
    if (!said.given.is_null() && !said.given.is_object())
      pass.found.push_back({"wrong_type", given.where(), "found " + given.shown(), "a map of the names that conditions see", ""});
    for (const auto& key : given.node().keys) {
      if (std::find(names.begin(), names.end(), key.text) != names.end()) continue;
      refuse_name("unknown_name", given.at(key.text).where_key(), "name", key.text, names, pass.found,
                  key.text == "time" ? "It follows from 'now'" : key.text == "connector" ? "It follows from 'action'" : "");
    }
    const auto text = [&](std::string_view name) { return text_at(said.given, name); };
    if (const auto action = text("action"); !action.empty() && !find_action(pass.known, action))
      refuse_name("unknown_action", given.at("action").where(), "action", action, pass.actions, pass.found);
    if (given.has("now") && !parse_time(text("now"))) {
      time_point ignored;
      read_yaml_time(given.at("now"), ignored, pass.found);
    }
    if (said.before.is_object()) {
      for (const auto& one : said.before.get_object())
        if (!pass.space.policies.contains(std::string(one.key()))) refuse_name("unknown_policy", at.at("before").at(one.key()).where_key(), "policy", std::string(one.key()), rules, pass.found);
    } else if (!said.before.is_null() && !said.before.is_int64()) {
      pass.found.push_back({"wrong_type", at.at("before").where(), "found " + at.at("before").shown(), "how often it has left before: a number, or one for each rule", ""});
    }
    if (!said.speaks) continue;
    for (std::size_t k = 0; k < said.speaks->size(); ++k)
      if (!pass.space.policies.contains((*said.speaks)[k])) refuse_name("unknown_policy", at.at("speaks").item(k).where(), "policy", (*said.speaks)[k], rules, pass.found);
  }
}

}  // namespace steward
