/// Questions that are alike, drawn as one: how many, what they share, and in what they differ. Pure: JSON of a view in, text out.
#pragma once
#include <string>
#include <vector>

#include "console/terminal.hpp"
#include "runtime/clock.hpp"
#include "runtime/json.hpp"

namespace steward {

/// The approvals (as in the view `approval`) of one group, for the inbox.
std::string group_text(const std::vector<const json*>& questions, time_point now, const paint& p);

/// A line for each question: its name, what it is, and each argument in which they differ. Of long texts it says how much is its
/// own against the first.
std::string differences_text(const std::vector<const json*>& questions, const paint& p);

}  // namespace steward
