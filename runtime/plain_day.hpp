/// A day as people write it, without a time: "2026-11-21".
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace steward {

/// nullopt: it is no day of the calendar, or more than a day.
inline std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  const auto number = [&](std::size_t from, std::size_t digits) {
    int n = 0;
    for (const char c : text.substr(from, digits)) {
      if (c < '0' || c > '9') return -1;
      n = n * 10 + (c - '0');
    }
    return n;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1 || month < 1 || day < 1) return {};
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{unsigned(month)}, std::chrono::day{unsigned(day)}};
  if (!date.ok()) return {};
  return std::chrono::sys_days{date};
}

}  // namespace steward
