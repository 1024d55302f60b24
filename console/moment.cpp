#include "console/moment.hpp"

#include <algorithm>

namespace steward {

result<fold_until> moment_of(const std::string& text, time_point now, const std::string& where) {
  fold_until until;
  if (text.empty()) return until;
  if (text.size() < 19 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    until.seq = std::stoll(text);
    if (until.seq > 0) return until;
  }
  if (const auto ago = parse_duration(text)) until.time = now - *ago;
  else if (const auto time = parse_time(text)) until.time = *time;
  else return error{"bad_usage", where, "found '" + text + "'", "the number of an event (412), a time (2026-11-21T09:30:00Z), or how long ago (2h)", "'steward trace' shows numbers and times"};
  return until;
}

}  // namespace steward
