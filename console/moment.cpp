#include "console/moment.hpp"

#include <algorithm>

#include "runtime/plain_day.hpp"
#include "runtime/schedule.hpp"

namespace steward {

result<fold_until> moment_of(const std::string& text, time_point now, const std::string& zone, const std::string& where) {
  fold_until until;
  if (text.empty()) return until;
  if (text.size() < 19 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    until.seq = std::stoll(text);
    if (until.seq > 0) return until;
  }
  if (const auto ago = parse_duration(text)) until.time = now - *ago;
  else if (const auto time = parse_time(text)) until.time = *time;
  else if (const auto day = parse_day(text)) until.time = day_start(zone, *day);
  else return error{"bad_usage", where, "found '" + text + "'", "the number of an event (412), a time (2026-11-21T09:30:00Z), a day (2026-11-21), or how long ago (2h)", "'steward trace' shows numbers and times"};
  return until;
}

result<time_point> moment_since(const std::string& text, time_point now, const std::string& zone) {
  if (const auto length = parse_duration(text)) return now - *length;
  if (const auto at = parse_time(text)) return *at;
  if (const auto day = parse_day(text)) return day_start(zone, *day);
  return error{"bad_since", "--since", "found '" + text + "'", "a length of time such as 30d, a day such as 2026-11-01, or a time such as 2026-11-01T00:00:00Z", ""};
}

namespace {

constexpr std::chrono::minutes day_begins{9 * 60};  // when somebody who said "tomorrow" is at the desk

/// That time of day, where the clock is not shown twice or skipped; else within the hour.
time_point at_clock(const std::string& zone, std::chrono::sys_days day, std::chrono::minutes wanted) {
  const auto about = day_start(zone, day) + wanted;
  const auto seen = local_time_at(zone, about);
  return about + (wanted - std::chrono::hours{seen.hour} - std::chrono::minutes{seen.minute});
}

std::optional<std::chrono::minutes> clock_in(std::string_view text) {
  std::string padded(text);
  if (padded.size() == 4 && padded[1] == ':') padded.insert(padded.begin(), '0');
  const auto time = parse_time_of_day(padded);
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

result<time_point> moment_ahead(std::string text, time_point now, const std::string& zone) {
  const error unclear{"bad_snooze", "", "found '" + text + "'", "a length of time (2h), 'tomorrow', 'tomorrow 9:00', a time of day (14:30), or a date with or without a time (2026-11-25 9:00)", ""};
  if (text.starts_with("until ")) text = text.substr(6);
  if (const auto length = parse_duration(text)) return now + *length;
  if (const auto time = parse_time(text)) return *time;
  const auto today = local_day(zone, now);
  if (const auto clock = clock_in(text)) {
    const auto then = at_clock(zone, today, *clock);
    return then > now ? then : at_clock(zone, today + std::chrono::days{1}, *clock);
  }
  const auto blank = text.find(' ');
  const auto day = text.substr(0, blank);
  auto clock = std::optional(day_begins);
  if (blank != text.npos) clock = clock_in(std::string_view(text).substr(blank + 1));
  if (!clock) return unclear;
  if (day == "tomorrow") return at_clock(zone, today + std::chrono::days{1}, *clock);
  const auto date = parse_day(day);
  if (!date) return unclear;
  return at_clock(zone, *date, *clock);
}

}  // namespace steward
