/// The last test: every row of every state machine was taken by the tests before it.
#define CATCH_CONFIG_EXTERNAL_INTERFACES  // for the listener
#include "runtime/execution/run.hpp"
#include "runtime/execution/breaker.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

int cases_begun = 0;
struct counts_cases : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    TestEventListenerBase::testCaseStarting(info);
    ++cases_begun;
  }
};
CATCH_REGISTER_LISTENER(counts_cases)

template <class Table>
std::string report(const char* name, const Table& table, std::size_t& missing) {
  const auto never = table.never_taken();
  missing += never.size();
  std::string text = fmt::format("{}: {} of {} rows taken\n", name, table.size() - never.size(), table.size());
  for (const auto& row : never) text += "  never taken: " + row + "\n";
  return text;
}

}  // namespace

TEST_CASE("every row of the effect, approval, step, run and breaker tables was taken") {
  if (cases_begun < 60) {
    WARN("Only some tests were run, so the rows say nothing");
    return;
  }
  std::size_t missing = 0;
  const auto text = report("effect_table", effect_table, missing) + report("approval_table", approval_table, missing) + report("step_table", step_table, missing) +
                    report("run_table", run_table, missing) + report("breaker_table", breaker_table, missing);
  INFO(text);
  CHECK(missing == 0);
}

TEST_CASE("runs that wait for the operator were packed and unpacked again and again, and nothing of them changed") {
  if (cases_begun < 60) {
    WARN("Only some tests were run, so the count says nothing");
    return;
  }
  CHECK(small_company::parked >= 100);
}

}  // namespace steward::test
