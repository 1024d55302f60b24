#include "runtime/supervision/restart_window.hpp"

#include "runtime/described.hpp"
#include "runtime/random.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {
const time_point start{1000h};
}

TEST_CASE("restart_window grants three restarts in ten minutes and sends the fourth fault up") {
  restart_window window{{3, 10min}};
  CHECK(window.fault_at(start) == window_verdict::room);
  CHECK(window.fault_at(start + 1min) == window_verdict::room);
  CHECK(window.fault_at(start + 2min) == window_verdict::room);
  CHECK(window.fault_at(start + 3min) == window_verdict::used_up);
  CHECK(window.used(start + 3min) == 3);
}

TEST_CASE("restart_window has room again when the oldest restart is older than the window") {
  restart_window window{{1, 10min}};
  CHECK(window.fault_at(start) == window_verdict::room);
  CHECK(window.fault_at(start + 10min) == window_verdict::used_up);
  CHECK(window.fault_at(start + 10min + 1us) == window_verdict::room);
}

TEST_CASE("restart_window of zero sends the first fault up") {
  restart_window window{{0, 1h}};
  CHECK(window.fault_at(start) == window_verdict::used_up);
}

TEST_CASE("restart_window forgets everything when the operator asks for a retry") {
  restart_window window{{1, 10min}};
  CHECK(window.fault_at(start) == window_verdict::room);
  CHECK(window.fault_at(start) == window_verdict::used_up);
  window.clear();
  CHECK(window.used(start) == 0);
  CHECK(window.fault_at(start) == window_verdict::room);
}

TEST_CASE("restart_window never grants more than its limit within any stretch of its length") {
  const auto seed = GENERATE(range(1, 40));
  CAPTURE(seed);
  auto random = make_seeded_random(std::uint64_t(seed));
  const restart_limit limit{1 + int(random->next() % 5), duration(1 + std::int64_t(random->next() % 50))};
  restart_window window{limit};
  std::vector<time_point> granted;
  auto now = start;
  for (int i = 0; i < 300; ++i) {
    now += duration(std::int64_t(random->next() % 12));
    const auto recent = std::count_if(granted.begin(), granted.end(), [&](time_point t) { return t >= now - limit.within; });
    const auto expected = recent < limit.at_most ? window_verdict::room : window_verdict::used_up;
    REQUIRE(window.fault_at(now) == expected);
    if (expected == window_verdict::room) granted.push_back(now);
  }
}

TEST_CASE("restart_limit reads and writes the words of a manifest") {
  const auto limit = parse_restart_limit("3 in 10m");
  REQUIRE(limit);
  CHECK(*limit == restart_limit{3, 10min});
  CHECK(to_text(*limit) == "3 in 10m");
  CHECK(to_text(*parse_restart_limit("0 in 1h30m")) == "0 in 1h30m");
}

TEST_CASE("restart_limit refuses what it can't read and shows a right one") {
  const auto text = GENERATE("", "3", "3 in", "3 in ", "in 10m", "-1 in 10m", "3 in 0s", "3 in 10", "three in 10m", "3  in 10m", "3 per 10m", "9999 in 1m",
                             "99999999999999 in 1m");
  const auto limit = parse_restart_limit(text);
  REQUIRE_FALSE(limit);
  CHECK(limit.error().code == "bad_restart_limit");
  CHECK(to_sentence(limit.error()).find("'3 in 10m'") != std::string::npos);
}
