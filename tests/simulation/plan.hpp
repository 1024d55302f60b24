/// What goes wrong, and when: drawn from a seed, or written down in a drill.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/random.hpp"

namespace steward::simulation {

/// What can befall one call to the outside.
enum class misbehaviour {
  none,
  unreachable,       // not one byte leaves
  request_lost,      // nothing happens, and no answer comes
  answer_lost,       // it happens, and no answer comes
  busy,              // 503, nothing happened
  fails_after,       // 500, although it happened
  refuses,           // no, for good
  slow,              // it happens, the answer takes 40 s
  very_slow,         // it happens, the answer takes 20 minutes: its connector counts as hung by then
  garbage,           // a model's answer that is none
  throws,            // a bug of the connector, before anything left
  crash_before,      // the engine dies before the call leaves
  crash_after,       // it happens, then the engine dies
};
BOOST_DESCRIBE_ENUM(misbehaviour, none, unreachable, request_lost, answer_lost, busy, fails_after, refuses, slow, very_slow, garbage, throws, crash_before, crash_after)

/// What can befall the disk at one of its flushes.
enum class disk_fault { none, crash_before, crash_after, full };
BOOST_DESCRIBE_ENUM(disk_fault, none, crash_before, crash_after, full)

/// What can befall an agent that is given an event.
enum class agent_fault {
  none,
  throws,
  hangs,
  kills,             // the whole engine goes down with it
};
BOOST_DESCRIBE_ENUM(agent_fault, none, throws, hangs, kills)

/// How the operator takes one question.
enum class answer_manner { at_once, late, twice, never, reject, modify, while_dying };
BOOST_DESCRIBE_ENUM(answer_manner, at_once, late, twice, never, reject, modify, while_dying)

class fault_plan {
public:
  virtual ~fault_plan() = default;
  /// The n-th call (from 1) of an action, of "model", of "poll".
  virtual misbehaviour at_call(const std::string& what, std::int64_t n) = 0;
  virtual disk_fault at_flush(std::int64_t n) = 0;
  virtual agent_fault at_turn(const std::string& text, std::int64_t n) = 0;
  virtual answer_manner at_question(std::int64_t n) = 0;
  /// The engine dies between two messages.
  virtual bool dies_now(std::uint64_t step) = 0;
};

/// How rough a week is; drawn once from its seed, so that calm weeks and stormy ones both happen.
struct mood {
  double bad_call = 0, bad_flush = 0, bad_turn = 0, sudden_death = 0, odd_operator = 0;
};

std::unique_ptr<fault_plan> make_seeded_plan(std::uint64_t seed);

}  // namespace steward::simulation
