#include "runtime/execution/breaker.hpp"

#include <set>

#include "runtime/random.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

const time_point start{1000h};
constexpr breaker_limits limits{.opens_after = 3, .within = 1min, .open_for = 30s, .growth = 2, .open_most = 2min, .probe_within = 10s};

breaker opened_at(time_point now) {
  breaker b{limits};
  for (int i = 0; i < 3; ++i) b.record(call_outcome::provider_fault, now);
  return b;
}

}  // namespace

TEST_CASE("breaker opens at the third provider fault in a row and keeps calls away") {
  breaker b{limits};
  CHECK_FALSE(b.record(call_outcome::provider_fault, start));
  CHECK_FALSE(b.record(call_outcome::provider_fault, start + 1s));
  CHECK(b.admit(start + 1s) == admission::pass);
  CHECK(b.record(call_outcome::provider_fault, start + 2s));
  CHECK(b.state() == breaker_state::open);
  CHECK(b.admit(start + 3s) == admission::wait);
  CHECK(b.may_try_at() == start + 2s + 30s);
}

TEST_CASE("breaker forgets its faults when one call is answered") {
  breaker b{limits};
  for (int i = 0; i < 20; ++i) {
    b.record(call_outcome::provider_fault, start);
    b.record(call_outcome::provider_fault, start);
    b.record(call_outcome::answered, start);
  }
  CHECK(b.state() == breaker_state::closed);
}

TEST_CASE("breaker stays closed when its faults are further apart than the window") {
  breaker b{limits};
  for (int i = 0; i < 20; ++i) b.record(call_outcome::provider_fault, start + i * 31s);
  CHECK(b.state() == breaker_state::closed);
  CHECK(b.memory().faults.size() <= 2);
}

TEST_CASE("breaker lets exactly one probe out after its rest and closes when it is answered") {
  auto b = opened_at(start);
  CHECK(b.admit(start + 30s - 1us) == admission::wait);
  CHECK(b.admit(start + 30s) == admission::probe);
  CHECK(b.admit(start + 30s) == admission::wait);
  CHECK(b.state() == breaker_state::half_open);
  CHECK(b.record(call_outcome::answered, start + 31s));
  CHECK(b.memory() == breaker_memory{});
  CHECK(b.admit(start + 31s) == admission::pass);
}

TEST_CASE("breaker rests longer after each failed probe, up to its limit, and starts over once it recovered") {
  auto b = opened_at(start);
  auto now = start;
  for (const duration rest : {30s, 60s, 120s, 120s}) {
    CHECK(b.may_try_at() == now + rest);
    now += rest;
    CHECK(b.admit(now) == admission::probe);
    CHECK(b.record(call_outcome::provider_fault, now));
  }
  now = *b.may_try_at();
  CHECK(b.admit(now) == admission::probe);
  b.record(call_outcome::answered, now);
  for (int i = 0; i < 3; ++i) b.record(call_outcome::provider_fault, now);
  CHECK(b.may_try_at() == now + 30s);
}

TEST_CASE("breaker sends another probe when the first was lost with its run") {
  auto b = opened_at(start);
  CHECK(b.admit(start + 30s) == admission::probe);
  CHECK(b.admit(start + 39s) == admission::wait);
  CHECK(b.may_try_at() == start + 40s);
  CHECK(b.admit(start + 40s) == admission::probe);
}

TEST_CASE("breaker that is open takes no outcome of calls that left before") {
  const auto outcome = GENERATE(call_outcome::answered, call_outcome::provider_fault);
  auto b = opened_at(start);
  const auto before = b.memory();
  CHECK_FALSE(b.record(outcome, start + 1s));
  CHECK(b.memory() == before);
}

TEST_CASE("breaker restored from its snapshot goes on where it stood") {
  const auto seed = GENERATE(range(1, 30));
  CAPTURE(seed);
  auto random = make_seeded_random(std::uint64_t(seed));
  breaker whole{limits};
  breaker restored{limits};
  auto now = start;
  for (int i = 0; i < 200; ++i) {
    now += duration(std::int64_t(random->next() % 20'000'000));
    restored = breaker{limits, from_json_text<breaker_memory>(to_json_text(restored.memory())).value()};
    REQUIRE(whole.admit(now) == restored.admit(now));
    const auto outcome = random->next() % 4 == 0 ? call_outcome::answered : call_outcome::provider_fault;
    REQUIRE(whole.record(outcome, now) == restored.record(outcome, now));
    REQUIRE(whole.memory() == restored.memory());
  }
}

TEST_CASE("breaker tells the operator what it does and why") {
  auto b = opened_at(time_point{20'000h});
  CHECK(b.to_sentence("mailbox") == "mailbox did not answer 3 times in a row within 1m, so calls to it wait until 1972-04-13T08:00:30.000000Z");
  b.admit(*b.may_try_at());
  CHECK(b.to_sentence("mailbox") == "mailbox had its rest; one call tries whether it answers again, the others wait");
  b.record(call_outcome::provider_fault, time_point{20'001h});
  CHECK(b.to_sentence("mailbox") == "mailbox still does not answer (tries since: 1), so calls to it wait until 1972-04-13T09:01:00.000000Z");
  CHECK(breaker{}.to_sentence("mailbox") == "mailbox answers; calls to it pass");
}

TEST_CASE("breaker takes every row of its table in a simulated month, and no other") {
  auto random = make_seeded_random(42);
  std::set<std::tuple<breaker_state, breaker_state>> seen;
  breaker b{limits};
  auto now = start;
  for (int i = 0; i < 2000; ++i) {
    now += 20min;
    const auto before = b.state();
    const auto said = b.admit(now);
    if (b.state() != before) seen.emplace(before, b.state());
    if (said == admission::wait) continue;
    const bool down = (i / 10) % 2 == 1;
    for (int call = 0; call < (said == admission::probe ? 1 : 4); ++call) {
      const auto was = b.state();
      b.record(down && random->next() % 10 ? call_outcome::provider_fault : call_outcome::answered, now);
      if (b.state() != was) seen.emplace(was, b.state());
    }
  }
  std::set<std::tuple<breaker_state, breaker_state>> rows;
  for (const auto& row : breaker_rows) rows.emplace(row.from, row.to);
  CHECK(seen == rows);
  CHECK(breaker_table.never_taken().empty());
}
