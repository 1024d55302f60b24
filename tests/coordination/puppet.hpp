/// An agent that says what its test wants, and small words to build companies with.
#pragma once
#include "tests/support/small_company.hpp"

namespace steward::test {

using namespace std::chrono_literals;
using object = boost::json::object;

/// What the puppet is told: the event, how many it was given before, and the text of its step's input.
struct cue {
  std::string kind;
  int turn = 0;
  std::string text;  // of the step's input
  json body;         // what the event brought
};

/// Its script is a function of the events alone, so replaying it is calling it again.
class puppet {
public:
  static constexpr auto name = "puppet";
  static constexpr int version = 1;
  using takes = json;
  using gives = json;
  using handles = events<step_started<json>, memory_recalled, looked_up, model_answered, effect_settled, role_answered, operator_answered, woke>;
  struct state {
    int turn = 0;
    std::string text;
    BOOST_DESCRIBE_CLASS(state, (), (turn, text), (), ())
  };
  static inline std::function<intents(const cue&)> plays;

  intents on(state& s, const step_started<json>& e) const {
    s.text = text_at(e.input, "text");
    return say(s, "step_started", e.input);
  }
  intents on(state& s, const memory_recalled& e) const { return say(s, "memory_recalled", to_json(e.items)); }
  intents on(state& s, const looked_up& e) const { return say(s, "looked_up", e.answer); }
  intents on(state& s, const model_answered& e) const { return say(s, "model_answered", e.answer); }
  intents on(state& s, const effect_settled& e) const { return say(s, "effect_settled", object{{"how", e.how}, {"reason", e.reason}, {"tag", e.tag}}); }
  intents on(state& s, const role_answered& e) const { return say(s, "role_answered", object{{"role", e.role}, {"result", e.result}}); }
  intents on(state& s, const operator_answered& e) const { return say(s, "operator_answered", json(e.answer)); }
  intents on(state& s, const woke& e) const { return say(s, "woke", json(to_text(e.at))); }

private:
  static intents say(state& s, const char* kind, json body) { return plays({kind, s.turn++, s.text, std::move(body)}); }
};

inline finish done(json result = object{{"text", "done"}}) {
  finish f;
  f.result = std::move(result);
  return f;
}
/// The puppet that finishes at once with its own input.
inline intents repeats(const cue& c) { return {done(object{{"text", c.text}})}; }

struct company_of {
  company_manifests m;
  company_of() {
    role_definition r;
    r.role = "worker";
    r.agent = "puppet";
    r.may_know = {"company"};
    r.may_do = {{"test.neither", autonomy::act}, {"test.queryable", autonomy::act}, {"test.keyed", autonomy::act}, {"test.read_only", autonomy::act}};
    r.model = model_definition{"drafting", "prompts/p.md", {}};
    m.roles["worker"] = r;
    m.prompts["prompts/p.md"] = {"p", "draft", "Say something"};
    m.company.may_do = {{"test.neither", autonomy::act}, {"test.queryable", autonomy::act}, {"test.keyed", autonomy::act}, {"test.read_only", autonomy::act}};
    m.workflows["w"].workflow = "w";
    puppet::plays = repeats;
  }
  workflow_definition& w() { return m.workflows["w"]; }
  role_definition& role() { return m.roles["worker"]; }
  company_of& step(std::string name, step_definition s) {
    w().steps.push_back({std::move(name), std::move(s)});
    return *this;
  }
  operator company_manifests() const { return m; }
};

inline step_definition role_step(json with = object{{"text", "x"}}, std::optional<std::string> gives = {}) {
  step_definition s;
  s.role = "worker";
  s.with = std::move(with);
  s.gives = std::move(gives);
  return s;
}
inline step_definition effect_step(const std::string& action, json with = object{{"text", "x"}}, bool asks = false) {
  step_definition s;
  s.effect = action;
  s.with = std::move(with);
  s.undo = "none";
  if (asks) s.ask = approval_definition{};
  return s;
}
inline step_definition end_step(std::string as) {
  step_definition s;
  s.as = std::move(as);
  return s;
}
inline step_definition timer(duration after) {
  step_definition s;
  s.after = after;
  return s;
}

struct started {
  small_company c;
  explicit started(company_manifests m, policy_catalog p = {}) : c(std::move(m), std::move(p)) { c.with_agent<puppet>().start(); }
  small_company* operator->() { return &c; }
};

/// A rule that a test turns as it likes.
class turning_rule final : public policy {
public:
  std::string name() const override { return "turning"; }
  std::string because() const override { return "A test turns it"; }
  std::optional<ruling> judge(const policy_question& q) const override { return says ? says(q) : std::nullopt; }
  std::function<std::optional<ruling>(const policy_question&)> says;
};

// What the other side of the test connector may say.
inline answer yes() { return {false, true, false, "done", {}}; }
inline answer no() { return {false, true, false, "no", {}}; }
inline answer not_sent() { return {false, false, true, "unreachable", {}}; }
inline answer lost() { return {false, false, false, "no answer", {}}; }

inline bool is_open(small_company& c) { return c.outcome_of("run-1") == "open"; }

}  // namespace steward::test
