/// The vocabulary of wishes: what an agent wants to happen next. A closed list; the gate judges each.
#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/described.hpp"

namespace steward {

/// Named material for a model or a question: {{"lead", self.who}, {"history", memory.items}}.
struct named_value {
  std::string name;
  json value;
  named_value() = default;
  template <class T>
  named_value(std::string name, const T& value) : name(std::move(name)), value(to_json(value)) {}
};
BOOST_DESCRIBE_STRUCT(named_value, (), (name, value))
using material = std::vector<named_value>;

// Each intent that brings an answer has a `tag`: the answering event carries it back, so that several can be under way.

/// Read memory. Answered by memory_recalled.
struct recall {
  std::string scope;
  std::string about;  // entity id or topic; empty: any
  std::string query;  // full text; empty: the most important and newest
  std::int64_t limit = 5;
  std::string tag;
  std::optional<std::int64_t> depth = {};  // 1: also of records that `about` names or that name it; 2: of those around them; none: of it alone
};
BOOST_DESCRIBE_STRUCT(recall, (), (scope, about, query, limit, tag, depth))

/// Write memory. No answer.
struct remember {
  std::string scope;
  std::string about;
  std::string text;
  std::string source;
  double importance = 0.5;
  std::optional<duration> keep_for;  // absent: until replaced
};
BOOST_DESCRIBE_STRUCT(remember, (), (scope, about, text, source, importance, keep_for))

/// A read-only action of a connector. Answered by looked_up.
struct look_up {
  std::string action;
  json with;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(look_up, (), (action, with, tag))

/// Ask the role's model with its prompt, or a prompt of that name. Answered by model_answered.
struct ask_model {
  std::string prompt;  // empty: the role's own
  material with;
  json answer;  // JSON Schema of the answer; null: the role's own
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(ask_model, (), (prompt, with, answer, tag))

/// An outside action. Answered by effect_settled once it is confirmed, refused, or dropped by gate or operator.
struct propose_effect {
  std::string action;
  json with;
  std::string why;                    // one sentence for the card
  std::vector<std::string> evidence;  // sources: "git:1a2b3c4 Fix the parser"
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(propose_effect, (), (action, with, why, evidence, tag))

/// Let another role do a step. Answered by role_answered.
struct ask_role {
  std::string role;
  json input;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(ask_role, (), (role, input, tag))

/// A question to the operator, as a card. Answered by operator_answered.
struct ask_operator {
  std::string question;
  std::vector<std::string> options;  // empty: free text
  material shows;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(ask_operator, (), (question, options, shows, tag))

/// Be woken later. Answered by woke.
struct wake_at {
  time_point at;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(wake_at, (), (at, tag))

/// The step is done. The result is validated against the step's schema and bound to `gives`.
struct finish {
  json result;
  std::vector<std::string> evidence;  // sources the result stands on; shown on cards and by `steward why`
  finish() = default;
  template <class T>
    requires(!std::same_as<T, error> && !std::same_as<T, finish>)
  explicit finish(const T& result, std::vector<std::string> evidence = {}) : result(to_json(result)), evidence(std::move(evidence)) {}
};
BOOST_DESCRIBE_STRUCT(finish, (), (result, evidence))

/// The step can't be done; the reason goes to the operator.
struct give_up {
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(give_up, (), (reason))

using intent = std::variant<recall, remember, look_up, ask_model, propose_effect, ask_role, ask_operator, wake_at, finish, give_up>;

/// What an agent says in one turn, in its order. Braces move what stands between them; an initializer list would copy it.
struct intents : std::vector<intent> {
  intents() = default;
  template <class... Each>
    requires(sizeof...(Each) > 0 && (std::constructible_from<intent, Each> && ...))
  intents(Each&&... each) {
    reserve(sizeof...(Each));
    (emplace_back(std::forward<Each>(each)), ...);
  }
};

/// "ask_model": the name of the alternative that `i` holds.
std::string_view kind_of(const intent& i);
/// {"kind": "ask_model", …fields}: canonical, hence comparable by digest.
std::string to_json_text(const intent& i);
json to_json_value(const intent& i);
result<intent> intent_from_json(const json& value);

}  // namespace steward
