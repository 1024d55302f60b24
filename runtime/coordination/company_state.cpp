#include "runtime/coordination/company_state.hpp"

#include "runtime/agent.hpp"
#include "runtime/coordination/take_row.hpp"
#include "runtime/planted.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

std::shared_ptr<const std::string> shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

json item_of(const json& input, std::size_t i) {
  const auto* list = input.if_array();
  return list && i < list->size() ? (*list)[i] : json{};
}

}  // namespace

std::string company_state::next_id(const std::string& kind) const {
  const auto it = counters.find(kind);
  return kind + "-" + std::to_string((it == counters.end() ? 0 : it->second) + 1);
}

std::string company_state::run_of(std::string_view instance) { return std::string(instance.substr(0, instance.find('/'))); }

void company_state::count(std::string_view id) {
  const auto dash = id.rfind('-');
  if (dash == id.npos) return;
  auto& newest = counters[std::string(id.substr(0, dash))];
  newest = std::max<std::int64_t>(newest, std::strtoll(std::string(id.substr(dash + 1)).c_str(), nullptr, 10));
}

run* company_state::find_run(const std::string& id) {
  const auto it = runs.find(id);
  return it == runs.end() ? nullptr : &it->second;
}

step* company_state::find_step(const std::string& id, const std::string& name, std::int64_t visit) {
  auto* r = find_run(id);
  return r && r->here && r->here->name == name && r->here->visit == visit ? &*r->here : nullptr;
}

void company_state::recount(const run* r, bool was_at_work, bool was_queued) {
  runs_at_work += std::int64_t(r && r->at_work()) - std::int64_t(was_at_work);
  runs_queued += std::int64_t(r && r->state == run_state::queued) - std::int64_t(was_queued);
}

void company_state::apply(const event::header& h, const event::any& e) {
  head = h.seq;
  now = h.time;
  if (parked.size() > 0) unpark(h.correlation);
  if (!h.key.empty()) seen_keys.insert(h.key);
  const bool claims = std::holds_alternative<event::run_started>(e) || std::holds_alternative<event::step_finished>(e);
  if (claims && h.cause != 0) std::erase_if(unclaimed, [&](const unclaimed_signal& s) { return s.seq == h.cause; });
  const auto* before = find_run(h.correlation);
  const bool was_at_work = before && before->at_work(), was_queued = before && before->state == run_state::queued;
  std::visit([&](const auto& x) { on(h, x); }, e);
  auto* r = find_run(h.correlation);
  recount(r, was_at_work, was_queued);
  if (r) {
    ++r->events;
    r->marks |= h.marks;
    keep_clock(*r, h.time);
  }
  if (std::holds_alternative<event::paused>(e) || std::holds_alternative<event::resumed>(e) || std::holds_alternative<event::engine_started>(e) ||
      std::holds_alternative<event::engine_stopped>(e) || std::holds_alternative<event::child_ended>(e))
    for (auto& [_, each] : runs) keep_clock(each, h.time);  // Those that are parked wait for the operator: their clocks stand already.
}

result<void> company_state::apply_told(const event::header& h, const event::any& e) {
  try {
    apply(h, e);
  } catch (const error_thrown& thrown) {
    auto why = thrown.what_happened();
    why.where = "journal event " + std::to_string(h.seq) + " " + why.where;
    return why;
  }
  return {};
}

// ---- the engine and its manifests

void company_state::on(const event::header&, const event::engine_started& e) {
  epoch = e.epoch;
  stopped_cleanly = false;
}
void company_state::on(const event::header&, const event::engine_stopped&) { stopped_cleanly = true; }

void company_state::on(const event::header& h, const event::manifest_adopted& e) {
  if (e.what == "workflow" || e.what == "policies") manifests[e.digest] = {e, h.time};
  if (e.what == "workflow") {
    current[e.name] = e.digest;
    scheduled.try_emplace(e.name, h.time);
  }
  if (e.what == "policies") policies = e.digest;
  if (e.what == "grant") count(e.name);
  if (e.what == "grant") granted[e.name] = from_json<policy_definition>(e.body).value();
  if (e.what == "revoked") granted.erase(e.name);
  std::erase_if(granted, [&](const auto& one) { return one.second.until && *one.second.until <= h.time; });
}

std::vector<policy_definition> company_state::policies_in_force() const {
  std::vector<policy_definition> all;
  if (const auto said = manifests.find(policies); said != manifests.end()) all = from_json<steward::policies_in_force>(said->second.said.body).value().policies;
  for (const auto& [_, one] : granted)
    if (!one.until || *one.until > now) all.push_back(one);
  return all;
}

void company_state::on(const event::header&, const event::paused& e) { pauses[e.name.empty() ? e.scope : e.scope + "/" + e.name] = e.reason; }
void company_state::on(const event::header&, const event::resumed& e) {
  pauses.erase(e.name.empty() ? e.scope : e.scope + "/" + e.name);
  if (e.scope == "role") stopped_roles.erase(e.name);
}
void company_state::on(const event::header&, const event::breaker_changed& e) {
  if (e.state == "closed") breakers.erase(e.name);
  else breakers[e.name] = e;
}
void company_state::on(const event::header&, const event::child_ended& e) {
  if (!e.gave_up || !e.path.starts_with("roles/")) return;
  const auto name = e.path.substr(6);
  stopped_roles.insert(name.substr(0, name.rfind('.')));
}

// ---- runs and steps

void company_state::on(const event::header& h, const event::run_started& e) {
  count(e.run);
  auto& r = runs[e.run];
  r.said = e;
  r.started_at = h.time;
  r.began = h.seq;
  r.marks = h.marks;
  if (h.key.find("/by hand/") != h.key.npos) started_by_hand[h.key] = e.run;
  if (e.workflow == digest_workflow)
    if (const auto until = parse_time(text_at(e.input, "until"))) digested = *until;
  if (const auto* input = e.input.if_object())
    for (const auto& name : *input) r.names[name.key()] = name.value();
  r.names["input"] = e.input;
  r.origin.input = h.marks;
  if (e.parent) {
    if (const auto* asked = find_run(run_of(*e.parent))) r.origin.untrusted_from = asked->origin.untrusted_from, r.origin.private_from = asked->origin.private_from, r.origin.senders = asked->origin.senders;
  } else if (h.cause != 0 && (h.marks & label_untrusted) && !e.forked && !is_made_by_engine(e.workflow)) {
    r.origin.answers(text_at(e.input, "from"));
    r.origin.saw(h.marks, fmt::format("{} from {} (event {})", e.because, text_at(e.input, "from", "outside"), h.cause));
  } else {
    if (e.forked) r.origin.answers(text_at(e.input, "from"));
    r.origin.saw(h.marks, e.because);
  }
  if (e.forked && e.forked->names.is_object())
    for (const auto& name : e.forked->names.get_object()) r.names[name.key()] = name.value();
  r.payer = e.run;
  if (!is_made_by_engine(e.workflow)) r.counts_for = {"workflow/" + e.workflow};
  if (e.parent) {
    const auto it = instances.find(*e.parent);
    if (it != instances.end()) it->second.awaits["role:" + e.tag.value_or("")] = e.run;
    const auto by = run_of(*e.parent);
    r.payer = payer_of(by);
    r.counts_for = scopes_of(by);
  }
  for (const auto& name : r.names) count_for(r, name.key(), name.value());
  if (e.trial) {
    auto& t = trials[e.workflow];
    if (t.digest != e.digest) t = {e.digest, 0, 0, ""};
    ++t.runs;
  }
}

void company_state::on(const event::header& h, const event::run_finished& e) {
  auto* r = find_run(e.run);
  if (!r) return;
  if (r->state == run_state::queued && e.status != "stopped") take_row(run_table, r->state, run_trigger::admit, e.run);
  take_row(run_table, r->state, e.status == "finished" ? run_trigger::finish : e.status == "failed" ? run_trigger::fail : run_trigger::stop, e.run);
  pauses.erase("run/" + e.run);
  if (e.status == "failed") count_trial_failure(*r);
  // What belongs to a closed run leaves memory; its events stay.
  const auto prefix = e.run + "/";
  for (auto it = instances.lower_bound(prefix); it != instances.end() && it->first.starts_with(prefix);) it = instances.erase(it);
  for (const auto& id : r->effects) {
    const auto it = effects.find(id);
    if (it == effects.end()) continue;
    if (!is_settled(it->second.state) && it->second.attempts > 0) {  // Whether it happened will not be heard: the worst case stands.
      spending.settle(id, {it->second.said.worst_cost, 0, 0});
      use(e.run, {{}, 0, 0, 1});
    }
    effects.erase(it);
  }
  for (const auto& id : r->approvals) approvals.erase(id);
  for (auto it = calls.begin(); it != calls.end();) {
    if (it->second.run != e.run) { ++it; continue; }
    spending.settle(it->first, it->second.said.reserved);  // Nobody will hear what it cost: the worst case stands.
    use(e.run, used_by(it->second.said.reserved));
    it = calls.erase(it);
  }
  close(*r, e, h.time);
  runs.erase(e.run);
}

void company_state::on(const event::header& h, const event::step_started& e) {
  auto* r = find_run(e.run);
  if (!r) return;
  if (r->state == run_state::queued) take_row(run_table, r->state, run_trigger::admit, e.run);
  r->held_before.clear();
  r->released.erase(e.step);
  r->visits[e.step] = e.visit;
  step s;
  if (r->here && r->here->name == e.step && r->here->visit == e.visit && r->here->state != step_state::finished) s = std::move(*r->here);  // a further attempt
  // What an earlier attempt did, or may have done, stays done: a further attempt does only the rest.
  std::erase_if(s.effects, [&](const std::string& id) {
    const auto it = effects.find(id);
    return it == effects.end() || !may_have_happened(it->second.state, it->second.doubted);
  });
  s.name = e.step;
  s.visit = e.visit;
  s.attempt = e.attempt;
  s.input = e.input;
  s.waits = e.what == "wait";
  s.records = e.what == "record";
  if (s.began == 0) s.clock_at = r->clock.at(h.time);
  s.role = e.role;
  s.started_at = h.time;
  s.due = e.due;
  s.retry_at.reset();
  s.trouble.reset();
  s.began = h.seq;
  s.instances.clear();
  s.results.clear();
  s.done.clear();
  s.approval.clear();
  s.asks = false;
  take_row(step_table, s.state, step_trigger::admit, e.run + "/" + e.step);
  if (e.what == "role") {
    const std::size_t items = e.each ? (e.input.is_array() ? e.input.get_array().size() : 0) : 1;
    s.results.resize(items);
    s.done.resize(items, false);
    for (std::size_t i = 0; i < items; ++i) {
      agent_instance a;
      if (e.each) a.item = i;
      a.id = instance_name(e.run, e.step, e.visit, e.attempt, a.item);
      a.role = e.role;
      a.run = e.run;
      a.step = e.step;
      a.visit = e.visit;
      a.marks = r->marks | h.marks;
      step_started<json> told{e.run, e.step, e.visit, h.time, e.each ? item_of(e.input, i) : e.input};
      a.pending.push_back({h.seq, "step_started", shared(to_json_text(told))});
      s.instances.push_back(a.id);
      instances[a.id] = std::move(a);
    }
  }
  r->here = std::move(s);
}

void company_state::on(const event::header&, const event::item_finished& e) {
  const auto it = instances.find(e.instance);
  if (it == instances.end()) return;
  it->second.done = true;
  auto* s = find_step(it->second.run, it->second.step, it->second.visit);
  if (!s || std::size_t(e.item) >= s->results.size()) return;
  s->results[std::size_t(e.item)] = e.result;
  s->done[std::size_t(e.item)] = true;
  s->evidence.insert(s->evidence.end(), e.evidence.begin(), e.evidence.end());
}

void company_state::on(const event::header& h, const event::step_finished& e) {
  auto* r = find_run(e.run);
  auto* s = find_step(e.run, e.step, e.visit);
  if (!r) return;
  if (e.gives) r->origin.gave(*e.gives, h.marks);
  if (!s) {  // a step that was skipped or used up before it began
    r->visits[e.step] = e.visit;
    if (e.gives) r->names[*e.gives] = e.result;
    step skipped;
    skipped.name = e.step;
    skipped.visit = e.visit;
    skipped.state = step_state::finished;
    skipped.how = e.how;
    skipped.began = h.seq;
    r->here = std::move(skipped);
    return;
  }
  take_row(step_table, s->state, step_trigger::finish, e.run + "/" + e.step);
  s->how = e.how;
  if (s->records) count_for(*r, "entity", e.result);
  if (s->records) saw(e.run, h.marks & ~r->marks, "the records of step '" + e.step + "'");
  if (e.how == "arrived") {
    const auto from = text_at(e.result, "from");
    r->origin.answers(from);
    r->origin.saw(h.marks & label_untrusted, fmt::format("{} from {} (event {})", text_at(s->input, "for", "a signal"), from.empty() ? "outside" : from, h.cause));
  }
  if (e.how == "answered") use(e.run, {{}, 0, 0, 0, 1, h.time - s->started_at});
  const bool from_items = e.result.is_null() && !s->results.empty() && s->instances.size() == s->results.size() && e.how == "done";
  if (e.gives) r->names[*e.gives] = from_items ? json(boost::json::array(s->results.begin(), s->results.end())) : e.result;
  s->evidence.insert(s->evidence.end(), e.evidence.begin(), e.evidence.end());
  if (e.gives && !s->evidence.empty()) r->names["evidence of " + *e.gives] = to_json(s->evidence);
  for (const auto& id : s->instances) instances.erase(id);
  s->instances.clear();
  s->results.clear();
  r->heard = {};  // Its conversations are over. After a failure they stay: the next attempt asks much the same.
}

void company_state::on(const event::header&, const event::step_failed& e) {
  auto* s = find_step(e.run, e.step, e.visit);
  auto* r = find_run(e.run);
  if (!r) return;
  if (!s) {  // it could not even begin
    step fresh;
    fresh.name = e.step;
    fresh.visit = e.visit;
    r->visits[e.step] = e.visit;
    r->here = std::move(fresh);
    s = &*r->here;
  }
  s->trouble = e.why;
  s->retry_at = e.retry_at;
  s->due.reset();
  for (const auto& id : s->instances) instances.erase(id);
  s->instances.clear();
  take_row(step_table, s->state, e.then == "retry" ? step_trigger::back_off : e.then == "ask_operator" ? step_trigger::stick : step_trigger::give_up, e.run + "/" + e.step);
  if (e.then == "ask_operator") count_trial_failure(*r);  // whatever the operator makes of it, the version did not get through by itself
}

void company_state::on(const event::header&, const event::step_released& e) {
  auto* r = find_run(e.run);
  if (r && r->held_before == e.step) {
    r->held_before.clear();
    r->released.insert(e.step);
  }
  auto* s = find_step(e.run, e.step, e.visit);
  if (s && s->state == step_state::stuck && e.how == "retry") {
    take_row(step_table, s->state, step_trigger::release, e.run + "/" + e.step);
    s->card.clear();
  }
}

void company_state::on(const event::header&, const event::step_held& e) {
  if (auto* r = find_run(e.run)) {
    r->held_before = e.step;
    if (r->state == run_state::queued) take_row(run_table, r->state, run_trigger::admit, e.run);
  }
}

// ---- turns

void company_state::on(const event::header& h, const event::turn_taken& e) {
  const auto it = instances.find(e.instance);
  if (it == instances.end()) return;
  auto& a = it->second;
  a.busy = false;
  a.attempt = 1;
  a.not_before.reset();
  a.agent_version = e.agent_version;
  a.marks |= h.marks;
  if (a.pending.empty() || a.pending.front().seq != e.handled)
    throw error_thrown({"impossible_transition", e.instance, fmt::format("a turn for event {}", e.handled), "the event that is next for this agent", "Run 'steward doctor'"});
  past_turn turn{std::move(a.pending.front()), {}, {}};
  a.pending.pop_front();
  a.bytes_since_snapshot += turn.handled.body->size();
  for (const auto& s : e.intents) {
    turn.kinds.push_back(s.kind);
    turn.digests.push_back(s.digest);
    if (!s.body) continue;
    if (s.kind == "recall" || s.kind == "look_up" || s.kind == "wake_at") a.awaits[s.kind + ":" + text_at(*s.body, "tag")] = canonical(*s.body);
  }
  // Alone with it we append; a copy is made only while a delivery that was given up still reads it.
  auto turns = a.turns.use_count() == 1 ? std::const_pointer_cast<std::vector<past_turn>>(a.turns) : std::make_shared<std::vector<past_turn>>(*a.turns);
  turns->push_back(std::move(turn));
  a.turns = std::move(turns);
  if (e.state) {
    a.snapshot = e.state;
    a.snapshot_turns = a.turns->size();
    a.bytes_since_snapshot = 0;
  }
}

void company_state::on(const event::header&, const event::turn_retried& e) {
  const auto it = instances.find(e.instance);
  if (it != instances.end()) it->second.attempt = e.attempt;
}

void company_state::on(const event::header&, const event::event_parked& e) {
  const auto it = instances.find(e.instance);
  if (it == instances.end() || it->second.pending.empty()) return;
  it->second.pending.pop_front();
  it->second.attempt = 1;
}

void company_state::on(const event::header&, const event::agent_upgraded& e) {
  const auto it = instances.find(e.instance);
  if (it != instances.end()) it->second.agent_version = e.to;
}

void company_state::answer_to(const event::header& h, const std::string& instance, const std::string& awaited, std::string kind, std::string body, labels marks) {
  const auto it = instances.find(instance);
  if (it == instances.end() || it->second.awaits.erase(awaited) == 0) return;
  it->second.marks |= marks;
  if (auto* r = find_run(it->second.run)) r->marks |= marks;
  it->second.pending.push_back({h.seq, std::move(kind), shared(std::move(body))});
}

void company_state::on(const event::header& h, const event::looked_up& e) {
  saw(run_of(e.instance), h.marks, fmt::format("{} (event {})", e.action, h.seq));
  answer_to(h, e.instance, "look_up:" + e.tag, "looked_up", to_json_text(looked_up{e.tag, h.time, e.action, e.answer}), h.marks);
}

void company_state::on(const event::header& h, const event::role_answered& e) {
  saw(run_of(e.instance), h.marks, fmt::format("the answer of the role {} ({})", e.role, e.run));
  answer_to(h, e.instance, "role:" + e.tag, "role_answered", to_json_text(role_answered{e.tag, h.time, e.role, e.result}), h.marks);
}

void company_state::on(const event::header& h, const event::operator_answered& e) {
  if (const auto asked = cards.find(e.card); asked != cards.end()) use(run_of(e.instance), {{}, 0, 0, 0, 1, h.time - asked->second.raised_at});
  answer_to(h, e.instance, "operator:" + e.tag, "operator_answered", to_json_text(operator_answered{e.tag, h.time, e.answer}), h.marks);
}

void company_state::on(const event::header& h, const event::woke& e) {
  answer_to(h, e.instance, "wake_at:" + e.tag, "woke", to_json_text(woke{e.tag, h.time}), h.marks);
}

void company_state::on(const event::header& h, const event::signal_arrived& e) {
  unclaimed.push_back({h.seq, e, h.time, h.marks});
  if (unclaimed.size() > unclaimed_kept) unclaimed.pop_front();
}

void company_state::on(const event::header&, const event::schedule_fired& e) { scheduled[e.workflow] = e.due; }

// ---- inbox, entities, memory

void company_state::on(const event::header& h, const event::card_raised& e) {
  count(e.card);
  cards[e.card] = {e, h.time};
  cards_about[e.subject].insert(e.card);
  cards_of_run[e.run].insert(e.card);
  if (e.about == "approval" || e.about == "question" || e.about == "person") note_question(h.time, 1);
  if (e.about == "question") {
    const auto it = instances.find(e.subject);
    if (it != instances.end()) it->second.awaits["operator:" + e.tag] = e.card;
  } else if (e.about == "budget_mark") {
    std::erase_if(warned, [&](const auto& mark) { return mark.second <= h.time; });
    const auto until = parse_time(text_at(e.shows, "until"));
    warned[e.subject] = until ? *until : h.time;
  } else if (auto* r = find_run(e.run); r && r->here && asks_operator(e)) {
    r->here->card = e.card;
  }
}

void company_state::on(const event::header& h, const event::card_closed& e) {
  const auto it = cards.find(e.card);
  if (it == cards.end()) return;
  if (it->second.said.about == "autonomy" && e.how == offer_left) ladders[it->second.said.tag].answered = h.time;
  const auto leave = [&](auto& index, const std::string& key) {
    const auto listed = index.find(key);
    listed->second.erase(e.card);
    if (listed->second.empty()) index.erase(listed);
  };
  leave(cards_about, it->second.said.subject);
  leave(cards_of_run, it->second.said.run);
  snoozed.erase(e.card);
  cards.erase(it);
}
void company_state::on(const event::header&, const event::entity_merged& e) { entities.apply(e); }
void company_state::on(const event::header&, const event::entity_split& e) { entities.apply(e); }

}  // namespace steward
