/// How long to wait before the next try: longer each time, up to a limit, and never for all at the same moment.
#pragma once
#include "runtime/clock.hpp"
#include "runtime/random.hpp"

namespace steward {

struct backoff_limits {
  duration first = std::chrono::milliseconds{200};  // before the first restart
  duration most = std::chrono::minutes{1};          // no wait is longer
  double factor = 2;                                // each wait is this many times the one before
  double jitter = 0.2;                              // the share of a wait that chance may take away, 0 to 1
  bool operator==(const backoff_limits&) const = default;
};
BOOST_DESCRIBE_STRUCT(backoff_limits, (), (first, most, factor, jitter))

/// The wait before try number `attempt` (1 is the first repetition): uniform between (1 - jitter) and 1 times
/// min(most, first * factor^(attempt - 1)). Chance only shortens, so that `most` holds. Why jitter: Brooker,
/// "Exponential backoff and jitter" (2015); children that fell together must not come back together.
duration backoff(const backoff_limits& limits, int attempt, random_source& random);

/// The error `bad_backoff` for limits that can't be meant.
result<void> check(const backoff_limits& limits);

}  // namespace steward
