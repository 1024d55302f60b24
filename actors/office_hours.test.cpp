#include "tests/support/catch.hpp"

#include "actors/office_hours.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

time_point at(const char* text) { return parse_time(text).value(); }

std::string found(const char* after, duration lasts, const office_hours& hours, std::vector<time_span> busy = {}) {
  const auto slot = first_free_slot(at(after), lasts, hours, std::move(busy));
  if (!slot) return slot.error().code;
  return *slot ? slot_text(**slot, hours.zone) : "none";
}

const office_hours berlin{"Europe/Berlin", "09:00", "17:00"};

}  // namespace

TEST_CASE("a free slot starts inside working hours of its zone, on a quarter of an hour") {
  CHECK(found("2026-11-23T05:00:00Z", 30min, berlin) == "Mon 23 Nov 2026, 09:00-09:30 (Europe/Berlin)");
  CHECK(found("2026-11-23T09:07:00Z", 30min, berlin) == "Mon 23 Nov 2026, 10:15-10:45 (Europe/Berlin)");
  CHECK(found("2026-11-23T15:31:00Z", 30min, berlin) == "Tue 24 Nov 2026, 09:00-09:30 (Europe/Berlin)");
  CHECK(found("2026-11-23T15:30:00Z", 30min, berlin) == "Mon 23 Nov 2026, 16:30-17:00 (Europe/Berlin)");
  CHECK(found("2026-11-23T02:00:00Z", 30min, {"Asia/Kathmandu", "09:00", "17:00"}) == "Mon 23 Nov 2026, 09:00-09:30 (Asia/Kathmandu)");
}

TEST_CASE("a free slot is never on a weekend") {
  CHECK(found("2026-11-20T18:00:00Z", 30min, berlin) == "Mon 23 Nov 2026, 09:00-09:30 (Europe/Berlin)");
  // Saturday in Auckland is still Friday in UTC.
  CHECK(found("2026-11-20T22:00:00Z", 30min, {"Pacific/Auckland", "09:00", "17:00"}) == "Mon 23 Nov 2026, 09:00-09:30 (Pacific/Auckland)");
}

TEST_CASE("a free slot is clear of every appointment, whatever their order and overlap") {
  const time_span nine{at("2026-11-23T08:00:00Z"), at("2026-11-23T09:10:00Z")}, ten{at("2026-11-23T09:00:00Z"), at("2026-11-23T09:20:00Z")},
      half_past{at("2026-11-23T09:50:00Z"), at("2026-11-23T10:30:00Z")};
  CHECK(found("2026-11-23T05:00:00Z", 30min, berlin, {half_past, ten, nine}) == "Mon 23 Nov 2026, 11:30-12:00 (Europe/Berlin)");
  CHECK(found("2026-11-23T05:00:00Z", 15min, berlin, {half_past, ten, nine}) == "Mon 23 Nov 2026, 10:30-10:45 (Europe/Berlin)");
  const time_span fortnight{at("2026-11-20T00:00:00Z"), at("2026-12-20T00:00:00Z")};
  CHECK(found("2026-11-23T05:00:00Z", 30min, berlin, {fortnight}) == "none");
}

TEST_CASE("summer time moves working hours, and a skipped opening hour opens when the clock has moved on") {
  // Berlin leaves summer time on 25 October 2026: nine o'clock is 07:00 UTC before and 08:00 UTC after.
  CHECK((*first_free_slot(at("2026-10-23T00:00:00Z"), 30min, berlin, {}).value()).from == at("2026-10-23T07:00:00Z"));
  CHECK((*first_free_slot(at("2026-10-24T00:00:00Z"), 30min, berlin, {}).value()).from == at("2026-10-26T08:00:00Z"));
  // Cairo skipped the hour after midnight on Friday 25 April 2025.
  const office_hours night{"Africa/Cairo", "00:15", "03:00"};
  CHECK(found("2025-04-24T21:00:00Z", 30min, night) == "Fri 25 Apr 2025, 01:00-01:30 (Africa/Cairo)");
}

TEST_CASE("a slot search says what is wrong with its hours") {
  CHECK(found("2026-11-23T05:00:00Z", 30min, {"Europe/Berlinn", "09:00", "17:00"}) == "unknown_zone");
  CHECK(found("2026-11-23T05:00:00Z", 30min, {"UTC", "9:00", "17:00"}) == "bad_time_of_day");
  CHECK(found("2026-11-23T05:00:00Z", 30min, {"UTC", "09:00", "24:00"}) == "bad_time_of_day");
  CHECK(found("2026-11-23T05:00:00Z", 30min, {"UTC", "17:00", "09:00"}) == "bad_office_hours");
  CHECK(found("2026-11-23T05:00:00Z", 9h, berlin) == "bad_office_hours");
  CHECK(found("2026-11-23T05:00:00Z", 0s, berlin) == "bad_office_hours");
}

TEST_CASE("local_date is the date on the wall of the zone") {
  CHECK(local_date(at("2026-11-21T23:30:00Z"), "Europe/Berlin") == "2026-11-22");
  CHECK(local_date(at("2026-11-21T23:30:00Z"), "America/New_York") == "2026-11-21");
  CHECK(local_date(at("2026-11-21T23:30:00Z"), "Nowhere/Land") == "2026-11-21");
}
