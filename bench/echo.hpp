/// The trivial agent: gives back what it is given, so that a step costs nothing but the engine.
#pragma once
#include "bench/company.hpp"
#include "runtime/agent.hpp"

namespace steward::bench {

struct note {
  std::int64_t number = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (number, text))
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

class echo {
public:
  static constexpr auto name = "echo";
  static constexpr int version = 1;
  using takes = note;
  using gives = note;
  using handles = events<step_started<note>>;
  using state = nothing;
  intents on(state&, const step_started<note>& step) const {
    if (ledger) {
      const auto place = std::strtol(step.step.c_str() + 1, nullptr, 10) - 1;  // "s7"
      ++ledger->worked_on[std::size_t(step.input.number) % step_ledger::runs][std::size_t(place)];
    }
    return {finish{step.input}};
  }
};

}  // namespace steward::bench
