/// What the checks of all manifests share: unknown names, words, quantities.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/check.hpp"
#include "config/check_expression.hpp"

namespace steward {

/// The state of one `steward check`.
struct check_pass {
  const workspace& space;
  const known_parts& known;
  errors& found;
  std::vector<std::string> actions, agents, signals, scopes;  // names, for the nearest one
  std::string currency;                                       // the first one met; a budget in another is refused
  std::string currency_from;                                  // where it was met
  std::set<std::string> bad_schemas;                          // paths of schemas with an error of their own
};

/// `name` is not among `candidates`: {code, at, "the role 'edtor' is not known", "one of …", "Did you mean …?"}.
void refuse_name(const std::string& code, const std::string& where, const std::string& what, const std::string& name, const std::vector<std::string>& candidates, errors& e,
                 std::string advice = {});
/// A text that must be one of a few words, or the name of a step.
bool is_word(const yaml_place& at, const std::vector<std::string>& words, errors& e);
/// A count that must be at least `least`.
void check_count(const yaml_place& at, std::string_view key, std::int64_t value, std::int64_t least, errors& e);
/// A length of time that must be longer than nothing.
void check_length(const yaml_place& at, std::string_view key, const std::optional<duration>& value, errors& e);

/// `spend`, `tokens` and `calls` below `owner`: above zero, the shorter period no higher than the longer, one currency in all manifests.
void check_spending(check_pass& pass, const yaml_place& owner, const std::optional<spend_definition>& spend, const std::optional<count_definition>& tokens,
                    const std::optional<count_definition>& calls);
/// `budgets:` of company.yaml: each for something that is there.
void check_budgets(check_pass& pass);
/// `sla:` below `owner`: lengths of time, all of them shorter than `fail`.
void check_sla(check_pass& pass, const yaml_place& owner, const std::optional<sla_definition>& said);
/// `operator`, `escalation` and `digest` of company.yaml.
void check_telling(check_pass& pass);
/// `maps:` of an entity: known sources, known fields, expressions that fit what the source says of its records.
void check_maps(check_pass& pass, const yaml_place& root, const entity_definition& entity);
/// `autonomy:` of company.yaml.
void check_ladder(check_pass& pass);
/// `trial:` of a workflow.
void check_trial(check_pass& pass, const std::string& name, const workflow_definition& workflow);
void check_company(check_pass& pass);
void check_role(check_pass& pass, const std::string& name, const role_definition& role);
void check_entity(check_pass& pass, const std::string& name, const entity_definition& entity);
void check_policy(check_pass& pass, const std::string& name, const policy_definition& policy);
void check_policy_table(check_pass& pass, const std::string& path, const policy_table_definition& table);
void check_schemas(check_pass& pass);
void check_workflow(check_pass& pass, const std::string& name, const workflow_definition& workflow);

/// `with:` of `step` against a schema: names, required ones, literal values, expressions. `what` is "mailbox.send takes".
void check_arguments(const yaml_place& step, const json& schema, const std::string& what, const name_scope& scope, errors& e);

/// The JSON Schema of an entity as expressions see it: its fields, and entity, type, external_id.
json entity_schema(const entity_definition& entity);
/// The JSON Schema of one field: the short form ("text") or the schema itself; null when it is neither.
json field_schema(const json& field);

}  // namespace steward
