/// What a stretch of time brought: done, waiting, spent, getting worse, and how well the work goes. For `steward digest`.
#pragma once
#include <string>
#include <vector>

#include "runtime/observation/period_counts.hpp"

namespace steward {

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

/// The page, as text. `waits`: a line for each card, `trouble`: sentences beside what got worse.
std::string digest_text(const period_report& report, const std::vector<std::string>& waits, const std::vector<std::string>& trouble, const std::string& zone);

}  // namespace steward
