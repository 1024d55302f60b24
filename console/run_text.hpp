/// Draws runs, timelines, traces, costs and the answer to "why". Pure: JSON in, text out.
#pragma once
#include <string>

#include "console/terminal.hpp"
#include "runtime/clock.hpp"
#include "runtime/json.hpp"

namespace steward {

std::string runs_text(const json& runs, time_point now, const paint& p);
/// A run (the view `run`) above its timeline.
std::string run_text(const json& run, const json& timeline, time_point now, const paint& p);
std::string trace_text(const json& events, bool with_bodies, const paint& p);
std::string cost_text(const json& cost, const paint& p);
/// Each limit with what is left of it; what is counted without one. Limits of single runs that nothing was used of are left out, unless `all`.
std::string budget_text(const json& budget, time_point now, const paint& p, bool all = false);
std::string estimate_text(const json& estimate, const paint& p);
std::string outcomes_text(const json& outcomes, const paint& p);
/// `whole` lists all evidence.
std::string why_text(const json& told, const paint& p, bool whole);

}  // namespace steward
