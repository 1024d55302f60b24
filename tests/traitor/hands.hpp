/// The agent of a role that believes its model, and a model that believes whatever it reads last.
#pragma once
#include "runtime/agent.hpp"
#include "runtime/hosting/agent_value.hpp"
#include "runtime/model.hpp"

namespace steward::traitor {

/// The instruction that an attacker hides in a text: {"action": …, "with": …} between these.
std::string hidden_in_a_letter(const action_call& wanted);
/// The last instruction that stands anywhere in this material.
std::optional<action_call> instruction_in(const json& material);
/// What the model says: exactly what it was told, by whomever.
result<model_reply> obeys(const model_question& q);

/// Reads in the way that its input's `mode` says, asks the model what to do, and does it.
class hands {
public:
  static constexpr auto name = "hands";
  static constexpr int version = 1;
  using takes = json;
  using gives = json;
  using handles = events<step_started<json>, memory_recalled, looked_up, model_answered, effect_settled, role_answered>;
  struct state {
    std::string mode;
    BOOST_DESCRIBE_CLASS(state, (), (mode), (), ())
  };

  intents on(state& s, const step_started<json>& e) const;
  intents on(state& s, const memory_recalled& e) const { return ask({"memory", to_json(e.items)}, s); }
  intents on(state& s, const looked_up& e) const;
  intents on(state& s, const model_answered& e) const;
  intents on(state&, const effect_settled& e) const { return done(json(e.how)); }
  intents on(state& s, const role_answered& e) const;

private:
  static intents ask(named_value material, state& s);
  static intents done(json result);
};

}  // namespace steward::traitor
