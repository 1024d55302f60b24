/// Keeps calls away from a provider that is down: the circuit breaker of one connector or model, shared by all runs.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/transition_table.hpp"

namespace steward {

enum class breaker_state {
  closed,     // calls pass
  open,       // calls wait
  half_open,  // one probe is under way or may go
};
BOOST_DESCRIBE_ENUM(breaker_state, closed, open, half_open)

enum class breaker_trigger { trip, cool_down, recover, relapse };
BOOST_DESCRIBE_ENUM(breaker_trigger, trip, cool_down, recover, relapse)

// clang-format off
inline constexpr transition<breaker_state, breaker_trigger> breaker_rows[] = {
    {breaker_state::closed,    breaker_trigger::trip,      breaker_state::open},       // too many provider faults in a row
    {breaker_state::open,      breaker_trigger::cool_down, breaker_state::half_open},  // the rest is over
    {breaker_state::half_open, breaker_trigger::recover,   breaker_state::closed},     // the probe came through
    {breaker_state::half_open, breaker_trigger::relapse,   breaker_state::open},       // it did not: rest again, longer
};
// clang-format on
inline constinit transition_table breaker_table{breaker_rows};

struct breaker_limits {
  std::int64_t opens_after = 5;                          // provider faults in a row …
  duration within = std::chrono::minutes{2};             // … inside this; older ones are forgotten
  duration open_for = std::chrono::seconds{30};          // the first rest
  double growth = 2;                                     // each relapse rests this many times longer …
  duration open_most = std::chrono::minutes{30};         // … but no longer than this
  duration probe_within = std::chrono::minutes{2};       // a probe that says nothing for so long was lost with its run
  bool operator==(const breaker_limits&) const = default;
};
BOOST_DESCRIBE_STRUCT(breaker_limits, (), (opens_after, within, open_for, growth, open_most, probe_within))

/// All that a breaker must remember: a snapshot is this struct.
struct breaker_memory {
  breaker_state state = breaker_state::closed;
  std::vector<time_point> faults;           // in a row, while closed; never more than opens_after
  std::int64_t opened = 0;                  // times in a row, without a recovery between
  std::optional<time_point> until;          // the end of the rest, while open
  std::optional<time_point> probing_until;  // while a probe is under way
  bool operator==(const breaker_memory&) const = default;
};
BOOST_DESCRIBE_STRUCT(breaker_memory, (), (state, faults, opened, until, probing_until))

enum class admission {
  pass,   // call
  probe,  // call, and the outcome decides for all the others
  wait,   // don't call; see `may_try_at`
};
BOOST_DESCRIBE_ENUM(admission, pass, probe, wait)

enum class call_outcome {
  answered,        // the provider did its part; a refusal (4xx) is an answer too
  provider_fault,  // timeout, 5xx, network
};
BOOST_DESCRIBE_ENUM(call_outcome, answered, provider_fault)

/// A value: it asks no clock, the caller brings the time. Whoever is admitted records the outcome.
class breaker {
public:
  explicit breaker(breaker_limits limits = {}, breaker_memory memory = {}) : limits_(limits), memory_(std::move(memory)) {}

  /// May a call leave now? Also moves an open breaker on when its rest is over.
  admission admit(time_point now);
  /// Takes one outcome; true when the state changed. While open, outcomes of calls that left before it opened change nothing.
  bool record(call_outcome outcome, time_point now);

  breaker_state state() const { return memory_.state; }
  /// The earliest moment at which `admit` may answer otherwise; nothing while closed.
  std::optional<time_point> may_try_at() const;
  const breaker_memory& memory() const { return memory_; }
  /// What it does and why, for the operator: "mailbox did not answer 5 times in a row, so calls to it wait until …".
  std::string to_sentence(std::string_view name) const;

private:
  void take(breaker_trigger on);
  void rest_from(time_point now);

  breaker_limits limits_;
  breaker_memory memory_;
};

}  // namespace steward
