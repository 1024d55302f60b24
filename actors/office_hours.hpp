/// When somebody is at work and free: slots inside working hours, in the local time of a zone. Pure; no clock.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"

namespace steward {

/// A stretch of time, `from` included, `to` not.
struct time_span {
  time_point from;
  time_point to;
  bool operator==(const time_span&) const = default;
};
BOOST_DESCRIBE_STRUCT(time_span, (), (from, to))

/// Monday to Friday between two local times of day.
struct office_hours {
  std::string zone = "UTC";      // IANA name
  std::string opens = "09:00";   // local time of day
  std::string closes = "17:00";
};
BOOST_DESCRIBE_STRUCT(office_hours, (), (zone, opens, closes))

/// Slots start on a quarter of an hour, as people write appointments.
inline constexpr auto slot_grid = std::chrono::minutes{15};
/// How far ahead a slot is looked for. Two weeks: a calendar that is fuller than that needs its owner.
inline constexpr auto search_horizon = std::chrono::hours{14 * 24};

/// The first free stretch of `lasts` after `after`, inside `hours` and clear of `busy` (any order); nullopt within two
/// weeks without one. Errors: bad_time_of_day, unknown_zone, bad_office_hours. A day whose opening hour is skipped by
/// summer time opens when the clock has moved on.
result<std::optional<time_span>> first_free_slot(time_point after, duration lasts, const office_hours& hours, std::vector<time_span> busy);

/// "Mon 23 Nov 2026, 10:00-10:30 (Europe/Berlin)". An unknown zone is shown as UTC.
std::string slot_text(const time_span& slot, const std::string& zone);

/// "2026-11-23": the date in `zone`; an unknown zone counts as UTC.
std::string local_date(time_point at, const std::string& zone);

}  // namespace steward
