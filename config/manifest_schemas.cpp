#include "config/manifest_schemas.hpp"

#include "config/manifest_rules.hpp"
#include "runtime/schema/derive.hpp"

namespace steward {
namespace {

/// Every struct that a manifest can hold.
using manifest_structs = boost::mp11::mp_list<company_definition, hold_definition, attention_definition, spend_definition, count_definition, spending_definition, budget_definition, ladder_definition, climb_definition, fall_definition, role_definition, limits_definition, failure_definition, model_definition, entity_definition,
                                              workflow_definition, start_definition, caps_definition, step_definition, effect_definition, approval_definition, retry_definition, trial_definition, fall_back_definition, policy_definition, quiet_hours_definition,
                                              policy_table_definition, policy_case_definition, sla_definition, rung_definition, escalation_definition, digest_definition, operator_definition, mapping_definition>;

std::string name_of(std::string_view full) { return std::string(full.substr(full.rfind(':') + 1)); }

/// The rules of T instead of what C++ alone says: defaults make keys optional, hidden members are no keys, short forms count.
template <class T>
json by_rules(json definition) {
  using rules = manifest_rules<T>;
  auto& object = definition.as_object();
  boost::json::array required;
  for (const auto key : rules::required) required.emplace_back(key);
  if (required.empty()) object.erase("required");
  else object["required"] = std::move(required);
  for (const auto key : rules::hidden) object.at("properties").as_object().erase(key);
  if constexpr (rules::short_form.empty()) return definition;
  else return {{"description", fmt::format("{}, or a map", rules::short_form)}, {"anyOf", {{{"type", "string"}}, std::move(definition)}}};
}

/// Where a text is expected, the reader takes any bare scalar as text: `at_most: 2`, `name: on`.
void texts_take_scalars(json& schema) {
  if (schema.is_array()) {
    for (auto& item : schema.get_array()) texts_take_scalars(item);
    return;
  }
  if (!schema.is_object()) return;
  auto& object = schema.get_object();
  for (auto& pair : object)
    if (pair.key() != "required" && pair.key() != "enum" && pair.key() != "examples") texts_take_scalars(pair.value());
  const auto* type = object.if_contains("type");
  if (type && *type == "string" && !object.contains("pattern") && !object.contains("enum")) object["type"] = {"string", "number", "boolean"};
}

template <class T>
json schema_of_manifest(std::string_view description) {
  auto schema = by_rules<T>(schema_of<T>());
  auto& object = schema.as_object();
  if (auto* definitions = object.if_contains("$defs"))
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, manifest_structs>>([&](auto each) {
      using Struct = typename decltype(each)::type;
      if (auto* definition = definitions->as_object().if_contains(name_of(schema_detail::full_name_of<Struct>()))) *definition = by_rules<Struct>(std::move(*definition));
    });
  texts_take_scalars(schema);
  object["description"] = description;
  return schema;
}

}  // namespace

std::map<std::string, json> manifest_schemas() {
  return {{"company.schema.json", schema_of_manifest<company_definition>("company.yaml: who the company is and what it may spend")},
          {"role.schema.json", schema_of_manifest<role_definition>("roles/*.yaml: purpose, agent, permissions and limits of a role")},
          {"workflow.schema.json", schema_of_manifest<workflow_definition>("workflows/*.yaml: steps in the order of work")},
          {"entity.schema.json", schema_of_manifest<entity_definition>("entities/*.yaml: a type of business record")},
          {"policy.schema.json", schema_of_manifest<policy_definition>("policies/*.yaml: a rule that allows, asks, denies or shadows, with its reason")},
          {"policy_test.schema.json", schema_of_manifest<policy_table_definition>("policies/*.test.yaml: cases, and what the rules must say about them")}};
}

}  // namespace steward
