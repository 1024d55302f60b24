/// Stops a child that faults too often, and says so once: at most so many restarts within a length of time.
#pragma once
#include <deque>
#include <string>
#include <string_view>

#include "runtime/clock.hpp"

namespace steward {

/// `at_most: 3 in 10m`. Three in ten minutes: a provider blip recovers in two, a broken prompt never does.
struct restart_limit {
  int at_most = 3;
  duration within = std::chrono::minutes{10};
  bool operator==(const restart_limit&) const = default;
};

std::string to_text(const restart_limit& limit);                  // "3 in 10m"
result<restart_limit> parse_restart_limit(std::string_view text);  // error `bad_restart_limit`

enum class window_verdict {
  room,     // this restart is granted
  used_up,  // the fault goes up
};
BOOST_DESCRIBE_ENUM(window_verdict, room, used_up)

/// The restarts that a limit has granted lately. As in OTP, `at_most` of them are granted within any `within`, ends included; the next fault is
/// refused. A value: it asks no clock, the caller brings the time.
class restart_window {
public:
  explicit restart_window(restart_limit limit) : limit_(limit) {}

  /// Judges one more fault; a granted restart is remembered, a refused one is not.
  window_verdict fault_at(time_point now);
  int used(time_point now) const;
  void clear() { granted_.clear(); }
  const restart_limit& limit() const { return limit_; }

private:
  restart_limit limit_;
  std::deque<time_point> granted_;  // never longer than at_most
};

}  // namespace steward
