#include "runtime/rules/policy_table.hpp"

#include <algorithm>

#include "runtime/expression/parser.hpp"

namespace steward {
namespace {

const json nobody = boost::json::object{};

/// What a table says is the case.
class given_case final : public rule_case {
public:
  given_case(const policy_case_definition& said, const std::string& company_zone, const std::map<std::string, action_manifest>& actions) : before_(said.before) {
    using boost::json::object;
    auto& all = names_;
    if (said.given.is_object()) all = said.given.get_object();
    action_ = text_at(all, "action");
    const auto told_time = parse_time(text_at(all, "now"));
    now_ = told_time ? *told_time : parse_time("2026-01-05T12:00:00Z").value();
    const auto known = actions.find(action_);
    const action_manifest manifest = known == actions.end() ? action_manifest{} : known->second;
    const auto otherwise = [&](std::string_view name, json value) {
      if (!all.contains(name)) all[name] = std::move(value);
    };
    for (const auto name : {"action", "role", "workflow", "run"}) otherwise(name, "");
    for (const auto name : {"recipients", "labels"}) otherwise(name, boost::json::array{});
    otherwise("arguments", object{});
    otherwise("risk", json(to_word(manifest.risk)));
    otherwise("class", json(to_word(manifest.repeats)));
    otherwise("cost", object{{"amount", double(manifest.cost.nano) / 1e9}, {"currency", manifest.cost.currency}});
    all["connector"] = std::string_view(action_).substr(0, action_.find('.'));
    all["time"] = time_as_json(local_at(company_zone));
    object recent;
    for (const auto scope : recent_scopes) recent[scope] = 0;
    if (const auto* told = all.if_contains("recent"); told && told->is_object())
      for (const auto& one : told->get_object()) recent[one.key()] = one.value();
    all["recent"] = std::move(recent);
  }

  std::optional<value> find(std::string_view name) const override {
    if (name == "now") return value(now_);
    const auto* given = names_.if_contains(name);
    if (!given && cel::type_named(name)) return {};
    return value::view(given ? *given : nobody);
  }
  time_point now() const override { return now_; }
  const std::string& action() const override { return action_; }
  std::vector<std::string> counted_as(std::string_view) const override { return {""}; }
  std::int64_t left_since(std::string_view who, std::string_view, std::string_view, time_point) const override {
    const auto* told = before_.is_object() ? before_.get_object().if_contains(who) : &before_;
    return told && told->is_int64() ? told->get_int64() : 0;
  }

private:
  boost::json::object names_;
  json before_;
  std::string action_;
  time_point now_;
};

rules_answer answer_of(const std::vector<ruling>& said) {
  if (said.empty()) return rules_answer::nothing;
  auto most = verdict::allow;
  for (const auto& one : said) most = std::max(most, one.says);
  return rules_answer(int(most) + 1);
}
static_assert(int(rules_answer::allow) == int(verdict::allow) + 1 && int(rules_answer::deny) == int(verdict::deny) + 1);

}  // namespace

std::vector<std::string> names_to_give(const std::vector<std::string>& entity_types) {
  std::vector<std::string> all(std::begin(rule_name_list), std::end(rule_name_list));
  std::erase_if(all, [](const std::string& name) { return name == "connector" || name == "time"; });
  all.insert(all.end(), entity_types.begin(), entity_types.end());
  return all;
}

policy_case_result judge_case(const rule_book& rules, const policy_case_definition& said, const std::string& company_zone, const std::map<std::string, action_manifest>& actions) {
  const given_case given(said, company_zone, actions);
  policy_case_result came{said.name, said.then, rules_answer::nothing, said.speaks, {}, false};
  rules.judge(given, came.spoke);
  came.answer = answer_of(came.spoke);
  came.passed = came.answer == said.then;
  if (said.speaks) {
    std::vector<std::string> wanted = *said.speaks, spoke;
    for (const auto& one : came.spoke) spoke.push_back(one.rule);
    std::sort(wanted.begin(), wanted.end());
    std::sort(spoke.begin(), spoke.end());
    came.passed = came.passed && wanted == spoke;
  }
  return came;
}

}  // namespace steward
