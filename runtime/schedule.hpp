/// When a workflow starts by the clock: five cron fields in an IANA time zone, with summer time pinned down.
///
///   minute hour day month weekday        "0 9 * * MON"      every Monday at 9:00
///   0-59   0-23 1-31 1-12  0-7           "*/15 8-17 * * *"  every quarter of an hour from 8:00 to 17:45
///
/// A field is `*`, a number, a range `8-17`, a step `*/15` or `8-17/2`, or a list of these. Months and weekdays have names
/// (JAN…DEC, MON…SUN, in any case); 0 and 7 are both Sunday. When day *and* weekday are told (neither starts with `*`), a
/// date counts if *one* of them fits, as in Vixie cron (crontab(5)); otherwise both must fit.
///
/// Summer time. A local time that the clock skips fires once, at the first minute after the gap (2:30 -> 3:00). A local time
/// that comes twice fires once, the first time. Hence `*/10 * * * *` pauses for the repeated hour in autumn.
#pragma once
#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.hpp"

namespace date {
class time_zone;
}

namespace steward {

class schedule {
public:
  /// Errors: bad_cron (`error_at`, when given, is set to the offset in `cron` that it is about), unknown_zone.
  static result<schedule> parse(std::string_view cron, std::string_view zone, std::size_t* error_at = nullptr);

  /// The first due time after `after` (strictly). A parsed schedule always has one.
  time_point next_after(time_point after) const;

  /// The catch-up after downtime: the last due time in (from, to], or none. However many were missed, one run makes up for them.
  std::optional<time_point> missed_between(time_point from, time_point to) const;

private:
  bool day_fits(unsigned month, unsigned day, unsigned weekday) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = false;      // the field starts with `*`
  bool any_weekday_ = false;
  const date::time_zone* zone_ = nullptr;
};

/// "09:30" as minutes since midnight, 00:00 to 23:59; error bad_time_of_day.
result<std::chrono::minutes> parse_time_of_day(std::string_view text);

/// Whether the machine's time zone database knows `name` ("Europe/Berlin").
bool zone_exists(std::string_view name);
/// The zone that the operator may have meant, or empty: the nearest name, or one whose city is that word.
std::string nearest_zone(std::string_view name);

// The zone of the following must exist; an unknown one counts as UTC.

/// The first moment of the local day that `t` lies in (0:00, or what comes first where midnight is skipped).
time_point day_start(std::string_view zone, time_point t);
/// The calendar day of the zone that `t` lies in, and the first moment of such a day.
std::chrono::sys_days local_day(std::string_view zone, time_point t);
time_point day_start(std::string_view zone, std::chrono::sys_days day);
/// "2026-11-23 10:00 Europe/Berlin".
std::string to_local_text(std::string_view zone, time_point t);

/// What clock and calendar on the wall show.
struct local_time {
  int year = 0, month = 0, day = 0;
  int hour = 0, minute = 0;
  int weekday = 0;  // Monday is 0
};
local_time local_time_at(std::string_view zone, time_point t);

}  // namespace steward
