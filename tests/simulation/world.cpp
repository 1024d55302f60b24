#include "tests/simulation/world.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <sqlite3.h>

#include "runtime/digest.hpp"

namespace steward::simulation {
namespace {

using object = boost::json::object;

constexpr money price{100'000'000, "EUR"}, highest_price{200'000'000, "EUR"};
constexpr duration slow_answer = std::chrono::seconds{40}, very_slow_answer = std::chrono::minutes{20};

class world_connector final : public connector {
public:
  explicit world_connector(world& outside) : world_(outside) {
    manifest_.name = "world";
    manifest_.summary = "the simulated outside";
    manifest_.version = "1";
    const auto action = [&](const char* name, effect_class repeats, risk_kind risk) {
      action_manifest a;
      a.name = name;
      a.summary = std::string("Does ") + name;
      a.repeats = repeats;
      a.risk = risk;
      a.per_minute = 100;
      a.arguments = object{{"type", "object"}, {"properties", object{{"to", object{{"type", "string"}}}, {"text", object{{"type", "string"}}}}}, {"required", boost::json::array{"text"}}, {"additionalProperties", false}};
      if (repeats == effect_class::keyed) a.key_window = key_window;
      manifest_.actions.push_back(std::move(a));
    };
    action("world.pay", effect_class::keyed, risk_kind::money);
    action("world.mail", effect_class::queryable, risk_kind::outside);
    action("world.sms", effect_class::neither, risk_kind::outside);
    action("world.look", effect_class::read_only, risk_kind::none);
    for (const auto* name : {"order_arrived", "mail_received"}) manifest_.signals.push_back({name, "Something arrived", object{{"type", "object"}}});
  }
  const connector_manifest& manifest() const override { return manifest_; }
  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    request r;
    r.action = call.action;
    r.key = mark.key;
    r.bytes = fmt::format("{} {} at {} key {}", call.action, canonical(call.arguments), to_text(mark.time), mark.key);
    if (const auto to = text_at(call.arguments, "to"); !to.empty()) r.recipients = {"world:" + to};
    r.preview = fmt::format("{}: {}", call.action, text_at(call.arguments, "text"));
    return r;
  }
  answer perform(const request& what, outside&) override { return world_.perform(what); }
  answer look_up(const request& what, outside&) override { return world_.look_up(what); }
  outcome read(const request& what, const answer& a) const override {
    outcome o;
    o.answer = object{{"key", what.key}};
    o.sentence = a.bytes.empty() ? a.trouble.found : a.bytes;
    if (!a.complete) o.kind = a.nothing_sent ? outcome_kind::failed : outcome_kind::in_doubt;
    else if (a.looked_up) o.kind = a.bytes == "there" ? outcome_kind::confirmed : outcome_kind::failed;
    else if (a.bytes == "200") o.kind = outcome_kind::confirmed;
    else if (a.bytes == "403") o.kind = outcome_kind::refused;
    else if (a.bytes == "503") o.kind = outcome_kind::failed;
    else o.kind = outcome_kind::in_doubt;  // a 500 says nothing about what happened before it
    // What a clerk paid can be asked back; the refund itself stands.
    const auto call = what.bytes.substr(0, what.bytes.find(" at "));
    if (o.kind == outcome_kind::confirmed && call.starts_with("world.pay {") && call.find("\"text\":\"pay ") != call.npos)
      o.undo = action_call{"world.pay", object{{"to", "landlord"}, {"text", "refund for " + what.key.substr(0, 8)}}};
    return o;
  }
  result<std::vector<signal>> poll(outside&, std::size_t limit) override {
    if (world_.dead || world_.at_call("poll") != misbehaviour::none) return error{"unreachable", "world", "no connection", "", ""};
    const auto& all = world_.inbox();
    return std::vector<signal>(all.begin(), all.begin() + std::ptrdiff_t(std::min(limit, all.size())));
  }
  result<void> acknowledge(outside&, const std::string& receipt) override {
    if (!world_.dead) std::erase_if(world_.inbox(), [&](const signal& s) { return s.receipt == receipt; });
    return {};
  }

private:
  connector_manifest manifest_;
  world& world_;
};

class world_model final : public model_provider {
public:
  explicit world_model(world& outside) : world_(outside) {}
  std::string name() const override { return "local"; }
  model_usage worst_case(const model_question&) const override { return {highest_price, 200, 200}; }
  result<model_reply> ask(const model_question& q) override { return world_.ask(q); }

private:
  world& world_;
};

}  // namespace

world*& current_world() {
  static thread_local world* current = nullptr;
  return current;
}

world::world(stage& on, std::unique_ptr<fault_plan> plan) : stage_(on), plan_(std::move(plan)) {}

time_point world::wall() const {
  return time_point{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}} + stage_.now() + skew_;
}

void world::die(std::string why) {
  if (std::exchange(dead, true)) return;
  last_words = std::move(why);
}

bool world::happened(const std::string& key) const { return by_key_.contains(key); }

misbehaviour world::at_call(const std::string& what) {
  const auto n = ++calls_[what];
  if (!network) return misbehaviour::unreachable;
  if (calm) return misbehaviour::none;
  const auto came = plan_->at_call(what, n);
  if (came != misbehaviour::none && what != "poll") ++seen[fmt::format("call {}", to_word(came))];
  return came;
}

int world::at_disk(bool is_flush) {
  if (dead) return SQLITE_IOERR;
  if (disk_full) return SQLITE_FULL;
  if (!is_flush) {
    ++writes_;
    return SQLITE_OK;
  }
  const auto n = ++flushes_;
  const auto came = calm ? disk_fault::none : plan_->at_flush(n);
  if (came == disk_fault::none) return SQLITE_OK;
  ++seen[fmt::format("disk {}", to_word(came))];
  if (came == disk_fault::full) {
    disk_full = true;
    stage_.at(stage_.now() + std::chrono::minutes{30}, [this] { disk_full = false; });
    return SQLITE_FULL;
  }
  die(fmt::format("killed at flush {} ({})", n, to_word(came)));
  return came == disk_fault::crash_before ? SQLITE_IOERR : SQLITE_OK;
}

bool world::agent_turn(const std::string& text) {
  if (dead) return false;
  if (text.starts_with("poison")) throw std::runtime_error("the template has no name field");
  const auto came = calm ? agent_fault::none : plan_->at_turn(text, ++turns_[text]);
  if (came == agent_fault::none) return false;
  ++seen[fmt::format("agent {}", to_word(came))];
  if (came == agent_fault::throws) throw std::runtime_error("index out of range");
  if (came == agent_fault::kills) {
    die("killed by an agent's turn");
    return false;
  }
  const auto since = stage_.now();
  stage_.hang();
  const bool outdated = stage_.now() - since >= surely_given_up;
  if (outdated) ++seen["outdated words"];
  return outdated;
}

/// The provider's side. It keeps its promises: a key that it remembers does nothing again, with other bytes it is refused.
void world::apply(const request& what) {
  const auto now = wall();
  const auto before = by_key_.find(what.key);
  if (before != by_key_.end()) {
    const auto& last = deeds_[before->second.back()];
    if (last.bytes != what.bytes) complaints_.push_back(fmt::format("{} came again under key {} with other bytes", what.action, what.key));
    if (what.action == "world.pay" && now - last.at < key_window) {
      ++seen["key repeated"];
      return;
    }
    complaints_.push_back(fmt::format("{} happened twice: {}", what.action, what.bytes));
  }
  by_key_[what.key].push_back(deeds_.size());
  deeds_.push_back({what.action, what.key, what.bytes, now});
}

answer world::perform(const request& what) {
  if (dead) return {};
  const auto came = at_call(what.action);
  const bool reads = what.action == "world.look";
  const auto happens = [&] {
    if (!reads) apply(what);
  };
  switch (came) {
    case misbehaviour::none:
    case misbehaviour::garbage: happens(); return {false, true, false, "200", {}};
    case misbehaviour::unreachable: return {false, false, true, "", {"unreachable", "world", "no connection", "", ""}};
    case misbehaviour::request_lost: stage_.rest(slow_answer); return {false, false, false, "", {"timeout", "world", "no answer", "", ""}};
    case misbehaviour::answer_lost: happens(); stage_.rest(slow_answer); return {false, false, false, "", {"timeout", "world", "no answer", "", ""}};
    case misbehaviour::busy: return {false, true, false, "503", {}};
    case misbehaviour::fails_after: happens(); return {false, true, false, "500", {}};
    case misbehaviour::refuses: return {false, true, false, "403", {}};
    case misbehaviour::slow: happens(); stage_.rest(slow_answer); return {false, true, false, "200", {}};
    case misbehaviour::very_slow: happens(); stage_.rest(very_slow_answer); return {false, true, false, "200", {}};
    case misbehaviour::throws: throw std::runtime_error("stoi");
    case misbehaviour::crash_before: die("killed before " + what.action + " left"); return {};
    case misbehaviour::crash_after: happens(); die("killed after " + what.action + " happened"); return {};
  }
  return {};
}

answer world::look_up(const request& what) {
  if (dead) return {true};
  switch (at_call("look up " + what.action)) {
    case misbehaviour::none:
    case misbehaviour::slow:
    case misbehaviour::refuses:
    case misbehaviour::garbage: break;
    case misbehaviour::crash_before:
    case misbehaviour::crash_after: die("killed while it looked something up"); return {true};
    case misbehaviour::very_slow: stage_.rest(very_slow_answer); break;
    case misbehaviour::throws: throw std::runtime_error("stoi");
    default: return {true, false, false, "no answer", {"timeout", "world", "no answer", "", ""}};
  }
  ++seen["looked up"];
  return {true, true, false, happened(what.key) ? "there" : "absent", {}};
}

result<model_reply> world::ask(const model_question& q) {
  if (dead) return error{"model_unreachable", "local", "the engine is dead", "", ""};
  const auto role = text_at(q.with, "role");
  const auto pays = [&] { charges_.push_back({role, price, wall()}); };
  const auto good = [&] { return model_reply{"world/1", object{{"text", "an answer to " + text_at(q.with, "about")}}, {price, 20, 20}}; };
  switch (at_call("model")) {
    case misbehaviour::unreachable: return error{"model_unreachable", "local", "no connection", "", ""};
    case misbehaviour::busy: return error{"model_busy", "local", "429", "", ""};
    case misbehaviour::request_lost: stage_.rest(slow_answer); return error{"model_unreachable", "local", "no answer", "", ""};
    case misbehaviour::slow: stage_.rest(slow_answer); pays(); return good();
    case misbehaviour::very_slow: stage_.rest(very_slow_answer); pays(); return good();
    case misbehaviour::garbage: pays(); return model_reply{"world/1", object{{"words", 7}}, {price, 20, 20}};
    case misbehaviour::throws: throw std::runtime_error("stoi");
    case misbehaviour::crash_before: die("killed before the model was asked"); return error{"model_unreachable", "local", "", "", ""};
    case misbehaviour::crash_after: pays(); die("killed after the model had answered"); return error{"model_unreachable", "local", "", "", ""};
    default: pays(); return good();
  }
}

std::shared_ptr<connector> make_world_connector(world& outside) { return std::make_shared<world_connector>(outside); }
std::shared_ptr<model_provider> make_world_model(world& outside) { return std::make_shared<world_model>(outside); }

}  // namespace steward::simulation
