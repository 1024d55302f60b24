#include "runtime/supervision/restart_window.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace steward {

std::string to_text(const restart_limit& limit) { return fmt::format("{} in {}", limit.at_most, to_text(limit.within)); }

result<restart_limit> parse_restart_limit(std::string_view text) {
  constexpr std::string_view between = " in ";
  constexpr int at_most_max = 1000;  // More restarts than anyone would read about.
  const auto fail = [&] {
    return error{"bad_restart_limit", "", fmt::format("found '{}'", text), "a number of restarts and a length of time, such as '3 in 10m'", ""};
  };
  const auto middle = text.find(between);
  if (middle == text.npos) return fail();
  restart_limit limit;
  const auto number = text.substr(0, middle);
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), limit.at_most);
  const auto within = parse_duration(text.substr(middle + between.size()));
  if (ec != std::errc{} || end != number.data() + number.size() || limit.at_most < 0 || limit.at_most > at_most_max) return fail();
  if (!within || *within <= duration::zero()) return fail();
  limit.within = *within;
  return limit;
}

window_verdict restart_window::fault_at(time_point now) {
  while (!granted_.empty() && now - granted_.front() > limit_.within) granted_.pop_front();
  if (int(granted_.size()) >= limit_.at_most) return window_verdict::used_up;
  granted_.push_back(now);
  return window_verdict::room;
}

int restart_window::used(time_point now) const {
  return int(std::count_if(granted_.begin(), granted_.end(), [&](time_point t) { return now - t <= limit_.within; }));
}

}  // namespace steward
