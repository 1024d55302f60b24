/// The only door to time: nothing in Steward asks the machine what time it is except through this.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace steward {

/// A moment in UTC, in whole microseconds since 1970. In JSON an RFC 3339 text such as "2026-11-21T09:30:00.000000Z".
using time_point = std::chrono::sys_time<std::chrono::microseconds>;
/// A length of time in whole microseconds. In JSON and YAML a text such as "10m", "1h30m", "250ms", "3d".
using duration = std::chrono::microseconds;

class clock {
public:
  virtual ~clock() = default;
  virtual time_point now() const = 0;
};

/// The machine's wall clock; never runs backwards within a process.
std::unique_ptr<clock> make_system_clock();
/// A clock that shows what stands in `file` (RFC 3339); whoever writes the file moves time. Never runs backwards.
/// For tests of the real binary: 72 hours pass when the test says so.
std::unique_ptr<clock> make_file_clock(std::string file);

/// A clock that a test moves by hand.
class manual_clock : public clock {
public:
  explicit manual_clock(time_point start = time_point{std::chrono::hours{24 * 365 * 56}}) : now_(start) {}
  time_point now() const override { return now_; }
  void advance(duration by) { now_ += by; }
  void set(time_point to) { now_ = to; }

private:
  time_point now_;
};

std::string to_text(time_point t);                       // RFC 3339 in UTC, microseconds
result<time_point> parse_time(std::string_view text);    // RFC 3339 with any offset
std::string to_text(duration d);                         // shortest exact form: "1h30m", "250ms", "0s"
result<duration> parse_duration(std::string_view text);  // units us ms s m h d w, largest first

}  // namespace steward
