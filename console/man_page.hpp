/// The manual page in troff, from the rows of the commands.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "console/command.hpp"

namespace steward {

std::string man_page(const std::vector<command>& all, std::string_view version);

}  // namespace steward
