/// Checks the tables of cases beside the rules: what a case gives must be something that a condition can see.
#include <algorithm>

#include "config/condition_scope.hpp"
#include "runtime/rules/policy_table.hpp"

namespace steward {
namespace {

bool fits(const json& value, const shape& known) {
  const auto kind = kind_of_shape(known);
  if (kind == "a text") return value.is_string();
  if (kind == "true or false") return value.is_bool();
  if (kind == "a list") return value.is_array();
  if (kind == "an object") return value.is_object();
  if (kind != "a number") return true;
  const auto* type = resolved(known).schema->get_object().if_contains("type");
  return type && *type == "integer" ? value.is_int64() || value.is_uint64() : value.is_number();
}

/// What is missing is empty, hence never wrong; what is there must be possible.
void check_given(const yaml_place& at, const json& value, const shape& known, const std::string& name, errors& e) {
  if (!fits(value, known)) {
    const bool quotes = kind_of_shape(known) == "a text" && at.node().is == yaml_node::form::text;
    e.push_back({"wrong_type", at.where(), "'" + name + "' is " + at.shown(), kind_of_shape(known), quotes ? "Write \"" + at.node().text + "\"" : ""});
    return;
  }
  if (auto words = words_of_shape(known); !words.empty() && value.get_string() != "") {
    std::erase(words, "");
    is_word(at, words, e);
  }
  if (value.is_array())
    for (std::size_t i = 0; i < value.get_array().size(); ++i) check_given(at.item(i), value.get_array()[i], items_of(known), name, e);
  if (!value.is_object()) return;
  const auto members = members_of_shape(known);
  for (const auto& pair : value.get_object()) {
    const auto found = member_of(known, pair.key());
    if (found.is == member_is::absent) {
      std::string all;
      for (const auto& member : members) all += (all.empty() ? "one of " : ", ") + member;
      const auto near = nearest_name(pair.key(), members);
      e.push_back({"unknown_member", at.at(pair.key()).where_key(), "'" + name + "' has no '" + std::string(pair.key()) + "'", all.empty() ? "no member at all" : all, near.empty() ? "" : "Did you mean '" + near + "'?"});
    }
    else check_given(at.at(pair.key()), pair.value(), found.what, name + "." + std::string(pair.key()), e);
  }
}

}  // namespace

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
    const auto text = [&](std::string_view name) { return text_at(said.given, name); };
    const condition_scope known(pass, text("action").empty() ? std::optional<std::vector<std::string>>{} : std::vector{text("action")});
    for (const auto& key : given.node().keys) {
      if (std::find(names.begin(), names.end(), key.text) != names.end()) {
        if (key.text == "now" || key.text == "action") continue;  // said below
        if (!said.given.is_object() || !said.given.get_object().contains(key.text)) continue;  // refused while it was read
        check_given(given.at(key.text), said.given.at(key.text), known.scope().bound.at(key.text), key.text, pass.found);
        continue;
      }
      refuse_name("unknown_name", given.at(key.text).where_key(), "name", key.text, names, pass.found,
                  key.text == "time" ? "It follows from 'now'" : key.text == "connector" ? "It follows from 'action'" : "");
    }
    if (const auto action = text("action"); !action.empty() && !find_action(pass.known, action))
      refuse_name("unknown_action", given.at("action").where(), "action", action, pass.actions, pass.found);
    if (given.has("now") && !parse_time(text("now")))
      pass.found.push_back({"bad_time", given.at("now").where(), "found " + given.at("now").shown(), "a time in RFC 3339, such as 2026-11-21T09:30:00Z", ""});
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
