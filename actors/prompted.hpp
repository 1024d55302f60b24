/// The agent behind a role without C++: shows the step's input to the role's model and gives back its answer.
#pragma once
#include "runtime/agent.hpp"

namespace steward {

class prompted {
public:
  static constexpr auto name = "prompted";
  static constexpr int version = 1;
  using takes = json;  // the role's prompt says which holes it has
  using gives = json;  // the role's answer schema says what comes back
  using handles = events<step_started<json>, model_answered>;
  struct state {
    BOOST_DESCRIBE_CLASS(state, (), (), (), ())
  };

  intents on(state&, const step_started<json>& step) const {
    material with;
    if (step.input.is_object())
      for (const auto& [key, value] : step.input.get_object()) with.emplace_back(std::string(key), value);
    else with.emplace_back("input", step.input);
    return {ask_model{.with = std::move(with)}};  // no prompt and no schema named: the role's own
  }

  intents on(state&, const model_answered& answer) const { return {finish{answer.answer}}; }
};

}  // namespace steward
