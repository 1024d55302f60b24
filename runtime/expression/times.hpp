/// CEL's timestamps and durations: text, range, sums.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "runtime/expression/value.hpp"

namespace steward::cel {

/// Nanoseconds in sums, which outgrow 64 bits before they are judged.
__extension__ typedef __int128 nano_sum;

/// RFC 3339 with up to nine decimals: "2026-11-21T09:30:00.5+01:00". None when it is no such time or outside the years 1 to 9999.
std::optional<cel_timestamp> read_timestamp(std::string_view text);
/// RFC 3339 in UTC, with as many decimals as it takes (none, or up to nine).
std::string show(cel_timestamp t);

/// A sign, then numbers with units h m s ms us ns, and as in Steward's manifests d and w: "1h30m", "-1.5s", "3d". Or just "0".
std::optional<cel_duration> read_duration(std::string_view text);
/// In seconds: "5400s", "-1.5s".
std::string show(cel_duration d);

/// None when the result is out of range.
std::optional<cel_timestamp> make_timestamp(nano_sum nanos_since_1970);
std::optional<cel_duration> make_duration(nano_sum nanos);
nano_sum nanos_of(cel_timestamp t);
nano_sum nanos_of(cel_duration d);

/// The wall clock of `t` in a zone: an IANA name, or "+05:30", "-08:00", "02:00". None when there is no such zone.
struct wall_clock {
  int year, month, day, day_of_week, day_of_year, hours, minutes, seconds,
      milliseconds;  // month and days from 1, day_of_week from 0 (Sunday), day_of_year from 1
};
std::optional<wall_clock> wall_clock_of(cel_timestamp t, std::string_view zone);

}  // namespace steward::cel
