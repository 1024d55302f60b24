/// What happened in stretches of time, counted from the journal.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/coordination/company_state.hpp"
#include "runtime/observation/typed_events.hpp"

namespace steward {

/// One stretch of time.
struct period_counts {
  std::map<std::string, std::map<std::string, std::int64_t>> runs;  // workflow -> outcome, or "failed" or "stopped" -> how many ended so
  std::map<std::string, std::map<std::string, amounts>> run_cost;   // of those runs, as far as it was spent in the time that was read
  std::map<std::string, std::int64_t> effects;                      // action -> how many were confirmed
  amounts cost;                                                     // model calls and effects, each currency by itself
  std::int64_t approved = 0;                                        // as they were asked
  std::int64_t changed = 0;                                         // approved after the operator had changed something
  std::int64_t rejected = 0;
  std::int64_t expired = 0;
  std::int64_t asked = 0;                                           // approvals
  std::int64_t escalations = 0;                                     // cards that are no approvals
  std::int64_t steps_failed = 0;
  std::int64_t models_failed = 0;
  std::int64_t in_doubt = 0;                                        // effects of which nobody knew for a while whether they happened
  std::int64_t sla_missed = 0;                                      // thresholds of roles and workflows
  std::int64_t faults = 0;                                          // parts of the engine that had to be started again, events set aside
  std::vector<double> answered_after_s;                             // seconds between a question and its decision, ascending
  std::int64_t answers = 0;                                         // of the operator, of every kind
  std::int64_t answers_timed = 0;                                   // of them, those that followed another within `sitting` …
  double attention_s = 0;                                           // … and how long they took together
};
BOOST_DESCRIBE_STRUCT(period_counts, (), (runs, run_cost, effects, cost, approved, changed, rejected, expired, asked, escalations, steps_failed, models_failed, in_doubt, sla_missed, faults,
                                          answered_after_s, answers, answers_timed, attention_s))

/// Two answers closer than this are given in one sitting: the time between them is what the second took. Of the first of a sitting
/// nobody knows how long it took, and time between a question and its answer is no attention.
inline constexpr duration sitting = std::chrono::minutes{5};

/// How many of the decisions were "yes, as it is"; nothing where none was made.
std::optional<double> share_right(const period_counts& c);
/// What the operator's answers took: those that could be timed, and the others at the mean of these; nothing where none could.
std::optional<double> attention_s(const period_counts& c);
/// What one run that ended cost in the mean, by currency; nothing where none ended.
std::optional<amounts> cost_of_a_run(const period_counts& c);
std::int64_t runs_in(const period_counts& c);

/// The stretches between these times: n + 1 ascending times make n stretches. `state` names the workflows of runs, as far as it knows.
result<std::vector<period_counts>> count_periods(reader& source, const company_state& state, const std::vector<time_point>& bounds);

}  // namespace steward
