#include "runtime/coordination/coordinator.hpp"

#include <algorithm>

#include "runtime/digest.hpp"
#include "runtime/planted.hpp"
#include "runtime/schedule.hpp"

namespace steward {

coordinator::coordinator(coordinator_parts parts, company_state state)
    : parts_(std::move(parts)), gate_(parts_.manifests, parts_.policies, parts_.salt), state_(std::move(state)), now_(state_.now) {
  state_.zone = parts_.manifests.company.zone;
  state_.weighed_anew.clear();  // decided on when it happened
  state_.tried_anew.clear();
}

coordinator::output coordinator::take() {
  tell_of_climbed();
  admit_waiting();
  park_waiting();
  auto taken = std::move(out_);
  out_ = {};
  return taken;
}

std::int64_t coordinator::emit(event::any e, std::string stream, std::string actor, std::int64_t cause, std::string correlation, labels marks, std::string key) {
  event::header h{state_.head + 1, std::move(stream), std::move(actor), cause, std::move(correlation), now_, marks, std::move(key)};
  state_.apply(h, e);  // First: what the fold refuses must not reach the journal.
  auto& d = out_.events.emplace_back();
  d.body = event::body_text(e);
  d.header.stream = std::move(h.stream);
  d.header.kind = event::kind_of(e);
  d.header.version = 1;
  d.header.actor = std::move(h.actor);
  // Within one append the journal counts causes from the first draft on: -1 is the first.
  const std::int64_t first = h.seq - std::int64_t(out_.events.size() - 1);
  d.header.cause = cause >= first ? -(cause - first + 1) : cause;
  d.header.correlation = h.correlation;
  d.header.time = now_;
  d.header.labels = marks;
  d.header.key = std::move(h.key);
  if (planted(bug::decision_not_written) && d.header.kind == "card_closed") out_.events.pop_back();
  see_to_clocks(e, h.correlation);
  const auto seq = h.seq;
  if (!state_.weighed_anew.empty()) weigh_anew(seq);  // At once: what is judged next is judged by the rung that follows from this.
  if (!state_.tried_anew.empty()) weigh_trials(seq);
  return seq;
}

std::int64_t coordinator::emit_for_run(const run& r, event::any e, std::string actor, std::int64_t cause) {
  const std::string id = r.said.run;  // A copy: applying the event may end the run.
  return emit(std::move(e), "run/" + id, std::move(actor), cause, id, r.marks);
}

std::int64_t coordinator::emit_for_card(const card& c, event::any e, std::string actor, std::int64_t cause) {
  const std::string run = c.said.run;
  return emit(std::move(e), run.empty() ? "company" : "run/" + run, std::move(actor), cause, run);
}

// ---- start, recovery, time

void coordinator::adopt(const workflow_definition& definition) {
  const auto digest = digest_of_definition(definition);
  const auto newest = state_.current.find(definition.workflow);
  if (newest != state_.current.end() && newest->second == digest) return;
  emit(event::manifest_adopted{"workflow", definition.workflow, definition.version, digest, to_json(definition)}, "company", "coordinator", 0, "");
}

/// A workflow that the engine makes for the occasion is on record like any other. Its digest.
result<std::string> coordinator::adopt_own(const workflow_definition& made) {
  auto digest = digest_of_definition(made);
  auto& compiled = compiled_[digest];
  if (!compiled) {
    auto w = workflow::compile(made, parts_.manifests.company.zone);
    if (!w) return w.error();
    compiled = *w;
  }
  if (!state_.manifests.contains(digest)) adopt(made);
  return digest;
}

/// All of them at once, so that one that was removed is out of force as well.
void coordinator::adopt_policies() {
  policies_in_force all;
  for (const auto& [_, said] : parts_.manifests.policies) all.policies.push_back(said);
  if (all.policies.empty() && state_.policies.empty()) return;
  const auto digest = hex_digest(to_json_text(all));
  if (state_.policies != digest) emit(event::manifest_adopted{"policies", "policies", 1, digest, to_json(all)}, "company", "coordinator", 0, "");
}

result<void> coordinator::get_ready() {
  if (auto rules = gate_.get_ready(state_.granted); !rules) return rules.error();
  for (const auto& [name, definition] : parts_.manifests.workflows) {
    auto w = workflow::compile(definition, parts_.manifests.company.zone);
    if (!w) {
      auto e = w.error();
      e.where = "workflow " + name + (e.where.empty() ? "" : " " + e.where);
      return e;
    }
    compiled_[digest_of_definition(definition)] = *w;
  }
  mappings_.clear();
  for (const auto& [type, definition] : parts_.manifests.entities)
    for (const auto& [source, said] : definition.maps) {
      auto made = entity_mapping::compile(type, source, said);
      if (!made) return made.error();
      mappings_.push_back(std::move(*made));
    }
  return get_ready_to_tell();
}

namespace {

/// Who stands in company.yaml is a record like any customer, so that contracts, memory and rules can name them.
void record_operator(coordinator& by, const company_manifests& manifests, const entity_table& entities, time_point now) {
  const auto& own = manifests.company.operator_;
  const auto type = manifests.entities.find("operator");
  if (!own || !own->mail || type == manifests.entities.end()) return;
  boost::json::object fields;
  const auto tell = [&](const char* field, const std::optional<std::string>& text) {
    if (text && type->second.fields.contains(field)) fields[field] = *text;
  };
  tell("name", own->name);
  tell("address", own->mail);
  const auto id = "mailbox:" + *own->mail;
  for (const auto* known : entities.find_external(id)) {
    const auto same = [&](const auto& field) {
      const auto* there = known->fields.as_object().if_contains(field.key());
      return there && *there == field.value();
    };
    if (known->type == "operator" && std::all_of(fields.begin(), fields.end(), same)) return;
  }
  (void)by.record("operator", id, fields, now);  // a type of the operator's own may not take a text here; then it stays theirs to record
}

}  // namespace

result<void> coordinator::start(time_point now) {
  now_ = std::max(now, state_.now);  // The journal's time never runs backwards, even where the machine's clock was set back.
  if (auto ready = get_ready(); !ready) return ready;
  const bool crashed = state_.epoch > 0 && !state_.stopped_cleanly;
  emit(event::engine_started{state_.epoch + 1, parts_.version}, "company", "engine", 0, "");
  for (const auto& [_, definition] : parts_.manifests.workflows) adopt(definition);
  adopt_policies();
  stand_by_manifests();
  record_operator(*this, parts_.manifests, state_.entities, now_);
  recover(crashed);
  return {};
}

void coordinator::stop_cleanly(time_point now) {
  now_ = std::max(now, state_.now);
  emit(event::engine_stopped{state_.epoch}, "company", "engine", 0, "");
}

std::shared_ptr<const workflow> coordinator::workflow_of(const run& r) { return workflow_of(r.said.digest, r.said.run); }

std::shared_ptr<const workflow> coordinator::workflow_of(const std::string& digest, const std::string& who) {
  auto& w = compiled_[digest];
  if (!w) {
    const auto adopted = state_.manifests.find(digest);
    if (adopted == state_.manifests.end()) throw error_thrown({"manifest_missing", who, "its workflow was never adopted", "", "Run 'steward doctor'"});
    w = workflow::compile(from_json<workflow_definition>(adopted->second.said.body).value(), parts_.manifests.company.zone).value();
  }
  return w;
}

/// Work that is taken up after a crash passes the same gates as new work; nothing here starts anything by itself.
void coordinator::recover(bool crashed) {
  std::vector<std::string> instances, effects, runs, calls;
  for (const auto& [id, _] : state_.instances) instances.push_back(id);
  for (const auto& [id, _] : state_.effects) effects.push_back(id);
  for (const auto& [id, _] : state_.runs) runs.push_back(id);
  for (const auto& [id, _] : state_.calls) calls.push_back(id);
  for (const auto& [name, changed] : state_.breakers) {
    breaker_memory memory;
    memory.state = from_word<breaker_state>(changed.state).value_or(breaker_state::closed);
    memory.opened = changed.opened;
    if (memory.state == breaker_state::open) memory.until = changed.until;
    breakers_[name] = breaker({}, std::move(memory));
    if (changed.until) wake(*changed.until, "breaker:" + name);
  }
  for (const auto& [id, x] : state_.approvals)
    if (x.state == approval_state::asked) {
      asking_.push_back(x.said.run);
      if (x.said.expires_at) wake(*x.said.expires_at, "approval:" + id);
    }
  state_.parked.each_question([&](std::int64_t approval, std::optional<time_point> expires_at) {
    if (expires_at) wake(*expires_at, "approval:apr-" + std::to_string(approval));
  });
  for (const auto& [name, _] : state_.current) wake(now_, "schedule:" + name);
  if (digest_at_) wake(now_, "digest:");
  if (parts_.manifests.company.escalation) {
    for (const auto& [_, c] : state_.cards) watch_card(c);
    for (const auto run : state_.parked.runs())
      for (const auto& [_, c] : state_.peek(run).cards) watch_card(c);
  }
  for (const auto& [id, c] : state_.cards)
    if (c.said.about == "budget_mark") wake(now_, "mark:" + id);
  if (!state_.snoozed.empty()) wake(now_, "attention:");

  for (const auto& id : effects) {
    const auto it = state_.effects.find(id);
    if (it == state_.effects.end()) continue;
    if (it->second.state == effect_state::dispatching) {
      outcome unknown;
      unknown.sentence = "The engine ended while the effect was under way";
      settle(id, unknown, {}, "recovery");
    } else if (it->second.state == effect_state::in_doubt) {
      resolve_doubt(id);
    } else {
      pump_effect(id);
    }
  }
  for (const auto& id : calls) {
    const auto it = state_.calls.find(id);
    if (it == state_.calls.end()) continue;
    if (it->second.out && !planted(bug::lost_call_free)) lose_call(id, "The engine ended while the model was being asked");
    else pump_call(id);
  }
  for (const auto& id : instances) {
    const auto it = state_.instances.find(id);
    if (it == state_.instances.end()) continue;
    auto& a = it->second;
    for (const auto& [what, body] : std::map(a.awaits)) {  // Questions whose answers were lost with the process are asked again.
      const auto kind = what.substr(0, what.find(':'));
      if (kind == "wake_at") {
        wake(from_json_text<wake_at>(body).value().at, "instance:" + id);
      } else if (kind == "recall") {
        errand_after(recall_for(id, from_json_text<recall>(body).value()));
      } else if (kind == "look_up") {
        const auto wish = from_json_text<look_up>(body).value();
        if (auto prepared = parts_.actions->prepare({wish.action, wish.with}, {mint_effect_key(parts_.salt, a.run, a.step, a.visit, id, 0), now_}))
          send_look_up({id, wish.tag, {wish.action, wish.with}, *prepared, 1});
      }
    }
    // Whether it was being handled when the engine ended, nobody knows. It counts as an attempt when it is given again, not now:
    // what waits behind a shut gate through three crashes is not to blame for them.
    if (crashed && !a.pending.empty() && !a.done) suspects_.insert(id);
    pump_instance(id);
  }
  for (const auto& id : runs) {
    const auto* r = state_.runs.contains(id) ? &state_.runs.at(id) : nullptr;
    if (!r) continue;
    if (r->here) {
      if (r->here->due) wake(*r->here->due, "run:" + id);
      if (r->here->retry_at) wake(*r->here->retry_at, "run:" + id);
    }
    pump_run(id);
    if (state_.runs.contains(id)) advance_effect_step(id);
  }
}

std::optional<time_point> coordinator::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

void coordinator::tick(time_point now) {
  now_ = std::max(now, state_.now);
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    const auto key = timers_.begin()->second;
    timers_.erase(timers_.begin());
    due(key);
  }
}

/// A timer says "look again"; what it was set for may be over long since.
void coordinator::due(const std::string& key) {
  const auto id = key.substr(key.find(':') + 1);
  if (key.starts_with("run:")) step_is_due(id);
  else if (key.starts_with("approval:")) {
    fetch(id);
    approval_is_due(id);
  }
  else if (key.starts_with("schedule:")) schedule_is_due(id);
  else if (key.starts_with("mark:")) mark_is_due(id);
  else if (key.starts_with("sla:")) sla_is_due(id);
  else if (key.starts_with("ladder:")) card_is_due(id);
  else if (key.starts_with("digest:")) digest_is_due();
  else if (key.starts_with("attention:")) attention_is_due();
  else if (key.starts_with("breaker:")) {
    if (polls_answer_.contains(id)) on_polled(id, {}, now_);
    pump_blocked();
  }
  else if (key.starts_with("instance:")) {
    const auto it = state_.instances.find(id);
    if (it == state_.instances.end()) return;
    for (const auto& [what, body] : std::map(it->second.awaits)) {
      if (!what.starts_with("wake_at:")) continue;
      const auto wish = from_json_text<wake_at>(body).value();
      if (wish.at <= now_) emit_for_run(state_.runs.at(it->second.run), event::woke{id, wish.tag}, "coordinator", it->second.turns->empty() ? 0 : it->second.turns->back().handled.seq);
      else wake(wish.at, key);
    }
    pump_instance(id);
  } else {
    pump(key);
  }
}

void coordinator::pump(const std::string& key) {
  const auto id = key.substr(key.find(':') + 1);
  if (key.starts_with("run:")) pump_run(id);
  else if (key.starts_with("due:")) step_is_due(id);
  else if (key.starts_with("schedule:")) schedule_is_due(id);
  else if (key.starts_with("instance:")) pump_instance(id);
  else if (key.starts_with("effect:")) pump_effect(id);
  else if (key.starts_with("call:")) pump_call(id);
  else if (key.starts_with("doubt:")) resolve_doubt(id);
  else if (key.starts_with("ladder:")) card_is_due(id);
  else if (key.starts_with("digest:")) digest_is_due();
  else if (key.starts_with("look_up:")) {
    if (auto parked = parked_look_ups_.extract(key)) send_look_up(std::move(parked.mapped()));
  }
}

void coordinator::pump_blocked() {
  const auto waiting = std::move(blocked_);
  blocked_.clear();
  for (const auto& key : waiting) pump(key);
}

/// Runs that wait for the operator leave memory, save for the last few: a company with a short inbox packs nothing.
void coordinator::park_waiting() {
  while (asking_.size() > parts_.unpacked_at_most) {
    state_.park(asking_.front());
    asking_.pop_front();
  }
}

/// Unpacks the run that the operator, or a deadline, speaks about; it is packed again when it is still waiting afterwards.
void coordinator::fetch(const std::string& id) {
  if (auto run = state_.unpark(id); !run.empty()) asking_.push_back(std::move(run));
}

/// Queued runs get the places that have become free, the oldest first.
void coordinator::admit_waiting() {
  while (!waiting_runs_.empty() && (planted(bug::running_ignored) || state_.runs_at_work < parts_.manifests.company.running)) {
    const auto id = waiting_runs_.extract(waiting_runs_.begin()).value().second;
    pump_run(id);
  }
}

// ---- cards

void coordinator::raise_card(event::card_raised card, const std::string& correlation, std::int64_t cause) {
  card.card = state_.next_id("card");
  const auto stream = correlation.empty() ? "company" : "run/" + correlation;
  emit(std::move(card), stream, "coordinator", cause, correlation);
}

void coordinator::tell_marks(const expense& what, std::int64_t cause) {
  for (const auto& limit : gate_.limits(state_, what, now_)) {
    const auto mark = mark_of(limit);
    if (limit.warn_at == 0 || state_.warned.contains(mark) || !state_.spending.warns(limit)) continue;
    const auto until = day_start(state_.zone, day_after(limit.period, local_day(state_.zone, now_)));
    const auto held = state_.spending.total(limit);
    event::card_raised c;
    c.about = "budget_mark";
    c.title = fmt::format("{} % of {} is used", limit.warn_at, to_words(limit));
    c.text = limit.of == budget_measure::spend ? fmt::format("{} spent, {} reserved", to_text(held.spent), to_text(held.reserved))
             : limit.of == budget_measure::tokens ? fmt::format("{} tokens used, {} reserved", held.tokens, held.tokens_reserved)
                                                  : fmt::format("{} calls made, {} under way", held.calls, held.calls_reserved);
    c.text += fmt::format(". What doesn't fit any more is not done, and its run asks you. The {} ends {}; this card goes then, too.", to_word(limit.period), to_local_text(state_.zone, until));
    c.subject = mark;
    c.shows = boost::json::object{{"until", to_text(until)}};
    const auto card = state_.next_id("card");
    c.actions = {"steward budget", "steward answer " + card + " seen"};
    raise_card(std::move(c), "", cause);
    wake(until, "mark:" + card);
  }
}

/// The period of a limit that was told of is over: there is nothing to see any more.
void coordinator::mark_is_due(const std::string& id) {
  const auto it = state_.cards.find(id);
  if (it == state_.cards.end()) return;
  const auto until = parse_time(text_at(it->second.said.shows, "until"));
  if (until && *until > now_) return wake(*until, "mark:" + id);
  emit(event::card_closed{id, "its period is over"}, "company", "coordinator", 0, "");
}

void coordinator::close_cards_about(const std::string& subject, const std::string& how, std::int64_t cause) {
  const auto about = state_.cards_about.find(subject);
  if (about == state_.cards_about.end()) return;
  for (const auto& id : std::set(about->second)) emit_for_card(state_.cards.at(id), event::card_closed{id, how}, "coordinator", cause);
}

result<void> coordinator::fits(const json& source, const json& value, const std::string& what) {
  if (source.is_null()) return {};
  auto known = shapes_.find(&source);
  if (known == shapes_.end()) known = shapes_.emplace(&source, schema::parse(source)).first;
  if (!known->second) return known->second.error();
  auto checked = known->second->check(value);
  if (checked) return checked;
  auto e = checked.error();
  e.where = what + (e.where.empty() ? "" : "." + e.where);
  return e;
}

run_names coordinator::names_of(const run& r) { return run_names(r, workflow_of(r)->definition.constants, now_); }

}  // namespace steward
