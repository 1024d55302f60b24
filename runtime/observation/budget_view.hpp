/// What the operator sees of money and other limits: what is left, what a run used, what the next one will probably take.
#pragma once
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"

namespace steward {

/// Every limit with what is spent, reserved and left, and what is counted this month without a limit.
json budget_view(const company_state& state, const company_manifests& manifests, time_point now);
/// {"cost": "0.20 EUR", "tokens", "calls", "effects", "decisions", "waited"}
json use_view(const run_use& used);
/// The median and the highest of the finished runs of this workflow that ended before `before`; "runs" says how many these are.
json estimate_view(const company_state& state, const std::string& workflow, time_point before);
/// For each workflow and outcome: how many runs, what they used together, and on average.
json outcomes_view(const company_state& state);

}  // namespace steward
