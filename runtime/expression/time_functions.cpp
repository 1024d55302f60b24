/// getHours() and its kin: of a timestamp in a zone, or of a duration as a whole.
#include <fmt/format.h>

#include "runtime/expression/functions.hpp"
#include "runtime/expression/times.hpp"
#include "runtime/schedule.hpp"

namespace steward::cel {
namespace {

/// Gives `pick` of the wall clock; the zone is the second argument, UTC without it.
template <class Pick>
bool of_timestamp(call& c, Pick pick) {
  if (!c.arguments[0].is(value_kind::timestamp) || (c.arguments.size() == 2 && !c.arguments[1].is(value_kind::text)))
    return c.no_overload("a timestamp, and the zone as a string if it is not UTC");
  const auto zone = c.arguments.size() == 2 ? c.arguments[1].text() : std::string_view("UTC");
  c.work = zone.size() / 16;
  const auto wall = wall_clock_of(c.arguments[0].timestamp(), zone);
  if (!wall) {
    if (!c.affords(c.work + 10'000)) return false;  // hundreds of zones are looked at
    const auto near = nearest_zone(zone);
    return c.fail(fmt::format("there is no time zone '{}'", zone), "a name such as Europe/Berlin, or an offset such as +02:00",
                  near.empty() ? "" : "Did you mean '" + near + "'?");
  }
  return c.give(value(std::int64_t(pick(*wall))));
}

/// The whole duration in units of so many nanoseconds.
bool of_duration(call& c, std::int64_t nanos) {
  if (c.arguments.size() != 1) return c.no_overload("no zone, for a duration has none");
  return c.give(value(std::int64_t(nanos_of(c.arguments[0].length()) / nanos)));
}
bool is_duration(const call& c) { return c.arguments[0].is(value_kind::duration); }

}  // namespace

bool full_year(call& c) { return of_timestamp(c, [](const wall_clock& w) { return w.year; }); }
bool month(call& c) { return of_timestamp(c, [](const wall_clock& w) { return w.month - 1; }); }
bool date(call& c) { return of_timestamp(c, [](const wall_clock& w) { return w.day; }); }
bool day_of_month(call& c) { return of_timestamp(c, [](const wall_clock& w) { return w.day - 1; }); }
bool day_of_week(call& c) { return of_timestamp(c, [](const wall_clock& w) { return w.day_of_week; }); }
bool day_of_year(call& c) { return of_timestamp(c, [](const wall_clock& w) { return w.day_of_year - 1; }); }
bool hours(call& c) { return is_duration(c) ? of_duration(c, 3'600'000'000'000) : of_timestamp(c, [](const wall_clock& w) { return w.hours; }); }
bool minutes(call& c) { return is_duration(c) ? of_duration(c, 60'000'000'000) : of_timestamp(c, [](const wall_clock& w) { return w.minutes; }); }
bool seconds(call& c) { return is_duration(c) ? of_duration(c, 1'000'000'000) : of_timestamp(c, [](const wall_clock& w) { return w.seconds; }); }
bool milliseconds(call& c) {
  // Of a duration only what is left behind the full seconds, as the language definition has it.
  if (is_duration(c) && c.arguments.size() == 1) return c.give(value(std::int64_t(c.arguments[0].length().nanos / 1'000'000 % 1'000)));
  return of_timestamp(c, [](const wall_clock& w) { return w.milliseconds; });
}

}  // namespace steward::cel
