/// What a stretch of time brought: done, waiting, spent, getting worse, and how well the work goes. For `steward digest`.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runtime/coordination/company_state.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

/// One stretch of time, counted from the journal.
struct period_counts {
  std::map<std::string, std::map<std::string, std::int64_t>> runs;  // workflow -> outcome, or "failed" or "stopped" -> how many ended so
  std::map<std::string, std::int64_t> effects;                      // action -> how many were confirmed
  money cost;                                                       // model calls and effects
  std::int64_t approved = 0;                                        // as they were asked
  std::int64_t changed = 0;                                         // approved after the operator had changed something
  std::int64_t rejected = 0;
  std::int64_t expired = 0;
  std::int64_t escalations = 0;                                     // cards that are no approvals
  std::int64_t steps_failed = 0;
  std::int64_t models_failed = 0;
  std::int64_t in_doubt = 0;                                        // effects of which nobody knew for a while whether they happened
  std::int64_t faults = 0;                                          // parts of the engine that had to be started again, events set aside
  std::vector<double> answered_after_s;                             // seconds between a question and its decision, ascending
};
BOOST_DESCRIBE_STRUCT(period_counts, (), (runs, effects, cost, approved, changed, rejected, expired, escalations, steps_failed, models_failed, in_doubt, faults, answered_after_s))

struct waiting_card {
  std::string card, about, title;
  time_point raised_at;
};
BOOST_DESCRIBE_STRUCT(waiting_card, (), (card, about, title, raised_at))

struct period_report {
  time_point from, until;
  period_counts now, before;        // `before`: the same stretch before it
  std::vector<waiting_card> waits;  // open now, the oldest first
  std::vector<std::string> worse;   // sentences
  std::optional<double> right;      // share of decisions that were "yes, as it is"; nothing where none was made
  std::optional<double> median_answer_s;
};
BOOST_DESCRIBE_STRUCT(period_report, (), (from, until, now, before, waits, worse, right, median_answer_s))

/// `state` is the fold of the same journal, as of `until`.
result<period_report> report_of(reader& source, const company_state& state, time_point from, time_point until);

}  // namespace steward
