/// Reads a calendar file and says when its owner is busy: series, exceptions, moved instances and foreign zones included.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"

namespace steward {

struct busy_span {
  time_point from, to;
  std::string summary;
  bool operator==(const busy_span&) const = default;
};
BOOST_DESCRIBE_STRUCT(busy_span, (), (from, to, summary))

/// What overlaps [from, to), sorted by start. Times without a zone, and whole days, are read in `zone`. Free ("transparent") and
/// cancelled events don't count. Errors: bad_calendar, calendar_too_busy.
result<std::vector<busy_span>> busy_spans(std::string_view file, time_point from, time_point to, const std::string& zone);

}  // namespace steward
