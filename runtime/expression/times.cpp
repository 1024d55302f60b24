#include "runtime/expression/times.hpp"

#include <array>
#include <chrono>

#include <date/tz.h>
#include <fmt/format.h>

#include "runtime/schedule.hpp"

namespace steward::cel {
namespace {

constexpr std::int64_t billion = 1'000'000'000;
constexpr std::int64_t first_second = -62'135'596'800;   // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;    // 9999-12-31T23:59:59Z

struct unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr std::array<unit, 9> units{{{"ns", 1}, {"us", 1'000}, {"µs", 1'000}, {"ms", 1'000'000}, {"s", billion}, {"m", 60 * billion},
                                     {"h", 3'600 * billion}, {"d", 86'400 * billion}, {"w", 604'800 * billion}}};

std::string decimals(std::int64_t nanos) {
  if (nanos == 0) return {};
  auto text = fmt::format(".{:09}", nanos);
  while (text.back() == '0') text.pop_back();
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

nano_sum nanos_of(cel_timestamp t) { return nano_sum(t.seconds) * billion + t.nanos; }
nano_sum nanos_of(cel_duration d) { return d.nanos; }

std::optional<cel_timestamp> make_timestamp(nano_sum nanos) {
  auto seconds = nanos / billion;
  auto rest = nanos % billion;
  if (rest < 0) rest += billion, --seconds;
  if (seconds < first_second || seconds > last_second) return {};
  return cel_timestamp{std::int64_t(seconds), std::int32_t(rest)};
}

std::optional<cel_duration> make_duration(nano_sum nanos) {
  if (nanos < INT64_MIN || nanos > INT64_MAX) return {};
  return cel_duration{std::int64_t(nanos)};
}

std::optional<cel_timestamp> read_timestamp(std::string_view text) {
  // The base parser knows RFC 3339 with microseconds; the decimals are ours, for it would drop the last three.
  const auto dot = text.find('.');
  std::int64_t nanos = 0;
  std::string whole(text);
  if (dot != text.npos) {
    auto end = dot + 1;
    std::int64_t scale = billion / 10;
    for (; end < text.size() && is_digit(text[end]); ++end, scale /= 10) nanos += (text[end] - '0') * scale;
    if (end == dot + 1 || end > dot + 10) return {};
    whole.erase(dot, end - dot);
  }
  const auto parsed = parse_time(whole);
  if (!parsed) return {};
  return make_timestamp(nano_sum(parsed->time_since_epoch().count()) * 1'000 + nanos);
}

std::string show(cel_timestamp t) {
  using namespace std::chrono;
  const sys_seconds at{seconds{t.seconds}};
  const auto day = floor<days>(at);
  const year_month_day ymd{day};
  const auto s = (at - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day()), s / 3600, s / 60 % 60, s % 60,
                     decimals(t.nanos));
}

std::optional<cel_duration> read_duration(std::string_view text) {
  const bool below_zero = text.starts_with('-');
  if (below_zero || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return cel_duration{};
  if (text.empty()) return {};
  nano_sum total = 0;
  while (!text.empty()) {
    std::size_t at = 0;
    nano_sum whole = 0;
    for (; at < text.size() && is_digit(text[at]); ++at)
      if ((whole = whole * 10 + (text[at] - '0')) > INT64_MAX) return {};
    auto digits = at;
    std::int64_t fraction = 0, scale = 1;
    if (at < text.size() && text[at] == '.') {
      for (++at; at < text.size() && is_digit(text[at]); ++at, ++digits)
        if (scale < billion * billion) fraction = fraction * 10 + (text[at] - '0'), scale *= 10;
    }
    if (digits == 0) return {};
    text.remove_prefix(at);
    std::size_t letters = 0;
    while (letters < text.size() && !is_digit(text[letters]) && text[letters] != '.') ++letters;
    const auto* u = std::find_if(units.begin(), units.end(), [&](const unit& x) { return x.name == text.substr(0, letters); });
    if (u == units.end()) return {};
    text.remove_prefix(letters);
    total += whole * u->nanos + nano_sum(fraction) * u->nanos / scale;
    if (total > nano_sum(INT64_MAX) + 1) return {};
  }
  return make_duration(below_zero ? -total : total);
}

std::string show(cel_duration d) {
  const auto seconds = d.nanos / billion, rest = d.nanos % billion;
  return fmt::format("{}{}{}s", d.nanos < 0 ? "-" : "", seconds < 0 ? -seconds : seconds, decimals(rest < 0 ? -rest : rest));
}

namespace {

/// "+05:30", "-08:00", "02:00" in seconds.
std::optional<std::int64_t> fixed_offset(std::string_view zone) {
  const bool behind = zone.starts_with('-');
  if (behind || zone.starts_with('+')) zone.remove_prefix(1);
  if (zone.size() != 5 || zone[2] != ':') return {};
  for (const std::size_t i : {0, 1, 3, 4})
    if (!is_digit(zone[i])) return {};
  const auto hours = (zone[0] - '0') * 10 + zone[1] - '0', minutes = (zone[3] - '0') * 10 + zone[4] - '0';
  if (hours > 23 || minutes > 59) return {};
  return (behind ? -1 : 1) * (hours * 3600 + minutes * 60);
}

}  // namespace

std::optional<wall_clock> wall_clock_of(cel_timestamp t, std::string_view zone) {
  using namespace std::chrono;
  std::int64_t offset = 0;
  if (const auto fixed = fixed_offset(zone)) offset = *fixed;
  else if (zone != "UTC") {
    if (!zone_exists(zone)) return {};
    offset = date::locate_zone(std::string(zone))->get_info(date::sys_seconds{seconds{t.seconds}}).offset.count();
  }
  const sys_seconds local{seconds{t.seconds + offset}};
  const auto day = floor<days>(local);
  const year_month_day ymd{day};
  const auto s = int((local - day).count());
  return wall_clock{int(ymd.year()),
                    int(unsigned(ymd.month())),
                    int(unsigned(ymd.day())),
                    int(weekday{day}.c_encoding()),
                    int((day - sys_days{ymd.year() / January / 1}).count()) + 1,
                    s / 3600,
                    s / 60 % 60,
                    s % 60,
                    t.nanos / 1'000'000};
}

}  // namespace steward::cel
