/// CONTRACT for actors/: an agent is a value, events in, intents out. Plain C++, no actors, no clock, no chance, no I/O.
///
///   class lead_reply {
///   public:
///     static constexpr auto name = "lead_reply";
///     static constexpr int version = 1;                  // raise it when the same events may give other intents
///     using takes = lead;                                // described structs, or json
///     using gives = reply;
///     using handles = events<step_started<lead>, memory_recalled, model_answered>;
///     struct state { lead who; };                        // described: all it must remember; a snapshot is this struct
///     intents on(state& self, const step_started<lead>& step);
///     …one `on` for each event it handles; a forgotten one does not compile…
///   };
///
/// An agent that needs its role's manifest (purpose, prompt, settings) has a constructor that takes `const role_brief&`.
#pragma once
#include <concepts>
#include <string>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/intent.hpp"
#include "runtime/memory_item.hpp"

namespace steward {

/// What an agent may know of the role it plays.
struct role_brief {
  std::string role;
  std::string purpose;
  std::string prompt;         // name of the role's prompt, or empty
  json settings;              // `settings:` of the role's manifest, free for the agent to define; an object
  std::string company_zone;   // "Europe/Berlin"
};
BOOST_DESCRIBE_STRUCT(role_brief, (), (role, purpose, prompt, settings, company_zone))

/// The first event of every step: its input, already checked against the step's schema.
template <class Input>
struct step_started {
  static constexpr auto kind = "step_started";
  std::string run;
  std::string step;
  std::int64_t visit = 1;  // how often the run has come to this step
  time_point at;           // now; an agent has no other clock than its events
  Input input;
  BOOST_DESCRIBE_CLASS(step_started, (), (run, step, visit, at, input), (), ())
};

struct memory_recalled {
  static constexpr auto kind = "memory_recalled";
  std::string tag;
  time_point at;
  std::vector<memory_item> items;  // best first
};
BOOST_DESCRIBE_STRUCT(memory_recalled, (), (tag, at, items))

struct looked_up {
  static constexpr auto kind = "looked_up";
  std::string tag;
  time_point at;
  std::string action;
  json answer;
  template <class T>
  T as() const { return from_json<T>(answer).value(); }
};
BOOST_DESCRIBE_STRUCT(looked_up, (), (tag, at, action, answer))

struct model_answered {
  static constexpr auto kind = "model_answered";
  std::string tag;
  time_point at;
  std::string model;
  json answer;
  /// The answer as a struct. It has passed the schema; a mismatch here is a logic fault with its path in the sentence.
  template <class T>
  T as() const { return from_json<T>(answer).value(); }
};
BOOST_DESCRIBE_STRUCT(model_answered, (), (tag, at, model, answer))

/// How a proposed effect ended.
struct effect_settled {
  static constexpr auto kind = "effect_settled";
  std::string tag;
  time_point at;
  std::string effect;
  std::string action;
  std::string how;     // confirmed | refused | failed | rejected | denied | discarded | shadowed
  std::string reason;  // the operator's or the other side's words
  json answer;
};
BOOST_DESCRIBE_STRUCT(effect_settled, (), (tag, at, effect, action, how, reason, answer))

struct role_answered {
  static constexpr auto kind = "role_answered";
  std::string tag;
  time_point at;
  std::string role;
  json result;
};
BOOST_DESCRIBE_STRUCT(role_answered, (), (tag, at, role, result))

struct operator_answered {
  static constexpr auto kind = "operator_answered";
  std::string tag;
  time_point at;
  std::string answer;
};
BOOST_DESCRIBE_STRUCT(operator_answered, (), (tag, at, answer))

struct woke {
  static constexpr auto kind = "woke";
  std::string tag;
  time_point at;
};
BOOST_DESCRIBE_STRUCT(woke, (), (tag, at))

template <class... Events>
struct events {};

template <class Agent, class Event>
concept handles_event = requires(const Agent& agent, typename Agent::state& state, const Event& event) {
  { agent.on(state, event) } -> std::same_as<intents>;
};

namespace detail {
template <class Agent, class List>
struct handles_all : std::false_type {};
template <class Agent, class... Events>
struct handles_all<Agent, events<Events...>> : std::bool_constant<(handles_event<Agent, Events> && ...)> {};
}  // namespace detail

/// What a class must have to be an agent.
template <class Agent>
concept agent = requires {
  { Agent::name } -> std::convertible_to<const char*>;
  { Agent::version } -> std::convertible_to<int>;
  typename Agent::takes;
  typename Agent::gives;
  typename Agent::handles;
  typename Agent::state;
} && std::default_initializable<typename Agent::state> && (std::default_initializable<Agent> || std::constructible_from<Agent, const role_brief&>);

template <class Agent>
concept complete_agent = agent<Agent> && detail::handles_all<Agent, typename Agent::handles>::value;

}  // namespace steward
