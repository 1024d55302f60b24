/// A whole company in memory for tests of the coordinator: agents, connectors and models answer at once, time is moved by
/// hand, and after every step the state is folded anew from the events and compared with the live one.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/question.hpp"
#include "runtime/coordination/run_parcel.hpp"
#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/agent_value.hpp"
#include "tests/support/catch.hpp"

namespace steward::test {

/// A connector `test` whose actions behave as the test says. It keeps a ledger of what really happened.
class test_connector final : public connector {
public:
  test_connector() {
    manifest_.name = "test";
    manifest_.version = "1";
    for (const auto repeats : {effect_class::read_only, effect_class::keyed, effect_class::queryable, effect_class::neither}) {
      action_manifest a;
      a.name = "test." + std::string(to_word(repeats));
      a.summary = "does something " + std::string(to_word(repeats));
      a.repeats = repeats;
      a.per_minute = 1000;
      a.arguments = boost::json::object{{"type", "object"}, {"properties", {{"to", {{"type", "string"}}}, {"text", {{"type", "string"}}}}}, {"additionalProperties", false}};
      manifest_.actions.push_back(std::move(a));
    }
  }
  const connector_manifest& manifest() const override { return manifest_; }
  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    request r;
    r.bytes = canonical(call.arguments) + " at " + to_text(mark.time) + " key " + mark.key;
    if (const auto to = text_at(call.arguments, "to"); !to.empty()) r.recipients = {"test:" + to};
    r.preview = call.action + " to " + text_at(call.arguments, "to", "nobody");
    return r;
  }
  answer perform(const request& what, outside&) override {
    answer a = next ? next(what) : answer{false, true, false, "done", {}};
    const bool happened = a.complete ? a.bytes != "no" : happens_anyway && !a.nothing_sent;
    if (!happened) return a;
    if (what.action == "test.read_only") return a;
    const auto before = std::find_if(ledger.begin(), ledger.end(), [&](const request& r) { return r.key == what.key; });
    if (what.action == "test.keyed" && before != ledger.end()) {  // the provider knows the key: it does nothing again
      CHECK(before->bytes == what.bytes);
      ++repeats;
      return a;
    }
    ledger.push_back(what);
    return a;
  }
  answer look_up(const request& what, outside&) override {
    ++looked;
    if (blind) return {true, false, false, "no answer", {}};
    const bool there = std::any_of(ledger.begin(), ledger.end(), [&](const request& r) { return r.key == what.key; });
    return {true, true, false, there ? "there" : "absent", {}};
  }
  outcome read(const request& what, const answer& a) const override {
    outcome o;
    o.answer = boost::json::object{{"key", what.key}};
    o.sentence = a.bytes;
    if (takes_back) o.undo = takes_back(what);
    if (a.looked_up) o.kind = !a.complete ? outcome_kind::in_doubt : a.bytes == "there" ? outcome_kind::confirmed : outcome_kind::failed;
    else if (!a.complete) o.kind = a.nothing_sent ? outcome_kind::failed : outcome_kind::in_doubt;
    else o.kind = a.bytes == "no" ? outcome_kind::refused : outcome_kind::confirmed;
    return o;
  }

  result<std::vector<signal>> poll(outside&, std::size_t) override { return polled ? polled() : std::vector<signal>{}; }

  std::function<result<std::vector<signal>>()> polled;  // what looking for news brings
  std::function<answer(const request&)> next;
  std::function<std::optional<action_call>(const request&)> takes_back;  // what an outcome names as its undo
  bool happens_anyway = false;  // an incomplete answer hides that it happened
  bool blind = false;           // a look-up brings no answer
  std::vector<request> ledger;  // what really happened
  int repeats = 0, looked = 0;  // repeats: calls with a key that the provider knew
  connector_manifest& changes() { return manifest_; }

  /// The texts of the ledger in order, and that nothing stands in it twice.
  std::vector<std::string> done() const {
    std::vector<std::string> texts;
    std::set<std::string> keys;
    for (const auto& r : ledger) {
      CHECK(keys.insert(r.key).second);
      texts.push_back(r.bytes.substr(0, r.bytes.find(" at ")));
    }
    return texts;
  }

private:
  connector_manifest manifest_;
};

/// A model that answers what the test says; each call costs 0.10 EUR and is reserved at 0.20 EUR.
class test_model final : public model_provider {
public:
  std::string name() const override { return "local"; }
  model_usage worst_case(const model_question&) const override { return {money{200'000'000, "EUR"}, 100, 100}; }
  result<model_reply> ask(const model_question& q) override {
    ++asked;
    return next ? next(q) : result<model_reply>(model_reply{"test", boost::json::object{{"text", "hello"}}, {money{100'000'000, "EUR"}, 10, 10}});
  }
  std::function<result<model_reply>(const model_question&)> next;
  int asked = 0;
};

class small_company {
public:
  inline static std::size_t parked = 0;  // runs packed by all companies of this process
  explicit small_company(company_manifests manifests, policy_catalog policies = {})
      : manifests_(std::move(manifests)), policies_(std::move(policies)), works(std::make_shared<test_connector>()), model(std::make_shared<test_model>()) {}

  template <complete_agent Agent>
  small_company& with_agent() {
    facts_[Agent::name] = facts_of<Agent>();
    makers_[Agent::name] = [](const role_brief& brief) -> std::unique_ptr<agent_value> { return std::make_unique<agent_value_of<Agent>>(brief); };
    return *this;
  }

  /// Folds what is on disk and starts a new epoch; what was in memory is lost, as after kill -9.
  void start() {
    hosts_.clear();
    errands_.clear();
    decides_ = make(fold());
    const auto started = decides_->start(now);
    REQUIRE(started);
    settle();
  }

  /// Carries out orders until nothing is left to do at this moment of time.
  void settle() {
    take();
    while (!errands_.empty() && !frozen) {
      auto o = std::move(errands_.front());
      errands_.erase(errands_.begin());
      carry_out(std::move(o));
      take();
    }
    check_fold();
  }
  /// Carries out one order; false when there was none.
  bool step() {
    take();
    if (errands_.empty()) return false;
    auto o = std::move(errands_.front());
    errands_.erase(errands_.begin());
    carry_out(std::move(o));
    take();
    check_fold();
    return true;
  }
  /// Moves time, stopping at each moment at which something is due.
  void advance(duration by) {
    const auto target = now + by;
    while (true) {
      const auto due = decides_->next_due();
      if (!due || *due > target) break;
      now = std::max(now, *due);
      decides_->tick(now);
      settle();
    }
    now = target;
    decides_->tick(now);
    settle();
  }

  /// The next errand reaches the outside, but its answer is lost with the process.
  void act_and_crash() {
    take();
    const auto it = std::find_if(errands_.begin(), errands_.end(), [](const errand& o) { return std::holds_alternative<perform_effect>(o); });
    REQUIRE(it != errands_.end());
    test_outside_disk files;
    outside out{files};
    works->perform(std::get<perform_effect>(*it).prepared, out);
    start();
  }
  /// A signal of the test connector, with these labels.
  void mail(const std::string& from, const std::string& id, json body = boost::json::object{}, labels marks = label_untrusted) {
    auto o = body.as_object();
    o["from"] = from;
    decides_->on_signal("test", signal{"mail_received", id, std::move(o), marks, id}, now);
    settle();
  }
  /// The only open card about this; fails when there is none, or another.
  std::string card_about(const std::string& about) const {
    std::string found;
    for (const auto& [id, c] : state().cards)
      if (c.said.about == about) {
        CHECK(found.empty());
        found = id;
      }
    REQUIRE(!found.empty());
    return found;
  }
  std::size_t cards(const std::string& about) const {
    return std::size_t(std::count_if(state().cards.begin(), state().cards.end(), [&](const auto& c) { return c.second.said.about == about; }));
  }
  /// The only open question, decided by the operator.
  std::string question() const {
    std::string found;
    for (const auto& [id, a] : state().approvals)
      if (a.state == approval_state::asked) found = id;
    REQUIRE(!found.empty());
    return found;
  }
  void approve() {
    REQUIRE(decides_->approve(question(), "", now));
    settle();
  }
  coordinator& decides() { return *decides_; }
  const company_state& state() const { return decides_->state(); }
  std::string run(const std::string& workflow, json input = boost::json::object{}, bool stepwise = false) {
    const auto begun = decides_->start_run(workflow, input, "by hand", stepwise, "", now);
    REQUIRE(begun);
    settle();
    return *begun;
  }
  /// How many events of this kind are on disk.
  std::size_t count(std::string_view kind) const {
    return std::size_t(std::count_if(disk_.begin(), disk_.end(), [&](const auto& e) { return e.second.index() == event_index(kind); }));
  }
  const std::vector<std::pair<event::header, event::any>>& disk() const { return disk_; }
  /// Changes what is on disk behind the engine's back.
  void tamper(const std::function<void(event::any&)>& change) {
    for (auto& e : disk_) change(e.second);
  }
  /// An engine beside this one, started on what is folded from disk after `change`.
  std::unique_ptr<coordinator> started_with(const std::function<void(company_state&)>& change) {
    auto state = fold();
    change(state);
    auto other = make(std::move(state));
    REQUIRE(other->start(now));
    return other;
  }
  std::string outcome_of(const std::string& run) const {
    for (const auto& c : state().closed)
      if (c.run == run) return c.status + ": " + c.outcome;
    return "open";
  }

  std::vector<std::string> acknowledged;
  std::vector<memory_item> memory;  // what every recall brings
  std::vector<std::string> recalled_about;  // the names that the last recall was about
  std::vector<make_digest> digests;         // that were asked for
  std::size_t fold_checks_each = 1; // long histories are folded anew only at each nth step
  bool frozen = false;  // orders pile up instead of being carried out
  time_point now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{8}};  // a Monday
  std::size_t commits = 0;
  company_manifests manifests_;
  policy_catalog policies_;
  std::shared_ptr<test_connector> works;
  std::vector<std::shared_ptr<connector>> others;  // beside it, as the test wants; none of them touches a disk
  std::shared_ptr<test_model> model;
  std::vector<errand> errands_;

private:
  static std::size_t event_index(std::string_view kind) {
    std::size_t index = std::variant_npos, i = 0;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, event::any>>([&](auto type) {
      if (kind == decltype(type)::type::kind) index = i;
      ++i;
    });
    return index;
  }

  std::unique_ptr<coordinator> make(company_state state) {
    coordinator_parts parts;
    parts.manifests = manifests_;
    auto all = others;
    all.push_back(works);
    auto book = action_book::make(std::move(all));
    REQUIRE(book);
    parts.actions = std::make_shared<const action_book>(std::move(*book));
    parts.policies = policies_;
    parts.models["local"] = model;
    parts.agents = facts_;
    parts.salt = "salt";
    parts.version = "test";
    return std::make_unique<coordinator>(std::move(parts), std::move(state));
  }

  company_state fold() const {
    company_state state;
    state.zone = manifests_.company.zone;
    for (const auto& [h, e] : disk_) state.apply(h, e);
    return state;
  }

  /// "Disk": the events go through their JSON, as in the journal.
  void take() {
    auto out = decides_->take();
    if (!out.events.empty()) ++commits;
    const auto first = std::int64_t(disk_.size()) + 1;
    for (const auto& d : out.events) {
      event::header h{std::int64_t(disk_.size()) + 1, d.header.stream, d.header.actor, d.header.cause < 0 ? first - d.header.cause - 1 : d.header.cause, d.header.correlation, d.header.time,
                      d.header.labels, d.header.key};
      REQUIRE(h.cause < h.seq);
      auto read = event::read(d.header.kind, d.body);
      REQUIRE(read);
      disk_.emplace_back(h, std::move(*read));
    }
    for (auto& o : out.errands) errands_.push_back(std::move(o));
  }

  /// The live state and the one from disk must say the same of every run, effect, approval, call and card.
  void check_fold() const {
    if (++settled_ % fold_checks_each != 0) return;
    const auto fresh = fold();
    const auto& live = decides_->state();
    CHECK(summary(fresh) == summary(live));
    CHECK(digest_of_state(fresh) == digest_of_state(live));
    // Packed or unpacked, in memory or from a snapshot: the same state.
    auto packed = fold();
    for (const auto& [id, _] : fresh.runs) packed.park(id);
    parked += packed.parked.size();
    const auto restored = state_from_snapshot(snapshot_bytes(packed));
    REQUIRE(restored);
    CHECK(restored->parked.size() == packed.parked.size());
    CHECK(digest_of_state(*restored) == digest_of_state(live));
    for (const auto& [id, c] : fresh.cards)  // those of open runs are in their parcels
      if (!fresh.runs.contains(c.said.run)) CHECK(restored->cards.contains(id));
    for (const auto& [id, _] : fresh.approvals) packed.unpark(id);
    for (const auto& [id, _] : fresh.runs) packed.unpark(id);
    CHECK(summary(packed) == summary(live));
  }
  static std::string summary(const company_state& s) {
    std::string text = std::to_string(s.head) + " " + std::to_string(s.runs_at_work) + " " + std::to_string(s.runs_queued) + "\n";
    CHECK(s.runs_at_work == std::count_if(s.runs.begin(), s.runs.end(), [](const auto& r) { return r.second.at_work(); }));
    CHECK(s.runs_queued == std::count_if(s.runs.begin(), s.runs.end(), [](const auto& r) { return r.second.state == run_state::queued; }));
    for (const auto& [id, r] : s.runs) {
      text += id + " " + std::string(to_word(r.state)) + " " + canonical(r.names) + " " + std::to_string(r.marks) + " " + std::to_string(r.at_work()) + " " + r.held_before;
      if (r.here) text += " " + r.here->name + " " + std::to_string(r.here->visit) + " " + std::string(to_word(r.here->state)) + " " + std::to_string(r.here->attempt);
      text += "\n";
    }
    for (const auto& [id, a] : s.instances) text += id + " " + std::to_string(a.pending.size()) + " " + std::to_string(a.turns->size()) + " " + std::to_string(a.awaits.size()) + " " + std::to_string(a.attempt) + "\n";
    for (const auto& [id, e] : s.effects) text += id + " " + std::string(to_word(e.state)) + " " + std::to_string(e.attempts) + "\n";
    for (const auto& [id, a] : s.approvals) text += id + " " + std::string(to_word(a.state)) + "\n";
    for (const auto& [id, _] : s.calls) text += id + "\n";
    for (const auto& [id, c] : s.cards) text += id + " " + c.said.about + "\n";
    for (const auto& [id, a] : s.spending.accounts()) text += id + " " + to_text(a.spent) + " " + to_text(a.reserved) + "\n";
    return text;
  }

  connector& owner_of(const std::string& action) {
    const auto owner = action.substr(0, action.find('.'));
    for (const auto& one : others)
      if (one->manifest().name == owner) return *one;
    return *works;
  }

  void carry_out(errand o) {
    test_outside_disk files;
    outside out{files};
    if (auto* given = std::get_if<deliver_event>(&o)) {
      auto& host = hosts_[given->role];
      if (!host) {
        const auto& role = manifests_.roles.at(given->role);
        host = makers_.at(role.agent)({role.role, role.purpose, role.model && role.model->prompt ? *role.model->prompt : "", role.settings, manifests_.company.zone});
      }
      decides_->on_turn(host->handle(*given), now);
    } else if (auto* over = std::get_if<forget_instance>(&o)) {
      if (hosts_[over->role]) hosts_[over->role]->forget(over->instance);
    } else if (auto* ask = std::get_if<recall_memory>(&o)) {
      decides_->on_recalled(ask->instance, ask->what.tag, memory, now);
      recalled_about = ask->about;
    } else if (auto* day = std::get_if<make_digest>(&o)) {
      digests.push_back(*day);
      decides_->on_digest({day->from, day->until, "the page"}, now);
    } else if (auto* look = std::get_if<look_up_action>(&o)) {
      auto& asked = owner_of(look->call.action);
      const auto came_back = asked.perform(look->prepared, out);
      decides_->on_looked_up(*look, asked.read(look->prepared, came_back), now);
    } else if (auto* ask_order = std::get_if<call_model>(&o)) {
      decides_->on_model(ask_order->call, ask_order->attempt, ask_for_fitting(*model, ask_order->question), now);
    } else if (auto* seen = std::get_if<acknowledge_signal>(&o)) {
      acknowledged.push_back(seen->receipt);
    } else if (auto* act = std::get_if<perform_effect>(&o)) {
      auto& acts = owner_of(act->prepared.action);
      const auto came_back = act->only_look_up ? acts.look_up(act->prepared, out) : acts.perform(act->prepared, out);
      decides_->on_effect(act->effect, act->attempt, acts.read(act->prepared, came_back), act->only_look_up, now);
    }
  }

  struct test_outside_disk final : disk {
    result<std::string> read(const std::string& p) override { return error{"no_such_file", p, "no disk here"}; }
    result<void> write(const std::string&, std::string_view) override { return {}; }
    result<void> create(const std::string&, std::string_view) override { return {}; }
    result<void> link(const std::string&, const std::string&) override { return {}; }
    result<void> move(const std::string&, const std::string&) override { return {}; }
    result<void> remove(const std::string&) override { return {}; }
    bool exists(const std::string&) override { return false; }
    std::vector<std::string> list(const std::string&) override { return {}; }
    bool is_folder(const std::string&) override { return false; }
  };

  std::map<std::string, agent_facts> facts_;
  std::map<std::string, std::function<std::unique_ptr<agent_value>(const role_brief&)>> makers_;
  std::map<std::string, std::unique_ptr<agent_value>> hosts_;
  std::unique_ptr<coordinator> decides_;
  mutable std::size_t settled_ = 0;
  std::vector<std::pair<event::header, event::any>> disk_;
};

}  // namespace steward::test
