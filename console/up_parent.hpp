/// The parent process of `steward up`: this program again, as the engine, watched and restarted.
#pragma once
#include <string>
#include <vector>

namespace steward {

/// Starts this program with `words`, restarts it within the window, passes signals on. Gives the exit code.
int run_as_parent(const std::vector<std::string>& words);

}  // namespace steward
