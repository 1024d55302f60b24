/// Compares what the outside world saw, and what the journal says, with what was promised.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/crash/operator_script.hpp"

namespace steward::proof {

/// What happened how often in a story that nobody disturbed.
using figures = std::map<std::string, long>;
figures count_what_counts(const std::vector<told>& events);

/// The broken promises, one sentence each. `undisturbed`: the figures of the same story without a kill; nullptr: this is it.
std::vector<std::string> judge(test_company& company, const operator_script& script, story which, const figures* undisturbed);

}  // namespace steward::proof
