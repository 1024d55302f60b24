#include "runtime/rules/rule_limit.hpp"

#include <charconv>

#include <fmt/format.h>

namespace steward {
result<rule_limit> parse_rule_limit(std::string_view text) {
  const auto wrong = [&](std::string advice = {}) {
    return error{"bad_at_most", "", "found '" + std::string(text) + "'", "a number, a length of time and of what each has a count of its own, such as 5 per 1d per recipient", std::move(advice)};
  };
  rule_limit limit;
  constexpr std::string_view per = " per ";
  const auto first = text.find(per);
  if (first == text.npos) return wrong("Say within which time: 5 per 1d");
  const auto number = text.substr(0, first);
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), limit.count);
  if (problem != std::errc{} || end != number.data() + number.size()) return wrong();
  if (limit.count < 1 || limit.count > limit_most) return wrong(fmt::format("The number is 1 to {}; for none at all write the rule without 'at_most'", limit_most));
  auto rest = text.substr(first + per.size());
  if (const auto second = rest.find(per); second != rest.npos) {
    limit.per = std::string(rest.substr(second + per.size()));
    rest = rest.substr(0, second);
  }
  const auto within = parse_duration(rest);
  if (!within) {
    for (const auto& [word, unit] : {std::pair{"hour", "1h"}, {"day", "1d"}, {"week", "7d"}, {"month", "31d"}, {"minute", "1m"}})
      if (rest == word) return wrong(fmt::format("Write {} per {}{}", limit.count, unit, limit.per == "company" ? "" : " per " + limit.per));
    return wrong("Say the time with its unit: 30m, 2h, 1d or 7d");
  }
  if (within->count() <= 0 || *within > limit_longest) return wrong("The time is at most 31d");
  limit.within = *within;
  return limit;
}

result<quiet_hours> quiet_hours::parse(const quiet_hours_definition& said, std::string_view company_zone) {
  quiet_hours hours;
  constexpr int day = 24 * 60;
  const auto from = parse_time_of_day(said.from);
  const auto to = said.to == "24:00" ? result<std::chrono::minutes>(std::chrono::minutes{day}) : parse_time_of_day(said.to);
  for (const auto& [key, read] : {std::pair{"from", &from}, {"to", &to}}) {
    if (*read) continue;
    auto e = read->error();
    e.where = key;
    return e;
  }
  hours.from_ = int(from->count());
  hours.to_ = int(to->count());
  if (hours.from_ == hours.to_)
    return error{"bad_time_of_day", "to", "it is the same as 'from'", "another time of day", "For whole days write from: \"00:00\" and to: \"24:00\""};
  hours.zone_ = said.zone.value_or(std::string(company_zone));
  if (!zone_exists(hours.zone_)) {
    const auto near = nearest_zone(hours.zone_);
    return error{"unknown_zone", "zone", "the time zone '" + hours.zone_ + "' is not known", "an IANA name such as Europe/Berlin or UTC", near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  if (said.days.empty()) hours.days_.set();
  for (const auto day : said.days) hours.days_.set(std::size_t(day));
  hours.words_ = fmt::format("from {} to {} ({})", said.from, said.to, hours.zone_);
  return hours;
}

bool quiet_hours::hold_at(const local_time& at) const {
  const int now = at.hour * 60 + at.minute;
  const auto today = std::size_t(at.weekday), yesterday = (today + 6) % 7;
  if (from_ < to_) return days_[today] && now >= from_ && now < to_;
  return (days_[today] && now >= from_) || (days_[yesterday] && now < to_);  // over midnight: they belong to the day on which they began
}

}  // namespace steward
