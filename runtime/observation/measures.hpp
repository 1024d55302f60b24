/// How well the company works, week by week: for `steward measures`.
#pragma once
#include "runtime/observation/period_counts.hpp"

namespace steward {

struct outcome_measure {
  std::int64_t runs = 0;
  amounts cost;  // of one of them, in the mean
};
BOOST_DESCRIBE_STRUCT(outcome_measure, (), (runs, cost))

struct week_measures {
  time_point from, until;                   // Monday to Monday in the company's zone; the last one may not be over
  std::optional<double> right;              // of the decisions on proposals, the share of "yes, as it is"
  std::int64_t decided = 0;                 // proposals
  std::int64_t cards = 0;                   // that were raised: approvals and escalations
  std::int64_t escalations = 0;             // cards that are no approvals
  std::int64_t sla_missed = 0;
  std::map<std::string, std::map<std::string, outcome_measure>> outcomes;  // workflow -> outcome
  amounts cost;
  std::int64_t answers = 0;                 // of the operator, of every kind
  std::int64_t answers_timed = 0;           // of them, those whose time is known
  std::optional<double> attention_minutes;  // all answers, at the mean of those whose time is known; nothing where none is
};
BOOST_DESCRIBE_STRUCT(week_measures, (), (from, until, right, decided, cards, escalations, sla_missed, outcomes, cost, answers, answers_timed, attention_minutes))

/// The last `weeks` weeks, the oldest first; the last is the one that `now` lies in.
result<std::vector<week_measures>> measures_of(reader& source, const company_state& state, std::int64_t weeks, time_point now);

}  // namespace steward
