#include "runtime/supervision/backoff.hpp"

#include <limits>
#include <set>

#include "runtime/described.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

TEST_CASE("backoff doubles from its first wait to its longest when chance has no share") {
  auto random = make_seeded_random(1);
  const backoff_limits limits{.first = 100ms, .most = 1s, .factor = 2, .jitter = 0};
  const std::vector<duration> expected{100ms, 200ms, 400ms, 800ms, 1s, 1s};
  for (int attempt = 1; attempt <= int(expected.size()); ++attempt) CHECK(backoff(limits, attempt, *random) == expected[std::size_t(attempt) - 1]);
}

TEST_CASE("backoff stays between its share of jitter and its longest wait, whatever the attempt") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  CAPTURE(seed);
  auto random = make_seeded_random(seed);
  const backoff_limits limits{.first = 10ms, .most = 1min, .factor = 3, .jitter = 0.5};
  double whole = 10'000;
  for (const int attempt : {1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, std::numeric_limits<int>::max()}) {
    if (attempt > 9) whole = 60e6;
    CAPTURE(attempt);
    const auto wait = backoff(limits, attempt, *random);
    CHECK(double(wait.count()) >= whole * 0.5 - 1);
    CHECK(double(wait.count()) <= whole + 1);
    CHECK(wait <= limits.most);
    whole = std::min(whole * 3, 60e6);
  }
}

TEST_CASE("backoff spreads children that fell together") {
  auto random = make_seeded_random(7);
  std::set<duration> waits;
  for (int child = 0; child < 20; ++child) waits.insert(backoff({}, 1, *random));
  CHECK(waits.size() == 20);
}

TEST_CASE("backoff limits that can't be meant are refused with the reason") {
  CHECK(check(backoff_limits{}));
  CHECK(check(backoff_limits{.first = 0s}).error().code == "bad_backoff");
  CHECK(check(backoff_limits{.first = 2s, .most = 1s}).error().found == "most is 1s, shorter than first");
  CHECK(check(backoff_limits{.factor = 0.5}).error().expected == "a number from 1 to 100");
  CHECK(check(backoff_limits{.jitter = 1.5}).error().expected == "a share from 0 to 1");
  CHECK_FALSE(check(backoff_limits{.factor = std::numeric_limits<double>::quiet_NaN()}));
}

TEST_CASE("backoff limits survive the way through JSON") {
  const backoff_limits limits{.first = 5s, .most = 2h, .factor = 1.5, .jitter = 1};
  CHECK(from_json_text<backoff_limits>(to_json_text(limits)).value() == limits);
}
