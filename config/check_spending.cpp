/// Checks what manifests say of spending.
#include <array>

#include "config/check_parts.hpp"
#include "runtime/coordination/limits.hpp"

namespace steward {
namespace {

constexpr const char* periods[] = {"per_run", "per_day", "per_week", "per_month", "per_year"};  // the shorter first

/// A limit of spending: above zero, in the workspace's one currency.
void check_money(check_pass& pass, const yaml_place& at, const money& amount, std::string_view key) {
  if (amount.nano <= 0) {
    pass.found.push_back({"budget_is_zero", at.where(), "the budget is " + at.node().text + ", so nothing may run", "an amount above zero",
                         "Set '" + std::string(key) + "', or stop the company with 'steward stop'"});
    return;
  }
  if (pass.currency.empty()) pass.currency = amount.currency, pass.currency_from = at.where();
  else if (pass.currency != amount.currency)
    pass.found.push_back({"currencies_differ", at.where(), "this budget is in " + amount.currency + ", and the one at " + pass.currency_from + " in " + pass.currency,
                         "one currency for all budgets", "Say it in " + pass.currency});
}

void check_mark(check_pass& pass, const yaml_place& at, const std::optional<std::string>& warn_at) {
  if (!warn_at || parse_percent(*warn_at)) return;
  const bool bare = parse_percent(*warn_at + "%").has_value();
  pass.found.push_back({"bad_limit", at.at("warn_at").where(), "found " + at.at("warn_at").shown(), "a whole percentage from 1% to 100%", bare ? "Write " + *warn_at + "%" : ""});
}

/// What a run may take must fit into a day, and so on: else the longer limit is met before the shorter one ever is. Weeks and months
/// overlap, so each is compared with the next that is told and longer.
template <class Amount, class Greater, class Text>
void check_order(check_pass& pass, const yaml_place& at, const std::array<const std::optional<Amount>*, 5>& said, Greater greater, Text text) {
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (!*said[i]) continue;
    for (std::size_t j = i + 1; j < said.size(); ++j) {
      if (!*said[j]) continue;
      if (greater(**said[i], **said[j]))
        pass.found.push_back({"bad_limit", at.at(periods[i]).where(), "'" + std::string(periods[i]) + "' is " + text(**said[i]) + ", more than '" + periods[j] + "' (" + text(**said[j]) + ")",
                             "at most '" + std::string(periods[j]) + "'", "Raise '" + std::string(periods[j]) + "', or lower '" + periods[i] + "'"});
      break;
    }
  }
}

void check_counts(check_pass& pass, const yaml_place& owner, std::string_view key, const std::optional<count_definition>& count) {
  if (!count) return;
  const auto at = owner.at(key);
  const std::array<const std::optional<std::int64_t>*, 5> said{&count->per_run, &count->per_day, &count->per_week, &count->per_month, &count->per_year};
  for (std::size_t i = 0; i < said.size(); ++i) check_count(at, periods[i], said[i]->value_or(1), 1, pass.found);
  check_order(pass, at, said, std::greater<>{}, [](std::int64_t n) { return std::to_string(n); });
  check_mark(pass, at, count->warn_at);
}

}  // namespace

void check_spending(check_pass& pass, const yaml_place& owner, const std::optional<spend_definition>& spend, const std::optional<count_definition>& tokens,
                    const std::optional<count_definition>& calls) {
  if (spend) {
    const auto at = owner.at("spend");
    const std::array<const std::optional<money>*, 5> said{&spend->per_run, &spend->per_day, &spend->per_week, &spend->per_month, &spend->per_year};
    for (std::size_t i = 0; i < said.size(); ++i)
      if (*said[i]) check_money(pass, at.at(periods[i]), **said[i], periods[i]);
    check_order(pass, at, said, [](const money& a, const money& b) { return b.nano > 0 && a.currency == b.currency && a.nano > b.nano; }, [](const money& m) { return to_text(m); });
    check_mark(pass, at, spend->warn_at);
  }
  check_counts(pass, owner, "tokens", tokens);
  check_counts(pass, owner, "calls", calls);
}

void check_budgets(check_pass& pass) {
  const auto& company = pass.space.company;
  const auto list = pass.space.sources.at("company")->root().at("budgets");
  std::set<std::string> models, connectors, types, seen;
  for (const auto& model : pass.known.models) models.insert(model.name);
  for (const auto& [model_class, _] : company.models) models.insert(model_class);
  for (const auto& [_, role] : pass.space.roles)
    if (role.model) models.insert(role.model->class_);
  for (const auto& connector : pass.known.connectors) connectors.insert(connector.name);
  for (const auto& [type, _] : pass.space.entities) types.insert(type);
  for (std::size_t i = 0; i < company.budgets.size(); ++i) {
    const auto& said = company.budgets[i];
    const auto item = list.item(i);
    const auto at = item.at("for");
    const auto [kind, name] = scope_of(said.for_);
    const auto* names = kind == "model" ? &models : kind == "connector" ? &connectors : kind == "each" ? &types : nullptr;
    if (!names) {
      std::vector<std::string> whole;  // what the operator may have meant
      for (const auto& [word, of] : {std::pair{"model ", &models}, std::pair{"connector ", &connectors}, std::pair{"each ", &types}})
        for (const auto& one : *of) whole.push_back(one == said.for_ ? said.for_ : word + one);
      auto near = nearest_name(said.for_, whole);
      for (const auto& [word, of] : {std::pair{"model ", &models}, std::pair{"connector ", &connectors}, std::pair{"each ", &types}})
        if (of->contains(near)) near = word + near;
      pass.found.push_back({"unknown_budget", at.where(), "found " + at.shown(), "model NAME, connector NAME, or each TYPE of an entity",
                           near.empty() ? "A role's and a workflow's limits stand in its own manifest" : "Did you mean '" + near + "'?"});
    } else if (!names->contains(name)) {
      const auto* code = kind == "model" ? "unknown_model" : kind == "connector" ? "unknown_connector" : "unknown_entity";
      refuse_name(code, at.where(), kind == "model" ? "model" : kind == "connector" ? "connector" : "entity type", name, {names->begin(), names->end()}, pass.found);
    } else if (!seen.insert(said.for_).second) {
      pass.found.push_back({"duplicate_name", at.where(), "there is a budget for '" + said.for_ + "' already", "one for each", "Put the limits together"});
    }
    if (!said.spend && !said.tokens && !said.calls)
      pass.found.push_back({"missing_key", item.where(), "the budget has no limit", "spend, tokens or calls", "Write spend: {per_month: 2 EUR}"});
    check_spending(pass, item, said.spend, said.tokens, said.calls);
  }
}

}  // namespace steward
