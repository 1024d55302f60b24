/// The whole fold as one JSON value: what `steward state` prints, and what names the difference of two folds.
#pragma once
#include <string>
#include <vector>

#include "runtime/coordination/company_state.hpp"

namespace steward {

/// {"event", "time", "digest", "company": …, "runs": {"run-3": {"here", "instances", "effects", "approvals", "calls", "cards"}},
/// "entities": {…}, "cards": {…}, "budget": {"accounts", "reservations"}}. Runs that are parked are unpacked.
json state_json(const company_state& state);

/// Where two values differ, as dotted paths ("runs.run-3.here.state"), at most `most`; empty when they are equal.
std::vector<std::string> differences(const json& one, const json& other, std::size_t most = 10);

}  // namespace steward
