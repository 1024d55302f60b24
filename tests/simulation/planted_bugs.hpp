/// Breaks the engine on purpose, in one place at a time, and lets the proofs look for it.
#pragma once
#include <string>
#include <vector>

#include "tests/simulation/drill.hpp"

namespace steward::simulation {

/// Prints each planted bug and who caught it. 0: every one was caught; 1: one was not, or it took too long; 2: this program was built without bugs.
int catch_planted_bugs(const std::vector<drill>& drills, const std::vector<std::string>& names);

}  // namespace steward::simulation
