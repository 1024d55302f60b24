#include "runtime/schedule.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <date/tz.h>
#include <fmt/format.h>

namespace steward {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// What each of the five fields may hold, in their order.
struct field_rule {
  std::string_view name;
  unsigned least, most;
  std::array<std::string_view, 12> words;  // the first stands for `first_word`
  unsigned first_word;
};
constexpr std::array<field_rule, 5> fields{{
    {"minute", 0, 59, {}, 0},
    {"hour", 0, 23, {}, 0},
    {"day", 1, 31, {}, 0},
    {"month", 1, 12, {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}, 1},
    {"weekday", 0, 7, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, 0},
}};

constexpr std::array<unsigned, 13> longest_month{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

// 29 February can be eight years away (1896 to 1904, 2096 to 2104); nothing else that passes `parse` is farther.
constexpr int days_ahead_most = 8 * 366 + 1;

struct field_error {
  std::size_t at;
  std::string found;
  std::string expected;
};

std::string what_fits(const field_rule& rule) {
  std::string text = fmt::format("{} to {}", rule.least, rule.most);
  if (rule.words[0] == "JAN") text += " or JAN to DEC";
  if (rule.words[0] == "SUN") text += " or MON to SUN";
  return fmt::format("the {} as {}, `*`, a range 1-5, a step */15 or a list 1,3", rule.name, text);
}

/// Reads one field; `offset` is where it begins in the whole text.
std::optional<field_error> read_field(std::string_view text, std::size_t offset, const field_rule& rule, std::bitset<64>& bits) {
  std::size_t at = 0;
  const auto fail = [&](std::size_t where, std::string found) { return field_error{offset + where, std::move(found), what_fits(rule)}; };
  const auto value = [&](unsigned& out) -> std::optional<field_error> {
    const auto from = at;
    while (at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]))) ++at;
    const auto word = text.substr(from, at - from);
    if (word.empty()) return fail(from, from < text.size() ? fmt::format("'{}' can't stand in the {}", text[from], rule.name) : fmt::format("the {} '{}' breaks off", rule.name, text));
    if (std::isdigit(static_cast<unsigned char>(word[0]))) {
      out = 0;
      for (const char c : word) {
        if (!std::isdigit(static_cast<unsigned char>(c)) || out > 99) return fail(from, fmt::format("the {} '{}' is no number", rule.name, word));
        out = out * 10 + unsigned(c - '0');
      }
      if (out < rule.least || out > rule.most) return fail(from, fmt::format("the {} {} does not exist", rule.name, word));
      return {};
    }
    std::string upper(word);
    for (char& c : upper) c = char(std::toupper(static_cast<unsigned char>(c)));
    const auto known = std::find(rule.words.begin(), rule.words.end(), upper);
    if (known == rule.words.end()) return fail(from, fmt::format("the {} '{}' is not known", rule.name, word));
    out = rule.first_word + unsigned(known - rule.words.begin());
    return {};
  };
  for (;;) {
    const auto from = at;
    unsigned first = rule.least, last = rule.most, step = 1;
    const bool star = at < text.size() && text[at] == '*';
    bool range = star;
    if (star) ++at;
    else {
      if (auto e = value(first)) return e;
      last = first;
      if (at < text.size() && text[at] == '-') {
        ++at, range = true;
        if (auto e = value(last)) return e;
        if (last == 0 && rule.name == "weekday") last = 7;  // FRI-SUN: Sunday ends the week as well as it begins it
        if (last < first) return fail(from, fmt::format("the range '{}' runs backwards", text.substr(from, at - from)));
      }
    }
    if (at < text.size() && text[at] == '/') {
      const auto step_from = ++at;
      step = 0;
      while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) && step < 100) step = step * 10 + unsigned(text[at++] - '0');
      if (step == 0 || step > rule.most) return fail(step_from, fmt::format("the step of the {} is no number from 1 to {}", rule.name, rule.most));
      if (!range) return fail(from, fmt::format("the step '{}' has no range", text.substr(from, at - from)));
    }
    for (unsigned i = first; i <= last; i += step) bits.set(rule.name == "weekday" ? i % 7 : i);
    if (at == text.size()) return {};
    if (text[at] != ',') return fail(at, fmt::format("'{}' can't stand in the {}", text[at], rule.name));
    ++at;
  }
}

const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {  // locate_zone has no other way to say no
    return nullptr;
  }
}

const date::time_zone* zone_or_utc(std::string_view name) {
  const auto* zone = find_zone(name);
  return zone ? zone : date::locate_zone("UTC");
}

/// When that local time comes: the first of two, and the end of the gap for one that never comes.
std::chrono::sys_seconds moment_of(const date::time_zone& zone, date::local_seconds local) {
  const auto info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return std::chrono::sys_seconds{local.time_since_epoch() - info.first.offset};
}

}  // namespace

result<schedule> schedule::parse(std::string_view cron, std::string_view zone, std::size_t* error_at) {
  schedule s;
  std::array<std::bitset<64>, 5> bits;
  std::array<std::string_view, 5> parts;
  std::array<std::size_t, 5> starts{};
  const auto fail = [&](std::size_t at, std::string found, std::string expected, std::string advice = {}) {
    if (error_at) *error_at = at;
    return error{"bad_cron", "", std::move(found), std::move(expected), std::move(advice)};
  };
  std::size_t count = 0, extra = 0;
  for (std::size_t at = 0; at < cron.size();) {
    if (cron[at] == ' ') {
      ++at;
      continue;
    }
    const auto end = std::min(cron.find(' ', at), cron.size());
    if (count < 5) parts[count] = cron.substr(at, end - at), starts[count] = at;
    else if (count == 5) extra = at;
    ++count;
    at = end;
  }
  if (count != 5)
    return fail(count > 5 ? extra : 0, fmt::format("the schedule '{}' has {} field{}", cron, count, count == 1 ? "" : "s"),
                "five: minute hour day month weekday, such as 0 9 * * MON");
  for (std::size_t i = 0; i < 5; ++i)
    if (auto e = read_field(parts[i], starts[i], fields[i], bits[i])) return fail(e->at, std::move(e->found), std::move(e->expected));
  for (unsigned i = 0; i < 60; ++i) s.minutes_[i] = bits[0][i];
  for (unsigned i = 0; i < 24; ++i) s.hours_[i] = bits[1][i];
  for (unsigned i = 1; i < 32; ++i) s.days_[i] = bits[2][i];
  for (unsigned i = 1; i < 13; ++i) s.months_[i] = bits[3][i];
  for (unsigned i = 0; i < 7; ++i) s.weekdays_[i] = bits[4][i];
  s.any_day_ = parts[2].starts_with('*');
  s.any_weekday_ = parts[4].starts_with('*');
  if (s.any_weekday_) {
    bool ever = false;
    for (unsigned m = 1; m < 13; ++m)
      for (unsigned d = 1; d <= longest_month[m]; ++d) ever = ever || (s.months_[m] && s.days_[d]);
    if (!ever) return fail(starts[2], fmt::format("day {} never comes in month {}", parts[2], parts[3]), "a day that the month has");
  }
  s.zone_ = find_zone(zone);
  if (!s.zone_) {
    const auto near = nearest_zone(zone);
    return error{"unknown_zone", "", fmt::format("the time zone '{}' is not known", zone), "an IANA name such as Europe/Berlin or UTC",
                 near.empty() ? "" : fmt::format("Did you mean '{}'?", near)};
  }
  return s;
}

bool schedule::day_fits(unsigned month, unsigned day, unsigned weekday) const {
  if (!months_[month]) return false;
  if (any_day_ || any_weekday_) return days_[day] && weekdays_[weekday];
  return days_[day] || weekdays_[weekday];
}

time_point schedule::next_after(time_point after) const {
  const auto local = zone_->to_local(floor<seconds>(after));
  const auto first_day = floor<days>(local);
  for (int ahead = 0; ahead < days_ahead_most; ++ahead) {
    const auto day = first_day + days{ahead};
    const date::year_month_day ymd{day};
    if (!day_fits(unsigned(ymd.month()), unsigned(ymd.day()), date::weekday{day}.c_encoding())) continue;
    for (int h = 0; h < 24; ++h) {
      if (!hours_[h]) continue;
      for (int m = 0; m < 60; ++m) {
        if (!minutes_[m]) continue;
        const time_point due = moment_of(*zone_, day + hours{h} + minutes{m});
        if (due > after) return due;
      }
    }
  }
  throw error_thrown(error{"bad_cron", "", "a schedule that never comes has passed its check", "", ""});
}

std::optional<time_point> schedule::missed_between(time_point from, time_point to) const {
  const auto first = next_after(from);
  if (first > to) return {};
  // Bisect by "is there one after the middle": a year of minutes is half a million due times, and only the last is wanted.
  time_point found = first, end = to;
  while (found < end) {
    const auto middle = found + (end - found) / 2;
    const auto next = next_after(middle);
    if (next <= to) found = next;
    else end = middle;
  }
  return found;
}

result<minutes> parse_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() == 5 && text[2] == ':') {
    const int hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
    if (hour <= 23 && minute <= 59) return minutes{hour * 60 + minute};
  }
  return error{"bad_time_of_day", "", "found '" + std::string(text) + "'", "a local time of day such as 09:30"};
}

bool zone_exists(std::string_view name) { return find_zone(name) != nullptr; }

std::string nearest_zone(std::string_view name) {
  if (name.size() > 64) return {};  // twice the longest name there is
  const auto lower = [](std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c == ' ' ? '_' : char(std::tolower(static_cast<unsigned char>(c)));
    return out;
  };
  std::vector<std::string> names;
  for (const auto& zone : date::get_tzdb().zones) {
    const std::string_view known = zone.name();
    if (lower(known) == lower(name) || lower(known.substr(known.rfind('/') + 1)) == lower(name)) return std::string(known);
    names.emplace_back(known);
  }
  return nearest_name(name, names);
}

time_point day_start(std::string_view zone, time_point t) {
  const auto* z = zone_or_utc(zone);
  return moment_of(*z, floor<days>(z->to_local(floor<seconds>(t))));
}

std::chrono::sys_days local_day(std::string_view zone, time_point t) {
  return std::chrono::sys_days{floor<days>(zone_or_utc(zone)->to_local(floor<seconds>(t))).time_since_epoch()};
}

time_point day_start(std::string_view zone, std::chrono::sys_days day) {
  return moment_of(*zone_or_utc(zone), date::local_seconds{std::chrono::seconds{day.time_since_epoch()}});
}

std::string to_local_text(std::string_view zone, time_point t) {
  const auto at = local_time_at(zone, t);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} {}", at.year, at.month, at.day, at.hour, at.minute, zone_or_utc(zone)->name());
}

local_time local_time_at(std::string_view zone, time_point t) {
  const auto local = zone_or_utc(zone)->to_local(floor<minutes>(t));
  const auto day = floor<days>(local);
  const date::year_month_day ymd{day};
  const auto of_day = int(std::chrono::duration_cast<minutes>(local - day).count());
  return {int(ymd.year()), int(unsigned(ymd.month())), int(unsigned(ymd.day())), of_day / 60, of_day % 60, int(date::weekday{day}.iso_encoding()) - 1};
}

}  // namespace steward
