/// Local times of an IANA zone as moments, with the hours that summer time skips or repeats refused or resolved.
#pragma once
#include <string>
#include <string_view>

#include "runtime/clock.hpp"

namespace steward {

/// A time on a clock on the wall: microseconds since 1970 without a zone.
using local_moment = std::chrono::time_point<struct wall_clock_tag, duration>;

/// Error: unknown_zone, with the nearest name.
result<void> check_zone(const std::string& zone, const std::string& where);
/// RFC 3339 ("2026-11-24T10:00:00+01:00"), or a local time in `zone` ("2026-11-24T10:00"). Errors: bad_time, bad_local_time (skipped or
/// repeated by summer time), unknown_zone.
result<time_point> read_moment(std::string_view text, const std::string& zone, const std::string& where);
/// As a calendar resolves it (RFC 5545 3.3.5): a repeated hour is its first pass, a skipped one counts from before the gap.
time_point moment_of(local_moment local, const std::string& zone);
local_moment local_of(time_point moment, const std::string& zone);
/// The IANA name in a TZID such as "/freeassociation.sourceforge.net/Europe/Berlin", or empty.
std::string zone_named_by(std::string_view tzid);

/// "Tue 24 Nov 2026, 10:00 to 11:00 (Europe/Berlin)".
std::string span_in_words(time_point from, time_point to, const std::string& zone);

}  // namespace steward
