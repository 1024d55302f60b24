#include "config/check.hpp"

#include <charconv>

#include "config/check_parts.hpp"
#include "runtime/entities/relation.hpp"
#include "runtime/rules/reach.hpp"
#include "runtime/schedule.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace {

void check_rungs(check_pass& pass, const yaml_place& owner, const std::map<std::string, autonomy>& may_do) {
  for (const auto& [action, rung] : may_do)
    if (!find_action(pass.known, action)) refuse_name("unknown_action", owner.at("may_do").at(action).where_key(), "action", action, pass.actions, pass.found);
}

/// Each entry is an address, a domain, a page, the sender, or the name of an entity type.
void check_reach(check_pass& pass, const yaml_place& owner, const std::map<std::string, std::vector<std::string>>& may_reach) {
  std::vector<std::string> types{std::string(reach_sender)};
  for (const auto& [type, _] : pass.space.entities) types.push_back(type);
  for (const auto& [action, listed] : may_reach) {
    const auto at = owner.at("may_reach").at(action);
    if (!find_action(pass.known, action)) refuse_name("unknown_action", at.where_key(), "action", action, pass.actions, pass.found);
    for (std::size_t i = 0; i < listed.size(); ++i)
      if (is_type_entry(listed[i]) && !pass.space.entities.contains(listed[i]))
        refuse_name("unknown_recipient", at.item(i).where(), "recipient", listed[i], types, pass.found, "Addresses have an '@', domains begin with one, pages begin with '/'");
  }
}

/// "3 in 10m"
bool is_window(std::string_view text) {
  const auto in = text.find(" in ");
  if (in == text.npos) return false;
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + in, count);
  const auto within = parse_duration(text.substr(in + 4));
  return problem == std::errc{} && end == text.data() + in && count >= 1 && within && within->count() > 0;
}

}  // namespace

const known_agent* find_agent(const known_parts& known, std::string_view name) {
  for (const auto& agent : known.agents)
    if (agent.name == name) return &agent;
  return nullptr;
}

const action_manifest* find_action(const known_parts& known, std::string_view name) {
  for (const auto& connector : known.connectors)
    if (const auto* action = find_action(connector, name)) return action;
  return nullptr;
}

const signal_manifest* find_signal(const known_parts& known, std::string_view name) {
  for (const auto& connector : known.connectors)
    for (const auto& signal : connector.signals)
      if (signal.name == name) return &signal;
  return nullptr;
}

const known_model* find_model(const known_parts& known, std::string_view name) {
  for (const auto& model : known.models)
    if (model.name == name) return &model;
  return nullptr;
}

void check_company(check_pass& pass) {
  const auto& company = pass.space.company;
  const auto root = pass.space.sources.at("company")->root();
  if (!zone_exists(company.zone)) {
    const auto near = nearest_zone(company.zone);
    pass.found.push_back({"unknown_zone", root.at("zone").where(), "the time zone '" + company.zone + "' is not known", "an IANA name such as Europe/Berlin or UTC",
                         near.empty() ? "" : "Did you mean '" + near + "'?"});
  }
  check_spending(pass, root, company.spend, company.tokens, company.calls);
  check_budgets(pass);
  check_telling(pass);
  check_count(root, "running", company.running, 1, pass.found);
  check_count(root, "waiting", company.waiting, 0, pass.found);
  if (company.attention && company.attention->questions_per_day < 1)
    pass.found.push_back({"bad_limit", root.at("attention").at("questions_per_day").where(), "found " + std::to_string(company.attention->questions_per_day), "at least 1", "Leave 'attention' out to be asked whenever there is a question"});
  check_rungs(pass, root, company.may_do);
  check_reach(pass, root, company.may_reach);
  for (std::size_t i = 0; i < company.private_scopes.size(); ++i)
    if (std::find(pass.scopes.begin(), pass.scopes.end(), company.private_scopes[i]) == pass.scopes.end())
      refuse_name("unknown_scope", root.at("private_scopes").item(i).where(), "memory scope", company.private_scopes[i], pass.scopes, pass.found, "A scope is there once a role's may_know names it");
  check_ladder(pass);
  std::vector<std::string> connectors;
  for (const auto& connector : pass.known.connectors) connectors.push_back(connector.name);
  for (const auto& [name, settings] : company.connectors) {
    const auto at = root.at("connectors").at(name);
    const auto known = std::find_if(pass.known.connectors.begin(), pass.known.connectors.end(), [&](const auto& c) { return c.name == name; });
    if (known == pass.known.connectors.end()) {
      refuse_name("unknown_connector", at.where_key(), "connector", name, connectors, pass.found);
      continue;
    }
    if (!known->settings.is_object()) continue;
    const auto schema = steward::schema::parse(known->settings);
    if (!schema) continue;
    const auto declared = shape::of(known->settings);
    for (const auto& key : at.node().keys)
      if (member_of(declared, key.text).is == member_is::absent)
        refuse_name("unknown_key", at.at(key.text).where_key(), "setting", key.text, members_of_shape(declared), pass.found);
    for (auto& trouble : schema->validate(settings)) {
      if (trouble.code == "unknown_key" && trouble.where.empty()) continue;  // said above, with its place
      trouble.where = trouble.code == "missing_key" ? at.where_key() : at.along(trouble.where).where_key();
      pass.found.push_back(std::move(trouble));
    }
  }
  std::vector<std::string> providers;
  for (const auto& model : pass.known.models) providers.push_back(model.name);
  for (const auto& [model_class, provider] : company.models)
    if (!find_model(pass.known, provider)) refuse_name("unknown_model", root.at("models").at(model_class).where(), "model", provider, providers, pass.found);
  for (std::size_t i = 0; i < company.policies.size(); ++i)
    if (std::find(pass.known.policies.begin(), pass.known.policies.end(), company.policies[i]) == pass.known.policies.end())
      refuse_name("unknown_policy", root.at("policies").item(i).where(), "policy", company.policies[i], pass.known.policies, pass.found);
}

/// Whether the model that will be asked could answer the role's prompt at all.
void check_prompt_of(check_pass& pass, const model_definition& model) {
  const auto& space = pass.space;
  const auto asked = space.prompts.find(*model.prompt);
  if (asked == space.prompts.end() || !space.is_whole(asked->first)) return;
  json answer;
  if (model.answer) {
    const auto schema = space.schemas.find(*model.answer);
    if (schema == space.schemas.end() || !space.is_whole(schema->first) || pass.bad_schemas.contains(schema->first)) return;
    answer = schema->second;
  }
  const auto mapped = space.company.models.find(model.class_);
  const auto* provider = find_model(pass.known, mapped == space.company.models.end() ? "local" : mapped->second);
  if (!provider || !provider->check_prompt) return;
  const auto fits = provider->check_prompt(asked->second, answer, space.prompt_begins.at(asked->first));
  if (fits) return;
  auto trouble = fits.error();
  trouble.where = asked->first + trouble.where.substr(trouble.where.rfind(':')) + ":1";
  pass.found.push_back(std::move(trouble));
}

void check_role(check_pass& pass, const std::string& name, const role_definition& role) {
  const auto root = pass.space.sources.at("roles/" + name)->root();
  const auto* agent = find_agent(pass.known, role.agent);
  if (!agent) refuse_name("unknown_agent", root.at("agent").where(), "agent", role.agent, pass.agents, pass.found, "A role without C++ has 'agent: prompted'");
  check_rungs(pass, root, role.may_do);
  check_reach(pass, root, role.may_reach);
  if (role.model) {
    const auto model = root.at("model");
    if (role.model->prompt) {
      const auto& path = *role.model->prompt;
      if (!pass.space.prompts.contains(path)) {
        std::vector<std::string> names;
        for (const auto& [known, _] : pass.space.prompts) names.push_back(known);
        refuse_name("no_such_file", model.at("prompt").where(), "prompt", path, names, pass.found, "Prompts are files prompts/NAME.md");
      }
    }
    if (role.model->answer && !pass.space.schemas.contains(*role.model->answer)) {
      std::vector<std::string> names;
      for (const auto& [known, _] : pass.space.schemas) names.push_back(known);
      refuse_name("no_such_file", model.at("answer").where(), "schema", *role.model->answer, names, pass.found, "Schemas are files schemas/NAME.json");
    }
    if (role.model->prompt) check_prompt_of(pass, *role.model);
  }
  if (role.agent == "prompted") {
    if (!role.model || !role.model->prompt || !role.model->answer)
      pass.found.push_back({"missing_key", role.model ? root.at("model").where_key() : root.at("agent").where(), "a role of the agent 'prompted' has no C++ that knows what to ask",
                           "'model' with 'class', 'prompt' and 'answer'", "Write model: {class: drafting, prompt: prompts/" + name + ".md, answer: schemas/" + name + ".json}"});
  }
  if (role.limits) {
    const auto limits = root.at("limits");
    check_spending(pass, limits, role.limits->spend, role.limits->tokens, role.limits->calls);
    check_count(limits, "running", role.limits->running, 1, pass.found);
    check_count(limits, "waiting", role.limits->waiting, 0, pass.found);
    check_length(limits, "run_for", role.limits->run_for, pass.found);
  }
  check_sla(pass, root, role.sla);
  if (role.when_it_fails) {
    const auto fails = root.at("when_it_fails");
    if (fails.has("restart")) is_word(fails.at("restart"), {"on_crash", "never"}, pass.found);
    if (fails.has("then")) is_word(fails.at("then"), {"ask_operator", "stop"}, pass.found);
    if (!is_window(role.when_it_fails->at_most))
      pass.found.push_back({"bad_window", fails.at("at_most").where(), "found " + fails.at("at_most").shown(), "how many restarts in which time, such as 3 in 10m", ""});
  }
  if (!role.settings.is_object())
    pass.found.push_back({"wrong_type", root.at("settings").where(), "found " + root.at("settings").shown(), "a map of settings", ""});
  if (role.place != "local")
    pass.found.push_back({"unknown_place", root.at("place").where(), "found " + root.at("place").shown(), "local: in this version every role works on this machine",
                          "Write 'place: local', or remove it"});
}

void check_entity(check_pass& pass, const std::string& name, const entity_definition& entity) {
  const auto root = pass.space.sources.at("entities/" + name)->root();
  std::vector<std::string> fields;
  for (const auto& [field, definition] : entity.fields) {
    fields.push_back(field);
    const auto at = root.at("fields").at(field);
    if (field == "entity" || field == "type" || field == "external_id") {
      pass.found.push_back({"bad_name", at.where_key(), "the field '" + field + "' is there by itself", "another name", "Remove it, or rename it"});
      continue;
    }
    const auto schema = field_schema(definition);
    if (schema.is_null()) {
      const std::vector<std::string> words{"text", "number", "integer", "boolean", "list", "object", "entity", "entities"};
      const auto near = nearest_name(at.node().text, words);
      std::string advice;
      if (!near.empty()) advice = "Did you mean '" + near + "'?";
      else if (at.node().text == "string") advice = "Write text";
      pass.found.push_back({"unknown_word", at.where(), "found " + at.shown(), "text, number, integer, boolean, list, object, entity TYPE, entities TYPE, or a JSON Schema", std::move(advice)});
    } else if (const auto parsed = steward::schema::parse(schema); !parsed) {
      auto trouble = parsed.error();
      trouble.code = "bad_schema";
      trouble.where = at.along(trouble.where).where_key();
      pass.found.push_back(std::move(trouble));
    }
    if (const auto to = relation_of(definition))
      for (const auto& type : to->types) {
        std::vector<std::string> types;
        for (const auto& [known, _] : pass.space.entities) types.push_back(known);
        if (!pass.space.entities.contains(type)) refuse_name("unknown_entity", at.where(), "entity type", type, types, pass.found);
      }
  }
  check_maps(pass, root, entity);
  for (std::size_t i = 0; i < entity.personal.size(); ++i)
    if (std::find(fields.begin(), fields.end(), entity.personal[i]) == fields.end())
      refuse_name("unknown_field", root.at("personal").item(i).where(), "field", entity.personal[i], fields, pass.found);
}

void check_schemas(check_pass& pass) {
  for (const auto& [path, schema] : pass.space.schemas) {
    if (!pass.space.is_whole(path)) {
      pass.bad_schemas.insert(path);
      continue;
    }
    const auto parsed = steward::schema::parse(schema);
    if (parsed) continue;
    pass.bad_schemas.insert(path);
    auto trouble = parsed.error();
    const auto source = pass.space.sources.find(path);
    trouble.code = "bad_schema";
    trouble.where = source == pass.space.sources.end() ? path + ": " + trouble.where : source->second->root().along(trouble.where).where_key();
    pass.found.push_back(std::move(trouble));
  }
}

errors check_workspace(const workspace& space, const known_parts& known) {
  errors found;
  check_pass pass{space, known, found, {}, {}, {}, {}, {}, {}, {}};
  for (const auto& connector : known.connectors) {
    for (const auto& action : connector.actions) pass.actions.push_back(action.name);
    for (const auto& signal : connector.signals) pass.signals.push_back(signal.name);
  }
  for (const auto& agent : known.agents) pass.agents.push_back(agent.name);
  for (const auto& [_, role] : space.roles)
    for (const auto& scope : role.may_know) pass.scopes.push_back(scope);
  check_schemas(pass);
  if (space.is_whole("company") && space.sources.contains("company")) check_company(pass);
  for (const auto& [name, entity] : space.entities)
    if (space.is_whole("entities/" + name)) check_entity(pass, name, entity);
  for (const auto& [name, role] : space.roles)
    if (space.is_whole("roles/" + name)) check_role(pass, name, role);
  for (const auto& [name, workflow] : space.workflows)
    if (space.is_whole("workflows/" + name)) check_workflow(pass, name, workflow), check_trial(pass, name, workflow);
  for (const auto& [name, policy] : space.policies)
    if (space.is_whole("policies/" + name)) check_policy(pass, name, policy);
  for (const auto& [path, table] : space.policy_tables)
    if (space.is_whole(path)) check_policy_table(pass, path, table);
  sort_errors(found);
  return found;
}

checked_workspace check_folder(disk& files, const std::string& folder, const known_parts& known, const std::string& policies) {
  auto loaded = load_workspace(files, folder, policies);
  auto found = std::move(loaded.found);
  for (auto& e : check_workspace(loaded.value, known)) found.push_back(std::move(e));
  sort_errors(found);
  return {std::move(loaded.value), std::move(found)};
}

}  // namespace steward
