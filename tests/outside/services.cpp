#include "tests/outside/services.hpp"

#include <fmt/format.h>

#include "connectors/http/http_answer.hpp"
#include "tests/support/world/http_world.hpp"

namespace steward::outside_test {
namespace {

constexpr auto patience = std::chrono::milliseconds{200};  // real time: the sockets are real

json text_schema(std::string_view text) { return parse_json(text).value(); }

std::string base_of(const std::string& workspace) {
  auto base = make_system_disk()->read(workspace + "/services.txt").value();
  while (base.ends_with('\n')) base.pop_back();
  return base;
}

/// One action of one service: where it goes, and by what the service knows it again.
struct service_action {
  const char *name, *summary;
  effect_class repeats;
  risk_kind risk;
  const char *method, *place;
  const char* mark;  // the header that carries our key; empty: the service takes none
};

constexpr service_action actions[] = {
    {"bank.pay", "Pays an amount", effect_class::keyed, risk_kind::money, "POST", "/payments", "Idempotency-Key"},
    {"post.send", "Sends a mail", effect_class::queryable, risk_kind::outside, "POST", "/mails", "Message-Mark"},
    {"phone.text", "Sends a text message", effect_class::neither, risk_kind::outside, "POST", "/texts", ""},
    {"cms.put", "Writes a page", effect_class::keyed, risk_kind::public_, "PUT", "/pages", ""},
    {"cms.read", "Reads a page", effect_class::read_only, risk_kind::none, "GET", "/pages", ""},
};

const service_action* action_named(std::string_view name) {
  for (const auto& a : actions)
    if (name == a.name) return &a;
  return nullptr;
}

connector_manifest manifest_of(const std::string& service) {
  connector_manifest m;
  m.name = service;
  m.summary = "A service on this machine that misbehaves";
  m.version = "1";
  m.settings = text_schema(R"({"type": "object", "additionalProperties": false})");
  for (const auto& a : actions) {
    if (!std::string_view(a.name).starts_with(service + ".")) continue;
    action_manifest made;
    made.name = a.name;
    made.summary = a.summary;
    made.repeats = a.repeats;
    made.risk = a.risk;
    made.per_minute = 1000;
    if (made.name == "bank.pay") made.key_window = proof::key_remembered;
    made.arguments = text_schema(R"({"type": "object", "additionalProperties": false, "required": ["to"], "properties": {"to": {"type": "string", "pattern": "^[a-z0-9-]+$"}, "text": {"type": "string"}}})");
    made.answer = text_schema(R"({"type": "object"})");
    m.actions.push_back(std::move(made));
  }
  return m;
}

class service_connector final : public connector {
public:
  service_connector(const std::string& service, std::string base) : manifest_(manifest_of(service)), base_(std::move(base)) {}

  const connector_manifest& manifest() const override { return manifest_; }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (!find_action(manifest_, call.action)) return error{"unknown_action", call.action, "the service can't do this"};
    request r{.action = call.action, .key = mark.key, .bytes = canonical(call.arguments)};
    if (call.action != "cms.read") r.recipients = {manifest_.name + ":" + text_at(call.arguments, "to")};
    r.preview = fmt::format("{} for {}", call.action, text_at(call.arguments, "to"));
    return r;
  }

  answer perform(const request& what, outside&) override {
    const auto* a = action_named(what.action);
    http_request r;
    r.method = a->method;
    r.url = base_ + a->place;
    if (a->place == std::string_view("/pages")) r.url += "/" + text_at(parse_json(what.bytes).value(), "to");
    if (*a->mark) r.headers.push_back(fmt::format("{}: {}", a->mark, what.key));
    if (a->repeats == effect_class::read_only) r.repeat = http_repeat::allowed;
    else r.body = what.bytes;
    r.answers_within = patience;
    return as_answer(http_.ask(r));
  }

  answer look_up(const request& what, outside&) override {
    http_request r;
    r.url = base_ + "/mails/" + what.key;
    r.repeat = http_repeat::allowed;
    r.answers_within = patience;
    return as_answer(http_.ask(r), true);
  }

  outcome read(const request& what, const answer& came_back) const override {
    const auto reading = read_http(came_back);
    if (!reading.said) return reading.otherwise;
    const auto body = parse_json(reading.said->body);
    if (!body || !body->is_object()) return {.kind = outcome_kind::in_doubt, .sentence = "the service gave an answer that can't be read"};
    if (came_back.looked_up) {
      const auto* sent = body->get_object().if_contains("sent");
      if (!sent || !sent->is_bool()) return {.kind = outcome_kind::in_doubt, .sentence = "the service does not say whether it was sent"};
      if (!sent->get_bool()) return {.kind = outcome_kind::failed, .sentence = "the service has no such mail"};
    }
    return {.kind = outcome_kind::confirmed, .answer = *body, .sentence = what.preview + ": done"};
  }

private:
  connector_manifest manifest_;
  std::string base_;
  http_client http_;
};

constexpr money worst_of_an_answer{2 * proof::model_charge_nano, "EUR"};

class far_model final : public model_provider {
public:
  explicit far_model(std::string base) : base_(std::move(base)) {}
  std::string name() const override { return "far"; }
  model_usage worst_case(const model_question&) const override { return {worst_of_an_answer, 1000, 1000}; }
  result<model_reply> ask(const model_question& q) override {
    http_request r;
    r.method = "POST";
    r.url = base_ + "/model";
    r.body = canonical(to_json(q));
    r.answers_within = patience;
    const auto reply = http_.ask(r);
    if (reply.nothing_sent) return error{"model_unreachable", "far", to_sentence(reply.trouble)};
    if (reply.complete && reply.status == 429) return error{"model_busy", "far", "it has too much to do"};
    if (!reply.complete || reply.status != 200) return error{"model_answer_lost", "far", reply.complete ? fmt::format("it answered {}", reply.status) : to_sentence(reply.trouble)};
    const auto body = parse_json(reply.body);
    const auto* said = body ? at_path(*body, "answer") : nullptr;
    if (!said) return error{"bad_model_answer", "far", "its answer can't be read"};
    return model_reply{"far/1", *said, {{proof::model_charge_nano, "EUR"}, 100, 100}};
  }

private:
  std::string base_;
  http_client http_;
};

template <int Which>
connector_entry entry() {
  static constexpr const char* names[] = {"bank", "post", "phone", "cms"};
  return {names[Which], manifest_of(names[Which]), [](const json&, const std::string& workspace) -> std::unique_ptr<connector> { return std::make_unique<service_connector>(names[Which], base_of(workspace)); }};
}

}  // namespace

connector_catalog service_connectors() { return {entry<0>(), entry<1>(), entry<2>(), entry<3>()}; }

model_catalog service_models() {
  return {{"far", [](const json&, const std::string& workspace) -> std::unique_ptr<model_provider> { return std::make_unique<far_model>(base_of(workspace)); }}};
}

}  // namespace steward::outside_test
