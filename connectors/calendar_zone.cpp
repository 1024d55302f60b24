#include "connectors/calendar_zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include "runtime/visible_text.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* months[] = {"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const date::time_zone* find(const std::string& zone) { return date::locate_zone(zone_exists(zone) ? zone : "UTC"); }
date::local_time<duration> civil(local_moment t) { return date::local_time<duration>{t.time_since_epoch()}; }

}  // namespace

result<void> check_zone(const std::string& zone, const std::string& where) {
  if (zone_exists(zone)) return {};
  const auto near = zone.size() < 60 ? nearest_zone(zone) : "";
  return error{"unknown_zone", where, "the time zone '" + visible_line(front_of(zone, 60)) + "' is not known", "an IANA name such as Europe/Berlin or UTC",
               near.empty() ? "" : "Did you mean '" + near + "'?"};
}

result<time_point> read_moment(std::string_view text, const std::string& zone, const std::string& where) {
  if (auto r = check_zone(zone, where); !r) return r.error();
  if (const auto moment = parse_time(text)) return *moment;
  auto local = parse_time(std::string(text) + "Z");
  if (!local) local = parse_time(std::string(text) + ":00Z");
  if (!local)
    return error{"bad_time", where, "found '" + visible_line(front_of(text, 60)) + "'", "a time such as 2026-11-24T09:30:00Z, or a local time such as 2026-11-24T10:30"};
  const local_moment wall{local->time_since_epoch()};
  const auto info = find(zone)->get_info(civil(wall));
  if (info.result == date::local_info::unique) return moment_of(wall, zone);
  const bool skipped = info.result == date::local_info::nonexistent;
  return error{"bad_local_time", where, fmt::format("the clocks of {} show {} {} that day", zone, visible_line(text), skipped ? "not at all" : "twice"),
               "a time that exists once", "Write it with its offset, such as 2026-10-25T02:30:00+01:00"};
}

time_point moment_of(local_moment local, const std::string& zone) {
  const auto info = find(zone)->get_info(civil(local));
  return time_point{local.time_since_epoch() - info.first.offset};
}

local_moment local_of(time_point moment, const std::string& zone) {
  const auto info = find(zone)->get_info(date::sys_time<duration>{moment.time_since_epoch()});
  return local_moment{moment.time_since_epoch() + info.offset};
}

std::string zone_named_by(std::string_view tzid) {
  if (zone_exists(std::string(tzid))) return std::string(tzid);
  // Programs put their own name before the zone's; what is left of it after each slash may be one.
  for (auto slash = tzid.find('/'); slash != tzid.npos; slash = tzid.find('/')) {
    tzid.remove_prefix(slash + 1);
    if (zone_exists(std::string(tzid))) return std::string(tzid);
  }
  return {};
}

std::string span_in_words(time_point from, time_point to, const std::string& zone) {
  const auto day = [&](time_point t) {
    const auto days = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<duration>{local_of(t, zone).time_since_epoch()});
    const std::chrono::year_month_day ymd{days};
    return fmt::format("{} {} {} {}", weekdays[std::chrono::weekday{days}.c_encoding()], unsigned(ymd.day()), months[unsigned(ymd.month())], int(ymd.year()));
  };
  const auto hour = [&](time_point t) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(local_of(t, zone).time_since_epoch()).count() % (24 * 60);
    return fmt::format("{:02}:{:02}", (minutes + 24 * 60) % (24 * 60) / 60, (minutes + 24 * 60) % 60);
  };
  return day(from) == day(to) ? fmt::format("{}, {} to {} ({})", day(from), hour(from), hour(to), zone)
                              : fmt::format("{}, {} to {}, {} ({})", day(from), hour(from), day(to), hour(to), zone);
}

}  // namespace steward
