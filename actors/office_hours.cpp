#include "actors/office_hours.hpp"

#include <date/tz.h>

#include "runtime/schedule.hpp"

namespace steward {
namespace {

using namespace std::chrono_literals;

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {  // The library knows no other way to say that a name is unknown.
    return nullptr;
  }
}

time_point on_grid(time_point t) { return std::chrono::ceil<std::chrono::duration<std::int64_t, std::ratio<900>>>(t); }
static_assert(slot_grid == 900s);

/// The first start in [from, close - lasts] that no busy span overlaps; `busy` is sorted by its start.
std::optional<time_point> free_start(time_point from, time_point close, duration lasts, const std::vector<time_span>& busy) {
  auto start = on_grid(from);
  for (const auto& taken : busy)
    if (taken.from < start + lasts && taken.to > start) start = on_grid(taken.to);
  return start + lasts <= close ? std::optional(start) : std::nullopt;
}

date::zoned_time<std::chrono::microseconds> local(time_point at, const std::string& zone) {
  const auto* found = find_zone(zone);
  return {found ? found : date::locate_zone("Etc/UTC"), at};
}

}  // namespace

result<std::optional<time_span>> first_free_slot(time_point after, duration lasts, const office_hours& hours, std::vector<time_span> busy) {
  const auto* zone = find_zone(hours.zone);
  if (!zone) return error{"unknown_zone", "", "there is no time zone '" + hours.zone + "'", "an IANA name such as Europe/Berlin"};
  const auto opens = parse_time_of_day(hours.opens), closes = parse_time_of_day(hours.closes);
  if (!opens) return opens.error();
  if (!closes) return closes.error();
  if (*closes - *opens < lasts || lasts <= 0s)
    return error{"bad_office_hours", "", "working hours " + hours.opens + " to " + hours.closes + " have no room for " + to_text(lasts), "a slot that fits into one day"};

  std::sort(busy.begin(), busy.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  const auto today = date::floor<date::days>(zone->to_local(after));
  for (auto day = today; day <= today + search_horizon; day += date::days{1}) {
    const date::weekday weekday{day};
    if (weekday == date::Saturday || weekday == date::Sunday) continue;
    const time_point open = zone->to_sys(day + *opens, date::choose::earliest), close = zone->to_sys(day + *closes, date::choose::earliest);
    if (const auto start = free_start(std::max(open, after), close, lasts, busy)) return std::optional(time_span{*start, *start + lasts});
  }
  return std::optional<time_span>{};
}

std::string slot_text(const time_span& slot, const std::string& zone) {
  const auto from = local(slot.from, zone), to = local(slot.to, zone);
  return date::format("%a %d %b %Y, %H:%M", date::floor<std::chrono::minutes>(from.get_local_time())) + "-" +
         date::format("%H:%M", date::floor<std::chrono::minutes>(to.get_local_time())) + " (" + (find_zone(zone) ? zone : "UTC") + ")";
}

std::string local_date(time_point at, const std::string& zone) { return date::format("%F", date::floor<date::days>(local(at, zone).get_local_time())); }

}  // namespace steward
