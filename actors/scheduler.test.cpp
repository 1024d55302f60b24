#include "tests/support/catch.hpp"

#include "actors/scheduler.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

const time_point saturday = parse_time("2026-11-21T09:00:00Z").value();
const role_brief brief{.role = "scheduler", .company_zone = "Europe/Berlin"};
const slot_request half_an_hour{.lasts = 30min, .summary = "Answer replies"};

step_started<slot_request> started(const slot_request& input) { return {.run = "run-1", .step = "slot", .at = saturday, .input = input}; }
looked_up busy(json list) { return {.tag = "busy", .at = saturday, .action = "calendar.busy", .answer = {{"busy", std::move(list)}}}; }
effect_settled settled(const char* how, json answer = boost::json::object{}) {
  return {.tag = "booking", .at = saturday, .effect = "eff-1", .action = "calendar.book", .how = how, .reason = "no", .answer = std::move(answer)};
}
const json monday_nine = {{{"from", "2026-11-23T08:00:00Z"}, {"to", "2026-11-23T08:40:00Z"}}};

/// A scheduler that has proposed its slot.
scheduler::state proposed() {
  scheduler::state self;
  scheduler{brief}.on(self, started(half_an_hour));
  scheduler{brief}.on(self, busy(monday_nine));
  return self;
}

}  // namespace

TEST_CASE("scheduler looks at the calendar before it proposes") {
  scheduler::state self;
  const auto wanted = scheduler{brief}.on(self, started(half_an_hour));
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) ==
        R"({"action":"calendar.busy","kind":"look_up","tag":"busy","with":{"from":"2026-11-21T09:00:00.000000Z","to":"2026-12-06T09:00:00.000000Z"}})");
}

TEST_CASE("scheduler proposes the first free slot in the company's zone, with its reason") {
  scheduler::state self;
  scheduler{brief}.on(self, started(half_an_hour));
  const auto wanted = scheduler{brief}.on(self, busy(monday_nine));
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) ==
        R"({"action":"calendar.book","evidence":["calendar:busy as of 2026-11-21T09:00:00.000000Z"],"kind":"propose_effect","tag":"booking",)"
        R"("why":"The first free slot inside working hours is Mon 23 Nov 2026, 09:45-10:15 (Europe/Berlin).",)"
        R"("with":{"from":"2026-11-23T08:45:00.000000Z","summary":"Answer replies","to":"2026-11-23T09:15:00.000000Z","zone":"Europe/Berlin"}})");
}

TEST_CASE("scheduler takes zone and working hours from the step, then the role, then the company") {
  const role_brief with_settings{.role = "scheduler", .settings = {{"zone", "Asia/Tokyo"}, {"opens", "10:00"}}, .company_zone = "Europe/Berlin"};
  scheduler::state self;
  scheduler{with_settings}.on(self, started(half_an_hour));
  CHECK(to_json_text(self.hours) == R"({"closes":"17:00","opens":"10:00","zone":"Asia/Tokyo"})");
  scheduler{with_settings}.on(self, started({.lasts = 30min, .summary = "x", .zone = "UTC", .closes = "12:00"}));
  CHECK(to_json_text(self.hours) == R"({"closes":"12:00","opens":"10:00","zone":"UTC"})");
}

TEST_CASE("scheduler reads `after` as a moment or as a time from now, and never looks into the past") {
  const auto [after, expected] = GENERATE(table<std::optional<std::string>, std::string>({{std::nullopt, "2026-11-21T09:00:00.000000Z"},
                                                                                          {"1d", "2026-11-22T09:00:00.000000Z"},
                                                                                          {"2026-11-30T00:00:00Z", "2026-11-30T00:00:00.000000Z"},
                                                                                          {"2020-01-01T00:00:00Z", "2026-11-21T09:00:00.000000Z"}}));
  scheduler::state self;
  scheduler{brief}.on(self, started({.lasts = 30min, .summary = "x", .after = after}));
  CHECK(to_text(self.after) == expected);
}

TEST_CASE("scheduler finishes once the booking is confirmed, with the calendar's id of it") {
  auto self = proposed();
  const auto done = scheduler{brief}.on(self, settled("confirmed", {{"id", "uid-7"}}));
  REQUIRE(done.size() == 1);
  CHECK(to_json_text(done[0]) ==
        R"~({"evidence":["calendar:Mon 23 Nov 2026, 09:45-10:15 (Europe/Berlin)"],"kind":"finish","result":{"booking":"uid-7","from":"2026-11-23T08:45:00.000000Z",)~"
        R"~("text":"Mon 23 Nov 2026, 09:45-10:15 (Europe/Berlin)","to":"2026-11-23T09:15:00.000000Z","zone":"Europe/Berlin"}})~");
}

TEST_CASE("scheduler goes on without a booking when the effect was only rehearsed") {
  auto self = proposed();
  const auto done = scheduler{brief}.on(self, settled("shadowed"));
  CHECK(text_at(std::get<finish>(done.at(0)).result, "booking", "?").empty());
}

TEST_CASE("scheduler looks again when somebody was faster, three times at most") {
  auto self = proposed();
  const scheduler agent{brief};
  CHECK(kind_of(agent.on(self, settled("refused")).at(0)) == "look_up");
  CHECK(kind_of(agent.on(self, settled("refused")).at(0)) == "look_up");
  CHECK(kind_of(agent.on(self, settled("refused")).at(0)) == "give_up");
}

TEST_CASE("scheduler takes a no from gate or operator for a no") {
  for (const auto* how : {"rejected", "denied", "discarded", "failed"}) {
    auto self = proposed();
    const auto said = scheduler{brief}.on(self, settled(how));
    REQUIRE(kind_of(said.at(0)) == "give_up");
    CHECK(std::get<give_up>(said[0]).reason == "The slot Mon 23 Nov 2026, 09:45-10:15 (Europe/Berlin) was not booked (" + std::string(how) + ": no).");
  }
}

TEST_CASE("scheduler gives up with a sentence when no slot can be found") {
  scheduler::state self;
  const scheduler agent{brief};
  agent.on(self, started(half_an_hour));
  const auto full = agent.on(self, busy({{{"from", "2026-11-01T00:00:00Z"}, {"to", "2027-01-01T00:00:00Z"}}}));
  CHECK(std::get<give_up>(full.at(0)).reason == "There is no free slot of 30m in the two weeks after 2026-11-21T09:00:00.000000Z.");
  agent.on(self, started({.lasts = 30min, .summary = "x", .opens = "nine"}));
  CHECK(std::get<give_up>(agent.on(self, busy(boost::json::array{})).at(0)).reason.find("bad_time_of_day") != std::string::npos);
}
