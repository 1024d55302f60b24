#include "runtime/supervision/backoff.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace steward {

duration backoff(const backoff_limits& limits, int attempt, random_source& random) {
  // In double, because first * factor^n overflows an integer long before `most` caps it.
  const double grown = double(limits.first.count()) * std::pow(limits.factor, std::max(0, attempt - 1));
  const double whole = std::min(grown, double(limits.most.count()));
  const double share = 1 - limits.jitter * random.fraction();
  return duration{std::max<std::int64_t>(1, std::llround(whole * share))};
}

result<void> check(const backoff_limits& limits) {
  const auto fail = [](std::string found, std::string expected) { return error{"bad_backoff", "", std::move(found), std::move(expected), ""}; };
  if (limits.first <= duration::zero()) return fail("first is " + to_text(limits.first), "a length of time above 0s");
  if (limits.most < limits.first) return fail("most is " + to_text(limits.most) + ", shorter than first", "at least " + to_text(limits.first));
  if (!(limits.factor >= 1 && limits.factor <= 100)) return fail(fmt::format("factor is {}", limits.factor), "a number from 1 to 100");
  if (!(limits.jitter >= 0 && limits.jitter <= 1)) return fail(fmt::format("jitter is {}", limits.jitter), "a share from 0 to 1");
  return {};
}

}  // namespace steward
