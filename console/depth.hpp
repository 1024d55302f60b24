/// `--depth`: how many relations away from a record a command looks.
#pragma once
#include "console/command_line.hpp"

namespace steward {

/// A number from 0 to 9; `fallback` where it is not given. bad_usage.
inline result<std::int64_t> depth_of(const arguments& given, const std::string& command, std::int64_t fallback) {
  const auto told = given.text("--depth", std::to_string(fallback));
  if (told.size() != 1 || told < "0" || told > "9") return error{"bad_usage", command + " --depth", "found '" + told + "'", "a number from 0 to 9", ""};
  return told.front() - '0';
}

}  // namespace steward
