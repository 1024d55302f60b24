/// A pause holds through kill -9 and restart, until the operator says otherwise.
#include "tests/support/catch.hpp"
#include "tests/support/world/company_watch.hpp"

#include <csignal>

namespace steward::proof {

namespace {

constexpr auto update_input = R"({"since": "2026-10-01T00:00:00Z"})";
const program_end well{};

}  // namespace

TEST_CASE("pause of the company survives kill -9 and restart, and what waited goes on after resume") {
  company_watch w;
  w.start();
  REQUIRE(w.company.command({"pause", "company", "--reason", "holiday"}).end == well);
  REQUIRE(w.company.command({"run", "weekly_update", "--no-wait", "--input", update_input}).end == well);

  w.company.engine().signal(SIGKILL);
  REQUIRE(w.company.engine_ended(std::chrono::seconds{10}));
  w.start();
  w.let_pass(std::chrono::seconds{20});
  CHECK(w.count<event::run_started>() == 1);
  CHECK(w.count<event::turn_taken>() == 0);
  CHECK(w.count<event::model_asked>() == 0);
  CHECK(w.count<event::resumed>() == 0);

  REQUIRE(w.company.command({"resume", "company"}).end == well);
  REQUIRE(w.until([&] { return w.count<event::approval_asked>() == 1; }));
}

TEST_CASE("pause of a role survives kill -9, and holds only what that role would do") {
  company_watch w;
  w.start();
  REQUIRE(w.company.command({"pause", "role", "outreach", "--reason", "new voice"}).end == well);
  w.company.engine().signal(SIGKILL);
  REQUIRE(w.company.engine_ended(std::chrono::seconds{10}));
  w.start();

  REQUIRE(w.company.command({"run", "weekly_update", "--no-wait", "--input", update_input}).end == well);
  const auto at_letters = [&] {
    const auto steps = w.all<event::step_started>();
    return !steps.empty() && steps.back().step == "letters";
  };
  REQUIRE(w.until(at_letters));
  w.let_pass(std::chrono::seconds{20});
  CHECK(at_letters());
  CHECK(w.count<event::item_finished>() == 0);

  REQUIRE(w.company.command({"resume", "role", "outreach"}).end == well);
  REQUIRE(w.until([&] { return w.count<event::approval_asked>() == 1; }));
}

TEST_CASE("an approval given while the company is paused leaves only after resume, and once") {
  company_watch w;
  w.start();
  REQUIRE(w.company.command({"run", "weekly_update", "--no-wait", "--input", update_input}).end == well);
  REQUIRE(w.until([&] { return w.count<event::approval_asked>() == 1; }));
  REQUIRE(w.company.command({"pause", "company"}).end == well);
  REQUIRE(w.company.command({"approve", "apr-1", "--only-record"}).end == well);
  w.company.engine().signal(SIGKILL);
  REQUIRE(w.company.engine_ended(std::chrono::seconds{10}));
  w.start();
  w.let_pass(std::chrono::seconds{10});
  w.company.look();
  CHECK(w.company.ledger("mail").empty());
  CHECK(w.company.ledger("page").empty());

  REQUIRE(w.company.command({"resume", "company"}).end == well);
  REQUIRE(w.until([&] { return w.count<event::run_finished>() == 1; }, std::chrono::seconds{1}));
  w.company.look();
  CHECK(w.company.ledger("mail").size() == readers().size());
}

}  // namespace steward::proof
