#include "bench/company.hpp"

#include "bench/echo.hpp"
#include "bench/talker.hpp"

namespace steward::bench {

step_ledger* ledger = nullptr;

namespace {

/// Class K, and the other side always says yes.
class nowhere final : public connector {
public:
  nowhere() {
    manifest_.name = "nowhere";
    manifest_.version = "1";
    action_manifest send;
    send.name = "nowhere.send";
    send.summary = "Does nothing, with a key";
    send.repeats = effect_class::keyed;
    send.per_minute = 1'000'000'000;
    send.arguments = boost::json::object{{"type", "object"}, {"properties", {{"text", {{"type", "string"}}}}}, {"additionalProperties", false}};
    manifest_.actions.push_back(std::move(send));
  }
  const connector_manifest& manifest() const override { return manifest_; }
  result<request> prepare(const action_call& call, const effect_mark&) const override {
    request r;
    r.bytes = canonical(call.arguments);
    r.preview = "Nothing, to nobody";
    return r;
  }
  answer perform(const request&, outside&) override { return {false, true, false, "done", {}}; }
  outcome read(const request&, const answer& came_back) const override {
    outcome o;
    o.kind = came_back.complete ? outcome_kind::confirmed : outcome_kind::in_doubt;
    o.sentence = came_back.bytes;
    return o;
  }

private:
  connector_manifest manifest_;
};

}  // namespace

engine_parts company_parts(const company_options& options) {
  engine_parts parts;
  parts.folder = options.folder;
  auto& company = parts.manifests.company;
  company.company = "bench";
  company.running = options.in_flight;
  company.waiting = 1'000'000;

  role_definition role;
  role.role = "echo";
  role.agent = "echo";
  role.limits.emplace();
  role.limits->running = options.in_flight;
  role.limits->waiting = 1'000'000;
  parts.manifests.roles["echo"] = role;

  workflow_definition ten;
  ten.workflow = "ten";
  for (std::int64_t i = 1; i <= steps_of_run; ++i) {
    step_definition s;
    s.role = "echo";
    s.with = i == 1 ? json(boost::json::object{{"number", "${input.number}"}, {"text", "${input.text}"}})
                    : json(boost::json::object{{"number", "${said.number}"}, {"text", "${said.text}"}});
    s.gives = "said";
    ten.steps.push_back({"s" + std::to_string(i), std::move(s)});
  }
  parts.manifests.workflows["ten"] = std::move(ten);

  workflow_definition ask;
  ask.workflow = "ask";
  step_definition send;
  send.effect = "nowhere.send";
  send.with = boost::json::object{{"text", "${input.text}"}};
  send.undo = "none";
  send.ask.emplace();
  ask.steps.push_back({"send", std::move(send)});
  parts.manifests.workflows["ask"] = std::move(ask);

  role_definition talking;
  talking.role = "talker";
  talking.agent = "talker";
  talking.model = model_definition{"drafting", "prompts/talk.md", {}};
  parts.manifests.roles["talker"] = talking;
  parts.manifests.prompts["prompts/talk.md"] = {"talk", "draft", "Go on: {{said}}"};
  workflow_definition converse;
  converse.workflow = "talk";
  converse.caps = caps_definition{.events = 1'000'000, .model_calls = 1'000'000};
  step_definition speak;
  speak.role = "talker";
  speak.with = boost::json::object{{"calls", "${input.calls}"}};
  converse.steps.push_back({"speak", std::move(speak)});
  parts.manifests.workflows["talk"] = std::move(converse);
  parts.models["local"] = std::make_shared<answering_machine>();

  for (std::int64_t i = 0; i < options.rules; ++i) {
    policy_definition rule;
    rule.name = "rule_" + std::to_string(i);
    rule.because = "The bench wants to know what a rule costs";
    rule.when = "action == 'nowhere.send' && role != 'nobody_" + std::to_string(i) + "' && size(arguments.text) < 1000";
    rule.then = verdict::allow;
    parts.manifests.policies[rule.name] = std::move(rule);
  }

  parts.connectors = {std::make_shared<nowhere>()};
  parts.agents = {host<echo>(), host<talker>()};
  parts.now = make_system_clock();
  parts.files = make_system_disk();
  parts.version = "bench";
  return parts;
}

}  // namespace steward::bench
