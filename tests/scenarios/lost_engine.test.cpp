/// The parent process: an engine that is killed comes back, one that is killed too often does not, and the parent says so.
#include "tests/support/catch.hpp"
#include "tests/support/world/company_watch.hpp"

#include <csignal>

#include "runtime/journal/lock.hpp"

namespace steward::proof {

namespace {

/// The process that holds the workspace: the engine, not its parent. 0: nobody does.
pid_t engine_id(const test_company& company) { return process_lock::holder(company.workspace() + "/.steward/lock"); }

/// How often the engine has said that it serves.
std::size_t starts(const test_company& company) {
  const auto said = company.engine_said();
  std::size_t n = 0;
  for (auto at = said.find("\"ready\":true"); at != said.npos; at = said.find("\"ready\":true", at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("steward up starts an engine that was killed again, and the run goes on") {
  company_watch w;
  w.start({});
  REQUIRE(w.company.command({"run", "weekly_update", "--no-wait", "--input", R"({"since": "2026-10-01T00:00:00Z"})"}).end == program_end{});
  REQUIRE(w.until([&] { return w.count<event::model_asked>() > 0; }));
  const auto first = engine_id(w.company);
  REQUIRE(first != w.company.engine().id());
  ::kill(first, SIGKILL);
  REQUIRE(w.until([&] { return starts(w.company) == 2; }));
  CHECK(engine_id(w.company) != first);
  REQUIRE(w.until([&] { return w.count<event::approval_asked>() == 1; }, std::chrono::seconds{1}));
  CHECK(w.company.stop_engine() == program_end{});
  CHECK(engine_id(w.company) == 0);
}

TEST_CASE("steward up gives up an engine that is lost beyond the window, and says so in a sentence") {
  company_watch w;
  w.start({});
  for (std::size_t killed = 1; killed <= 6 && w.company.engine_runs(); ++killed) {
    ::kill(engine_id(w.company), SIGKILL);
    // The parent's waits grow; they are its own and don't follow the test clock.
    for (int looks = 0; looks < 6000 && starts(w.company) == killed && !w.company.engine_ended(std::chrono::milliseconds{5}); ++looks) {}
  }
  const auto end = w.company.engine_ended(std::chrono::seconds{30});
  REQUIRE(end);
  CHECK_FALSE(*end == program_end{});
  CHECK(starts(w.company) == 4);  // once, and three times again
  const auto said = w.company.engine_said();
  INFO(said);
  CHECK(said.find("10m") != said.npos);
  // What was on disk is still there, and a fresh `up` is not held to the old window.
  w.start({});
  CHECK(w.company.stop_engine() == program_end{});
}

TEST_CASE("when the parent is killed its engine ends too, and the workspace is free") {
  company_watch w;
  w.start({});
  REQUIRE(engine_id(w.company) > 0);
  w.company.engine().signal(SIGKILL);
  REQUIRE(w.company.engine_ended(std::chrono::seconds{10}));
  int looks = 0;
  for (; looks < 5000 && engine_id(w.company) != 0; ++looks) w.company.look();  // each look is a round trip to the world
  REQUIRE(looks < 5000);
  w.start();
  CHECK(w.company.stop_engine() == program_end{});
}

}  // namespace steward::proof
