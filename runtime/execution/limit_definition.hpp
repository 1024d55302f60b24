/// What manifests say of spending: so much money, so many tokens, so many calls for each run, day, week, month or year.
#pragma once
#include <optional>
#include <string>

#include "runtime/described.hpp"

namespace steward {

/// Limits of spending; each one that is there must hold. Money as "0.20 EUR". Days, weeks (from Monday), months and years of the company's zone.
struct spend_definition {
  std::optional<money> per_run;
  std::optional<money> per_day;
  std::optional<money> per_week;
  std::optional<money> per_month;
  std::optional<money> per_year;
  std::optional<std::string> warn_at;  // "80%", the default: a card tells when so much of a day, week, month or year is used
};
BOOST_DESCRIBE_STRUCT(spend_definition, (), (per_run, per_day, per_week, per_month, per_year, warn_at))

/// The same for things that are counted: tokens of language models, calls.
struct count_definition {
  std::optional<std::int64_t> per_run;
  std::optional<std::int64_t> per_day;
  std::optional<std::int64_t> per_week;
  std::optional<std::int64_t> per_month;
  std::optional<std::int64_t> per_year;
  std::optional<std::string> warn_at;
};
BOOST_DESCRIBE_STRUCT(count_definition, (), (per_run, per_day, per_week, per_month, per_year, warn_at))

/// `limits:` of a workflow; a role has the same keys beside its others.
struct spending_definition {
  std::optional<spend_definition> spend;
  std::optional<count_definition> tokens;
  std::optional<count_definition> calls;  // of models
};
BOOST_DESCRIBE_STRUCT(spending_definition, (), (spend, tokens, calls))

/// An item of `budgets:` in company.yaml, for what has no manifest of its own: `{for: each customer, spend: {per_month: 2 EUR}}`.
struct budget_definition {
  std::string for_;                       // model NAME (a class or a provider) | connector NAME | each TYPE (an entity's)
  std::optional<spend_definition> spend;
  std::optional<count_definition> tokens;
  std::optional<count_definition> calls;  // of models; of a connector its effects
};
BOOST_DESCRIBE_STRUCT(budget_definition, (), (for_, spend, tokens, calls))

inline constexpr std::int64_t warn_at_default = 80;  // percent: early enough to decide, late enough to mean something

/// "80%" -> 80; nothing where it is no percentage from 1 to 100.
std::optional<std::int64_t> parse_percent(std::string_view text);

}  // namespace steward
