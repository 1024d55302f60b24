/// What an idle company costs: memory, processor, and the time of a first word. Numbers are told; only generous bounds are checked.
#include "tests/support/catch.hpp"
#include "tests/support/world/company_watch.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

#include <unistd.h>

namespace steward::proof {

namespace {

long resident_kb(pid_t id) {
  std::ifstream status("/proc/" + std::to_string(id) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  return 0;
}

/// Processor time used so far, in clock ticks (hundredths of a second).
long ticks(pid_t id) {
  std::ifstream stat("/proc/" + std::to_string(id) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream rest(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) rest >> skipped;
  long user = 0, system = 0;
  rest >> user >> system;
  return user + system;
}

constexpr bool sanitized =
#ifdef __SANITIZE_ADDRESS__
    true;
#else
    false;
#endif

}  // namespace

TEST_CASE("an idle company needs less than 60 MB and next to no processor") {
  scratch_folder scratch;
  test_company company(model_company(), scratch.path());
  // With the machine's own clock: a test clock is looked at fifty times a second, which is not what is idle for people.
  program up({program_under_test(), "--workspace", company.workspace(), "up", "--foreground", "--json"}, {}, {.err = scratch.path() + "/up.err"});
  for (int looks = 0; looks < 4000 && text_of_file(scratch.path() + "/up.err").find("\"ready\":true") == std::string::npos; ++looks) REQUIRE_FALSE(up.ended(std::chrono::milliseconds{5}));
  REQUIRE_FALSE(up.ended(std::chrono::milliseconds{500}));  // what the start leaves behind
  const auto before = ticks(up.id());
  constexpr int seconds = 3;
  REQUIRE_FALSE(up.ended(std::chrono::seconds{seconds}));
  const auto used = ticks(up.id()) - before;
  const auto kb = resident_kb(up.id());
  std::cout << "idle: " << kb / 1024 << " MB resident, " << 100.0 * double(used) / double(::sysconf(_SC_CLK_TCK)) / seconds << " % of a processor over " << seconds << " s\n";
  if (!sanitized) CHECK(kb < 60 * 1024);
  CHECK(used < 30 * seconds);  // Less than a third of a processor: a busy loop would take all of it, a busy machine adds little.
}

TEST_CASE("steward version answers without looking at a workspace") {
  scratch_folder scratch;
  constexpr int times = 5;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) {
    const auto said = run_program({program_under_test(), "version"}, {}, scratch.path(), std::chrono::seconds{20});
    CHECK(said.end == program_end{});
    CHECK(said.out.find("steward") != std::string::npos);
  }
  const auto each = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count() / times;
  std::cout << "steward version: " << each << " ms each\n";
}

}  // namespace steward::proof
