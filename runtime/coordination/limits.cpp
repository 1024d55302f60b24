#include "runtime/coordination/limits.hpp"

#include <algorithm>
#include <array>

#include "runtime/schedule.hpp"

namespace steward {
namespace {

struct period_row {
  budget_period period;
  std::optional<money> spend_definition::*spend;
  std::optional<std::int64_t> count_definition::*count;
};
// clang-format off
constexpr period_row period_rows[] = {
    {budget_period::run,   &spend_definition::per_run,   &count_definition::per_run},
    {budget_period::day,   &spend_definition::per_day,   &count_definition::per_day},
    {budget_period::week,  &spend_definition::per_week,  &count_definition::per_week},
    {budget_period::month, &spend_definition::per_month, &count_definition::per_month},
    {budget_period::year,  &spend_definition::per_year,  &count_definition::per_year},
};
// clang-format on

std::int64_t percent_of(const std::optional<std::string>& warn_at) { return warn_at ? parse_percent(*warn_at).value_or(warn_at_default) : warn_at_default; }

/// What a manifest says of spending, wherever in it that stands.
struct said_limits {
  const std::optional<spend_definition>& spend;
  const std::optional<count_definition>& tokens;
  const std::optional<count_definition>& calls;
};
template <class Definition>
said_limits limits_in(const Definition& d) {
  return {d.spend, d.tokens, d.calls};
}

class collector {
public:
  collector(const company_state& state, time_point at) : state_(state), at_(at) {}

  /// The limits of one scope: "role/editor". `runs`: those whose own limits count; `of_run`: their account.
  void add(const said_limits& said, const std::string& scope, const std::string& whose, const std::vector<std::string>& runs, const std::string& of_run, bool counts_calls, bool counts_tokens) {
    for (const auto& row : period_rows) {
      if (said.spend && said.spend.value().*row.spend) push(row.period, budget_measure::spend, *(said.spend.value().*row.spend), 0, said.spend->warn_at, scope, whose, runs, of_run);
      if (counts_tokens && said.tokens && said.tokens.value().*row.count) push(row.period, budget_measure::tokens, {}, *(said.tokens.value().*row.count), said.tokens->warn_at, scope, whose, runs, of_run);
      if (counts_calls && said.calls && said.calls.value().*row.count) push(row.period, budget_measure::calls, {}, *(said.calls.value().*row.count), said.calls->warn_at, scope, whose, runs, of_run);
    }
  }

  /// The accounts of these scopes count as well, for what is added from now on.
  std::vector<std::string> with;
  std::vector<budget_limit> all;

private:
  void push(budget_period period, budget_measure of, money spend, std::int64_t count, const std::optional<std::string>& warn_at, const std::string& scope, const std::string& whose,
            const std::vector<std::string>& runs, const std::string& of_run) {
    budget_limit limit{"", "", {}, whose, period, of, std::move(spend), count, 0};
    if (period == budget_period::run) {  // A run is no period to warn in: its hard limit has a card of its own, and soft ones would come with every run.
      for (const auto& run : runs) {
        limit.from = run + "/" + of_run;
        all.push_back(limit);
      }
      return;
    }
    if (!today_) today_ = local_day(state_.zone, at_);
    auto& span = spans_[std::size_t(period)];
    if (!span) span = span_of(period, *today_);
    limit.from = scope + "/" + span->from;
    limit.until = scope + "/" + span->until;
    for (const auto& other : with) limit.also.push_back({other + "/" + span->from, other + "/" + span->until});
    limit.warn_at = percent_of(warn_at);
    all.push_back(std::move(limit));
  }

  const company_state& state_;
  const time_point at_;
  std::optional<std::chrono::sys_days> today_;
  std::array<std::optional<period_span>, 5> spans_;
};

/// Scopes of the records that were merged into this one: what was spent on them was spent on it.
std::vector<std::string> merged_into(const company_state& state, const entity& known) {
  std::vector<std::string> scopes;
  if (!known.absorbed.empty())
    for (const auto* other : state.entities.same_as(known.id))
      if (other->id != known.id) scopes.push_back("entity/" + other->id);
  return scopes;
}

bool is_class(const company_manifests& m, const std::string& name) {
  return m.company.models.contains(name) || std::any_of(m.roles.begin(), m.roles.end(), [&](const auto& r) { return r.second.model && r.second.model->class_ == name; });
}

}  // namespace

budget_scope scope_of(const std::string& said) {
  const auto space = said.find(' ');
  if (space == said.npos) return {said, ""};
  return {said.substr(0, space), said.substr(said.find_first_not_of(' ', space) == said.npos ? said.size() : said.find_first_not_of(' ', space))};
}

std::vector<budget_limit> limits_of(const company_manifests& m, const company_state& state, const expense& what, time_point at) {
  collector c(state, at);
  const bool asks = what.connector.empty();
  const std::vector<std::string> payer{state.payer_of(what.run)};
  c.add(limits_in(m.company), "company", "the company's", payer, "company", asks, asks);
  if (const auto role = m.roles.find(what.role); role != m.roles.end() && role->second.limits)
    c.add(limits_in(*role->second.limits), "role/" + what.role, "the role " + what.role + "'s", payer, "role/" + what.role, asks, asks);
  const auto scopes = state.scopes_of(what.run);
  for (const auto& scope : scopes) {
    if (!scope.starts_with("workflow/")) continue;
    const auto name = scope.substr(scope.find('/') + 1);
    if (const auto w = m.workflows.find(name); w != m.workflows.end() && w->second.limits)
      c.add(limits_in(*w->second.limits), scope, "the workflow " + name + "'s", payer, "company", asks, asks);
  }
  for (const auto& said : m.company.budgets) {
    const auto [kind, name] = scope_of(said.for_);
    if (kind == "model" && asks) {
      if (name == what.model_class) c.add(limits_in(said), "class/" + name, "the model class " + name + "'s", payer, "class/" + name, true, true);
      if (name == what.model) c.add(limits_in(said), "model/" + name, "the model " + name + "'s", payer, "model/" + name, true, true);
    } else if (kind == "connector" && name == what.connector) {
      c.add(limits_in(said), "connector/" + name, "the connector " + name + "'s", payer, "connector/" + name, true, false);
    } else if (kind == "each") {
      for (const auto& scope : scopes) {
        if (!scope.starts_with("entity/")) continue;
        const auto* known = state.entities.find(scope.substr(scope.find('/') + 1));
        if (!known || known->type != name) continue;
        c.with = merged_into(state, *known);
        c.add(limits_in(said), scope, known->id + "'s", payer, "company", asks, asks);
        c.with.clear();
      }
    }
  }
  return std::move(c.all);
}

std::vector<budget_limit> all_limits(const company_manifests& m, const company_state& state, time_point at) {
  collector c(state, at);
  std::vector<std::string> runs;
  std::map<std::string, std::vector<std::string>> runs_of;  // by scope
  for (const auto& [id, r] : state.runs) {
    if (r.payer != id) continue;
    runs.push_back(id);
    for (const auto& scope : r.counts_for) runs_of[scope].push_back(id);
  }
  c.add(limits_in(m.company), "company", "the company's", runs, "company", true, true);
  for (const auto& [name, role] : m.roles)
    if (role.limits) c.add(limits_in(*role.limits), "role/" + name, "the role " + name + "'s", runs, "role/" + name, true, true);
  for (const auto& [name, w] : m.workflows)
    if (w.limits) c.add(limits_in(*w.limits), "workflow/" + name, "the workflow " + name + "'s", runs_of["workflow/" + name], "company", true, true);
  for (const auto& said : m.company.budgets) {
    const auto [kind, name] = scope_of(said.for_);
    if (kind == "model" && is_class(m, name)) c.add(limits_in(said), "class/" + name, "the model class " + name + "'s", runs, "class/" + name, true, true);
    else if (kind == "model") c.add(limits_in(said), "model/" + name, "the model " + name + "'s", runs, "model/" + name, true, true);
    else if (kind == "connector") c.add(limits_in(said), "connector/" + name, "the connector " + name + "'s", runs, "connector/" + name, true, false);
    else
      for (const auto& [id, known] : state.entities.all()) {
        if (known.type != name || !known.merged_into.empty()) continue;
        const auto& accounts = state.spending.accounts();
        c.with = merged_into(state, known);
        auto own = c.with;
        own.push_back("entity/" + id);
        const bool spent = std::any_of(own.begin(), own.end(), [&](const auto& scope) {
          const auto first = accounts.lower_bound(scope + "/");
          return first != accounts.end() && first->first.starts_with(scope + "/");
        });
        if (spent) c.add(limits_in(said), "entity/" + id, id + "'s", runs_of["entity/" + id], "company", true, true);
        c.with.clear();
      }
  }
  return std::move(c.all);
}

}  // namespace steward
