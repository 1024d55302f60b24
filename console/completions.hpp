/// Completion scripts for shells, from the rows of the commands.
#pragma once
#include <string>
#include <vector>

#include "console/command.hpp"

namespace steward {

/// `shell`: bash, zsh or fish.
std::string completions_for(const std::string& shell, const std::vector<command>& all);

}  // namespace steward
