#include "console/start_pages.hpp"

#include <fstream>
#include <string>

#include "console/command_line.hpp"
#include "console/commands.hpp"
#include "tests/support/catch.hpp"

namespace steward {
namespace {

/// Pages of files that are mapped now, in kB.
long mapped_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
  return 0;
}

}  // namespace

TEST_CASE("what only the start needed leaves memory, and everything still works") {
  const auto commands = all_commands();
  std::string names;
  for (const auto& c : commands) names += c.name + c.summary;
  const auto before = mapped_kb();
  let_go_of_start_pages();
  CHECK(mapped_kb() < before / 2);
  std::string again;
  for (const auto& c : all_commands()) again += c.name + c.summary;
  CHECK(again == names);
}

}  // namespace steward
