#include "tests/support/catch.hpp"

#include "runtime/random.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

std::string next(std::string_view cron, std::string_view zone, std::string_view after) {
  const auto s = schedule::parse(cron, zone);
  if (!s) return to_sentence(s.error());
  return to_local_text(zone, s->next_after(*parse_time(after)));
}

struct row {
  const char *cron, *zone, *after, *expected;
};

error refused(std::string_view cron, std::size_t& at) {
  const auto s = schedule::parse(cron, "UTC", &at);
  REQUIRE(!s);
  return s.error();
}

}  // namespace

TEST_CASE("schedule fires at the next time its five fields describe") {
  const row rows[] = {
      {"0 9 * * MON", "Europe/Berlin", "2026-11-21T00:00:00Z", "2026-11-23 09:00 Europe/Berlin"},
      {"0 9 * * MON", "Europe/Berlin", "2026-11-23T08:00:00Z", "2026-11-30 09:00 Europe/Berlin"},  // strictly after
      {"0 9 * * MON", "Europe/Berlin", "2026-11-23T07:59:59.999999Z", "2026-11-23 09:00 Europe/Berlin"},
      {"*/15 8-17 * * *", "UTC", "2026-11-21T17:45:00Z", "2026-11-22 08:00 UTC"},
      {"5,50 0-23/6 * * *", "UTC", "2026-11-21T06:05:00Z", "2026-11-21 06:50 UTC"},
      {"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29 00:00 UTC"},
      {"0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29 00:00 UTC"},  // 2100 is no leap year
      {"0 0 * jan-mar fri-sun", "UTC", "2026-04-01T00:00:00Z", "2027-01-01 00:00 UTC"},
      {"0 12 * * 7", "UTC", "2026-11-21T00:00:00Z", "2026-11-22 12:00 UTC"},
      {"0 12 * * 0", "UTC", "2026-11-21T00:00:00Z", "2026-11-22 12:00 UTC"},
      {"30 23 31 12 *", "Pacific/Auckland", "2026-12-31T10:29:00Z", "2026-12-31 23:30 Pacific/Auckland"},
  };
  for (const auto& r : rows) {
    INFO(r.cron << " after " << r.after);
    CHECK(next(r.cron, r.zone, r.after) == r.expected);
  }
}

TEST_CASE("schedule with day and weekday fires when one of them fits, and with a star only when both do") {
  CHECK(next("0 0 13 * FRI", "UTC", "2026-11-07T00:00:00Z") == "2026-11-13 00:00 UTC");  // is both
  CHECK(next("0 0 13 * FRI", "UTC", "2026-11-13T00:00:00Z") == "2026-11-20 00:00 UTC");  // a Friday
  CHECK(next("0 0 13 * FRI", "UTC", "2026-12-12T00:00:00Z") == "2026-12-13 00:00 UTC");  // a Sunday, the 13th
  CHECK(next("0 0 */10 * FRI", "UTC", "2026-11-01T00:00:00Z") == "2026-12-11 00:00 UTC");  // 1, 11, 21, 31 and a Friday
}

TEST_CASE("schedule fires a time that summer time skips once, at the first minute after the gap") {
  CHECK(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z") == "2026-03-29 03:00 Europe/Berlin");
  CHECK(next("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z") == "2026-03-30 02:30 Europe/Berlin");
  CHECK(next("*/10 * * * *", "Europe/Berlin", "2026-03-29T00:50:00Z") == "2026-03-29 03:00 Europe/Berlin");
  CHECK(next("*/10 * * * *", "Europe/Berlin", "2026-03-29T01:00:00Z") == "2026-03-29 03:10 Europe/Berlin");
  // Samoa had no 30 December 2011: it went over the date line.
  CHECK(next("0 9 30 12 *", "Pacific/Apia", "2011-12-29T12:00:00Z") == "2011-12-31 00:00 Pacific/Apia");
}

TEST_CASE("schedule fires a time that comes twice once, the first time") {
  const auto s = schedule::parse("30 2 * * *", "Europe/Berlin").value();
  const auto first = s.next_after(*parse_time("2026-10-24T12:00:00Z"));
  CHECK(to_text(first) == "2026-10-25T00:30:00.000000Z");  // 2:30 summer time
  CHECK(to_text(s.next_after(first)) == "2026-10-26T01:30:00.000000Z");
  const auto often = schedule::parse("*/10 * * * *", "Europe/Berlin").value();
  CHECK(to_text(often.next_after(*parse_time("2026-10-25T00:50:00Z"))) == "2026-10-25T02:00:00.000000Z");
}

TEST_CASE("schedule makes up for downtime with one run at most") {
  const auto s = schedule::parse("0 9 * * *", "UTC").value();
  const auto at = [](std::string_view text) { return *parse_time(text); };
  CHECK(s.missed_between(at("2026-11-21T09:00:00Z"), at("2026-11-22T08:59:00Z")) == std::nullopt);
  CHECK(s.missed_between(at("2026-11-21T09:00:00Z"), at("2026-11-22T09:00:00Z")) == at("2026-11-22T09:00:00Z"));
  CHECK(s.missed_between(at("2026-11-01T10:00:00Z"), at("2026-11-22T15:00:00Z")) == at("2026-11-22T09:00:00Z"));
}

TEST_CASE("schedule leaves nothing out between a random moment and the next due time") {
  constexpr std::uint64_t seed = 20261121;
  INFO("seed " << seed);
  const auto chance = make_seeded_random(seed);
  const char* crons[] = {"*/7 1-3 * * *", "30 2 * 3,10 SUN", "0 0,23 1-7 * MON-FRI/2", "59 * 28-31 2,3 *"};
  const auto from = *parse_time("2026-01-01T00:00:00Z");
  for (int i = 0; i < 40; ++i) {
    const auto s = schedule::parse(crons[i % 4], "America/New_York").value();
    const auto start = from + duration{std::chrono::minutes{std::int64_t(chance->next() % (366 * 24 * 60))}};
    const auto due = s.next_after(start);
    const auto middle = start + (due - start) / 2;
    INFO(crons[i % 4] << " after " << to_text(start));
    CHECK(s.next_after(due - duration{1}) == due);   // nothing is later than it looks from just before
    CHECK(s.next_after(middle) == due);              // and nothing lies between
    CHECK(s.missed_between(start, due) == due);
    CHECK(s.missed_between(start, due - duration{1}) == std::nullopt);
  }
}

TEST_CASE("a broken schedule is refused at the field that is wrong") {
  struct bad_row {
    const char* cron;
    std::size_t at;
    const char* found;
  };
  const bad_row rows[] = {
      {"0 9 * *", 0, "the schedule '0 9 * *' has 4 fields"},
      {"0 9 * * MON 2026", 12, "the schedule '0 9 * * MON 2026' has 6 fields"},
      {"0 24 * * *", 2, "the hour 24 does not exist"},
      {"0 9 * * MOO", 8, "the weekday 'MOO' is not known"},
      {"0 9 * * MON,", 12, "the weekday 'MON,' breaks off"},
      {"0 17-8 * * *", 2, "the range '17-8' runs backwards"},
      {"*/0 9 * * *", 2, "the step of the minute is no number from 1 to 59"},
      {"5/10 9 * * *", 0, "the step '5/10' has no range"},
      {"0 9 30 2 *", 4, "day 30 never comes in month 2"},
      {"0 9 L * *", 4, "the day 'L' is not known"},
      {"0 9 * ? *", 6, "'?' can't stand in the month"},
  };
  for (const auto& r : rows) {
    std::size_t at = 99;
    const auto e = refused(r.cron, at);
    CHECK(e.found == r.found);
    CHECK(at == r.at);
    CHECK(e.code == "bad_cron");
  }
}

TEST_CASE("an unknown time zone is refused with the nearest name") {
  CHECK(zone_exists("Europe/Berlin"));
  CHECK(zone_exists("UTC"));
  CHECK_FALSE(zone_exists("Europe/Belrin"));
  CHECK_FALSE(zone_exists("../../etc/passwd"));
  CHECK(to_sentence(schedule::parse("0 9 * * *", "Europe/Belrin").error()) ==
        "the time zone 'Europe/Belrin' is not known. Expected an IANA name such as Europe/Berlin or UTC. Did you mean 'Europe/Berlin'? [unknown_zone]");
  CHECK(nearest_zone("Berlin") == "Europe/Berlin");
  CHECK(nearest_zone("new york") == "America/New_York");
  CHECK(nearest_zone(std::string(1'000'000, 'A')).empty());
}

TEST_CASE("the operator's day begins at local midnight, or at the first moment after it where midnight is skipped") {
  CHECK(to_text(day_start("Europe/Berlin", *parse_time("2026-11-21T22:59:00Z"))) == "2026-11-20T23:00:00.000000Z");
  CHECK(to_text(day_start("Europe/Berlin", *parse_time("2026-11-21T23:00:00Z"))) == "2026-11-21T23:00:00.000000Z");
  CHECK(to_text(day_start("America/Havana", *parse_time("2026-03-08T12:00:00Z"))) == "2026-03-08T05:00:00.000000Z");  // 0:00 became 1:00
  CHECK(to_local_text("Asia/Kathmandu", *parse_time("2026-11-23T09:00:59Z")) == "2026-11-23 14:45 Asia/Kathmandu");
}

}  // namespace steward
