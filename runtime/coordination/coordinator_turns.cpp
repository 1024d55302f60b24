/// Agents: who gets which event when, and what becomes of what they say.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/entity_graph.hpp"
#include "runtime/coordination/lessons.hpp"
#include "runtime/coordination/question.hpp"
#include "runtime/digest.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

// The third fault of the same event sets it aside: a provider's blip is over by then, a broken handler never is.
constexpr std::int64_t faults_until_parked = 3;
constexpr duration first_retry = std::chrono::milliseconds{100};

// Six tries from 1 s up to half a minute ride out a restart at the provider; what lasts longer is the breaker's business.
constexpr std::int64_t tries_of_a_model = 6;

// What one turn may ask for: as much as one for_each may have items. An agent that wants more is going in circles.
constexpr std::size_t intents_at_most = 500;

/// What a snapshot may cost: no more than what was said since the last one, so that all of them together grow linearly.
bool worth_a_snapshot(const agent_instance& a, std::size_t event_bytes, std::size_t state_bytes) { return state_bytes <= a.bytes_since_snapshot + event_bytes; }

bool waits_long(const agent_instance& a) {
  return !a.awaits.empty() && std::all_of(a.awaits.begin(), a.awaits.end(), [](const auto& x) {
    return x.first.starts_with("operator:") || x.first.starts_with("wake_at:") || x.first.starts_with("effect:") || x.first.starts_with("role:");
  });
}

}  // namespace

std::int64_t coordinator::at_work(const std::string& role) const {
  const auto it = at_work_.find(role);
  return it == at_work_.end() ? 0 : std::int64_t(it->second.size());
}

std::int64_t coordinator::places_of(const std::string& name) const {
  const auto role = parts_.manifests.roles.find(name);
  return role != parts_.manifests.roles.end() && role->second.limits ? role->second.limits->running : limits_definition{}.running;
}

void coordinator::pump_instance(std::string instance) {
  const auto it = state_.instances.find(instance);
  if (it == state_.instances.end()) return;
  auto& a = it->second;
  auto& places = at_work_[a.role];
  if (a.pending.empty() || a.done) {
    if ((a.done || waits_long(a)) && places.erase(instance) > 0) release_role(a.role);
    return;
  }
  if (a.busy) return;
  if (a.not_before && *a.not_before > now_) return wake(*a.not_before, "instance:" + instance);
  const auto r = state_.runs.find(a.run);
  if (r == state_.runs.end()) return;
  if (gate_.paused(state_, a.role, r->second.said.workflow, a.run)) {
    if (places.erase(instance) > 0) release_role(a.role);
    blocked_.insert("instance:" + instance);
    return;
  }
  if (!places.contains(instance)) {
    if (std::int64_t(places.size()) >= places_of(a.role)) {
      auto& queue = role_queue_[a.role];
      if (std::find(queue.begin(), queue.end(), instance) == queue.end()) queue.push_back(instance);
      return;
    }
    places.insert(instance);
  }
  if (suspects_.erase(instance) > 0 && !planted(bug::attempts_forgotten)) {
    turn_failed(a, a.attempt, {fault_kind::process, "engine_ended", "The engine ended while this event was being handled"}, a.pending.front().seq);
    return pump_instance(instance);
  }
  a.busy = true;
  errand_after(deliver_event{instance, a.role, a.pending.front(), a.attempt, a.turns, a.snapshot, a.snapshot_turns, a.agent_version});
}

/// A place in the role is free: the next in its queue may work. Who is gone or paused by now takes none.
void coordinator::release_role(std::string role) {
  auto& queue = role_queue_[role];
  while (!queue.empty() && at_work(role) < places_of(role)) {
    const auto next = queue.front();
    queue.pop_front();
    pump_instance(next);
  }
}

void coordinator::on_turn(const turn_report& report, time_point now) {
  now_ = std::max(now, state_.now);
  const auto it = state_.instances.find(report.instance);
  if (it == state_.instances.end()) return;
  auto& a = it->second;
  // A turn of an attempt that was given up comes too late and changes nothing.
  if (!a.busy || a.pending.empty() || a.pending.front().seq != report.handled || a.attempt != report.attempt) return;
  a.busy = false;
  const auto run_id = a.run;
  const auto role = a.role;
  if (report.trouble) {
    turn_failed(a, report.attempt, *report.trouble, report.handled);
    return pump_instance(report.instance);
  }

  // First everything that an intent may be refused for, so that a refused turn leaves nothing behind.
  bool ends = false, waits = false;
  for (const auto& wish : report.said) {
    const auto kind = kind_of(wish);
    ends = ends || kind == "finish" || kind == "give_up";
    waits = waits || (kind != "remember" && kind != "finish" && kind != "give_up");
  }
  if (!ends && !waits && a.awaits.empty() && a.pending.size() == 1) {
    fault idle{fault_kind::logic, "agent_waits_for_nothing",
               "The agent of role '" + role + "' neither finished nor asked for anything after " + a.pending.front().kind + ", so it would wait for ever"};
    return fail_step(run_id, idle, report.handled);
  }
  if (auto may = may_say(a, report.said); !may) return fail_step(run_id, as_fault(fault_kind::logic, may.error()), report.handled);

  event::turn_taken taken{report.instance, report.handled, report.agent_version, {}, {}};
  for (const auto& wish : report.said) {
    const auto text = to_json_text(wish);
    const auto kind = kind_of(wish);
    const bool kept_here = kind == "recall" || kind == "look_up" || kind == "wake_at" || kind == "give_up";
    taken.intents.push_back({std::string(kind), hex_digest(text), kept_here ? std::optional(std::visit([](const auto& x) { return to_json(x); }, wish)) : std::nullopt});
  }
  if (!ends && worth_a_snapshot(a, a.pending.front().body->size(), canonical(report.state).size())) taken.state = report.state;
  auto& r = state_.runs.at(run_id);
  if (report.upgraded_from) emit_for_run(r, event::agent_upgraded{report.instance, *report.upgraded_from, report.agent_version}, "coordinator", report.handled);
  const auto marks = a.marks | r.marks;
  const auto turn = emit(std::move(taken), "run/" + run_id, "role/" + role, report.handled, run_id, marks);
  std::int64_t ordinal = 0;
  for (const auto& wish : report.said) {
    const auto still = state_.instances.find(report.instance);
    if (still == state_.instances.end()) break;  // it finished; whatever it said after that is void
    if (auto done = carry_out(still->second, wish, turn, ++ordinal); !done) {
      fail_step(run_id, as_fault(fault_kind::logic, done.error()), turn);
      break;
    }
  }
  pump_instance(report.instance);
}

void coordinator::turn_failed(agent_instance& a, std::int64_t attempt, const fault& why, std::int64_t cause) {
  const auto run_id = a.run;
  const auto id = a.id;
  const auto handled = a.pending.front().seq;
  const bool poison = (attempt >= faults_until_parked && !planted(bug::poison_never_parked)) || why.code == "handler_hung" || why.kind == fault_kind::logic;
  if (!poison) {
    emit(event::turn_retried{id, handled, attempt + 1, why}, "run/" + run_id, "coordinator", cause, run_id);
    const auto again = state_.instances.find(id);
    // After a crash of the engine it is taken up at once: its parent has paused already, and the attempt counts.
    if (again != state_.instances.end() && why.code != "engine_ended") again->second.not_before = now_ + first_retry * (1 << std::min<std::int64_t>(attempt, 10));
    return;
  }
  if (why.kind != fault_kind::logic) {
    const auto parked = emit(event::event_parked{id, handled, attempt, why}, "run/" + run_id, "coordinator", cause, run_id);
    cause = parked;
  }
  fault told = why;
  if (why.kind != fault_kind::logic)
    told = {fault_kind::logic, "event_parked", fmt::format("The role '{}' failed {} on the same event ({}): {}", a.role, attempt == 1 ? "once" : fmt::format("{} times", attempt), handled, why.sentence)};
  fail_step(run_id, told, cause);
}

result<void> coordinator::may_say(const agent_instance& a, const intents& said) {
  if (said.size() > intents_at_most)
    return error{"too_many_intents", "role " + a.role, fmt::format("its agent wants {} things in one turn", said.size()), fmt::format("at most {}", intents_at_most), "Nothing of it was done"};
  const auto& r = state_.runs.at(a.run);
  std::int64_t ordinal = 0, calls = 0;
  std::optional<budget> trial;  // several calls in one turn must fit together
  const auto questions = std::count_if(said.begin(), said.end(), [](const auto& wish) { return std::holds_alternative<ask_model>(wish); });
  for (const auto& wish : said) {
    ++ordinal;
    if (const auto* w = std::get_if<recall>(&wish)) {
      if (auto may = gate_.may_know(a.role, w->scope); !may) return may;
    } else if (const auto* w = std::get_if<remember>(&wish)) {
      if (auto may = gate_.may_know(a.role, w->scope); !may) return may;
      if (w->scope == operator_scope)  // Whoever could write there could put words into the operator's mouth.
        return error{"role_not_permitted", "role " + a.role, "it wants to write into the memory scope 'operator'", "another scope of its may_know", "What the operator teaches is written by the engine alone"};
    } else if (const auto* w = std::get_if<look_up>(&wish)) {
      const auto* manifest = parts_.actions->find(w->action);
      if (manifest && manifest->repeats != effect_class::read_only)
        return error{"not_read_only", w->action, "it changes something outside", "a read-only action in look_up", "Propose it as an effect"};
      if (manifest)
        if (auto may = gate_.may_look_up(a.role, *manifest); !may) return may;
      const auto prepared = parts_.actions->prepare({w->action, w->with}, {look_up_key(a, w->tag), now_});
      if (!prepared) return prepared.error();
      if (manifest) {
        const policy_question asked{*manifest, w->with, prepared->recipients, a.role, r.said.workflow, a.run, a.marks | r.marks, now_, state_.entities, &counts_, false, origin_of(r, a.role), state_.entities_of(a.run)};
        if (auto may = gate_.judge_look_up(asked); !may) return may;
      }
    } else if (const auto* w = std::get_if<ask_model>(&wish)) {
      if (!trial && questions > 1) trial = state_.spending;
      const auto question = question_for(a, *w, calls++, trial ? *trial : state_.spending);
      if (!question) return question.error();
      if (trial) trial->restore("call " + std::to_string(calls), question->reserved, state_.accounts_of(expense_of(*question, a.run), now_));
    } else if (const auto* w = std::get_if<propose_effect>(&wish)) {
      const auto key = mint_effect_key(parts_.salt, a.run, a.step, a.visit, a.id, std::int64_t(a.turns->size() + 1) * 1000 + ordinal);
      if (auto prepared = parts_.actions->prepare({w->action, w->with}, {key, now_}); !prepared) return prepared.error();
    } else if (const auto* w = std::get_if<ask_role>(&wish)) {
      const auto cap = workflow_of(r)->definition.caps.value_or(caps_definition{}).depth;
      if (r.said.depth + 1 > cap)
        return error{"run_cap_reached", a.run, fmt::format("it is {} runs deep already", r.said.depth), fmt::format("at most {} (caps.depth)", cap), ""};
      if (!parts_.manifests.roles.contains(w->role)) return error{"unknown_role", a.id, "it asks the role '" + w->role + "'", "a role of the workspace", ""};
    } else if (const auto* w = std::get_if<finish>(&wish)) {
      const auto role = parts_.manifests.roles.find(a.role);
      const auto facts = role == parts_.manifests.roles.end() ? parts_.agents.end() : parts_.agents.find(role->second.agent);
      if (facts != parts_.agents.end())
        if (auto may = fits(facts->second.gives, w->result, "result of " + a.id); !may) return may;
      return {};  // whatever it says after that is void
    } else if (std::holds_alternative<give_up>(wish)) {
      return {};
    }
  }
  return {};
}

/// What was remembered of either of two merged records is remembered of both, until they are split.
recall_memory coordinator::recall_for(const std::string& instance, const recall& wish) const {
  return {instance, wish, names_around(state_.entities, parts_.manifests.entities, wish.about, wish.depth.value_or(0))};
}

std::string coordinator::look_up_key(const agent_instance& a, const std::string& tag) const {
  return mint_effect_key(parts_.salt, a.run, a.step, a.visit, a.id + " looks up " + tag, 0);
}

/// A question leaves through the same gates as an effect; while one is shut it waits.
void coordinator::send_look_up(look_up_action asked) {
  const auto it = state_.instances.find(asked.instance);
  if (it == state_.instances.end() || !it->second.awaits.contains("look_up:" + asked.tag)) return;
  const auto r = state_.runs.find(it->second.run);
  const auto owner = asked.call.action.substr(0, asked.call.action.find('.'));
  if (r != state_.runs.end() && !gate_.paused(state_, it->second.role, r->second.said.workflow, it->second.run) && admits(owner)) return errand_after(std::move(asked));
  const auto key = "look_up:" + asked.instance + " " + asked.tag;
  blocked_.insert(key);
  parked_look_ups_[key] = std::move(asked);
}

result<void> coordinator::carry_out(agent_instance& a, const intent& wish, std::int64_t cause, std::int64_t ordinal) {
  auto& r = state_.runs.at(a.run);
  const auto marks = a.marks | r.marks;
  if (const auto* w = std::get_if<recall>(&wish)) {
    errand_after(recall_for(a.id, *w));
  } else if (const auto* w = std::get_if<remember>(&wish)) {
    if (shadowed(a.run)) return {};  // decided, not done
    memory_item item{state_.next_id("mem"), w->scope, w->about, w->text, w->source.empty() ? a.id : w->source, 1, w->importance, {}, marks | (gate_.is_private(w->scope) ? label_private : 0)};
    if (w->keep_for) item.until = now_ + *w->keep_for;
    emit(event::memory_added{std::move(item)}, "memory", "role/" + a.role, cause, a.run, marks);
  } else if (const auto* w = std::get_if<look_up>(&wish)) {
    auto prepared = parts_.actions->prepare({w->action, w->with}, {look_up_key(a, w->tag), now_});
    if (!prepared) return prepared.error();
    send_look_up({a.id, w->tag, {w->action, w->with}, std::move(*prepared), 1});
  } else if (const auto* w = std::get_if<ask_model>(&wish)) {
    return ask_the_model(a, *w, cause);
  } else if (const auto* w = std::get_if<propose_effect>(&wish)) {
    proposal p{a.run, a.step, a.visit, a.id, w->tag, a.role, "none", w->why, w->evidence, {w->action, w->with}, 0, false, marks};
    // The turn and the place in it: the same turn taken again mints the same key.
    p.ordinal = std::int64_t(a.turns->size()) * 1000 + ordinal;
    if (const auto* manifest = parts_.actions->find(w->action)) p.undo = manifest->undo;
    auto proposed = propose(p, cause);
    if (!proposed) return proposed.error();
    const auto& e = state_.effects.at(*proposed);
    if (e.said.decided == verdict::ask) ask_for(p.run, p.step, {*proposed}, nullptr, e.cause);
    else pump_effect(*proposed);
  } else if (const auto* w = std::get_if<ask_role>(&wish)) {
    return ask_another_role(a, *w, cause);
  } else if (const auto* w = std::get_if<ask_operator>(&wish)) {
    if (shadowed(a.run)) return error{"shadow_asks", a.id, "it asks the operator: " + w->question, "a new version in shadow to decide without", "A canary may ask"};
    event::card_raised c;
    c.about = "question";
    c.title = "The role '" + a.role + "' asks";
    c.text = w->question;
    c.run = a.run;
    c.subject = a.id;
    c.tag = w->tag;
    c.options = w->options;
    boost::json::object shows;
    for (const auto& s : w->shows) shows[s.name] = s.value;
    c.shows = std::move(shows);
    c.actions = {"steward answer " + state_.next_id("card") + " " + (w->options.empty() ? "TEXT" : w->options.front())};
    const auto card = state_.next_id("card");
    raise_card(std::move(c), a.run, cause);
    heed_attention(card, false, cause);
  } else if (const auto* w = std::get_if<wake_at>(&wish)) {
    wake(w->at, "instance:" + a.id);
  } else if (const auto* w = std::get_if<finish>(&wish)) {
    const auto run_id = a.run;
    if (at_work_[a.role].erase(a.id) > 0) release_role(a.role);
    if (!a.item) {
      finish_step(run_id, "done", w->result, w->evidence, cause, "role/" + a.role);
    } else {
      emit(event::item_finished{a.id, std::int64_t(*a.item), w->result, w->evidence}, "run/" + run_id, "role/" + a.role, cause, run_id, marks);
      const auto& s = *state_.runs.at(run_id).here;
      if (std::all_of(s.done.begin(), s.done.end(), [](bool d) { return d; })) finish_step(run_id, "done", nullptr, {}, cause);
    }
  } else if (const auto* w = std::get_if<give_up>(&wish)) {
    fail_step(a.run, {fault_kind::logic, "gave_up", "The role '" + a.role + "' gave up: " + w->reason}, cause);
  }
  return {};
}

// ---- memory and look-ups come back

void coordinator::on_recalled(const std::string& instance, const std::string& tag, std::vector<memory_item> items, time_point now) {
  now_ = std::max(now, state_.now);
  const auto it = state_.instances.find(instance);
  if (it == state_.instances.end() || !it->second.awaits.contains("recall:" + tag)) return;
  labels marks = 0;
  for (const auto& item : items) marks |= item.marks;
  if (const auto asked = from_json_text<recall>(it->second.awaits.at("recall:" + tag)); asked && gate_.is_private(asked->scope)) marks |= label_private;
  const auto run_id = it->second.run;
  const auto cause = it->second.turns->empty() ? 0 : it->second.turns->back().handled.seq;
  emit(event::memory_recalled{instance, tag, std::move(items)}, "run/" + run_id, "memory", cause, run_id, marks);
  pump_instance(instance);
}

void coordinator::on_looked_up(const look_up_action& asked, const outcome& came_out, time_point now) {
  now_ = std::max(now, state_.now);
  const auto it = state_.instances.find(asked.instance);
  if (it == state_.instances.end() || !it->second.awaits.contains("look_up:" + asked.tag)) return;
  const auto run_id = it->second.run;
  const auto cause = it->second.turns->empty() ? 0 : it->second.turns->back().handled.seq;
  const auto owner = asked.call.action.substr(0, asked.call.action.find('.'));
  record_breaker(owner, came_out.kind == outcome_kind::failed || came_out.kind == outcome_kind::in_doubt, came_out.sentence);
  if (came_out.kind != outcome_kind::confirmed) {
    const auto kind = came_out.kind == outcome_kind::refused ? fault_kind::logic : fault_kind::provider;
    return fail_step(run_id, {kind, "look_up_failed", asked.call.action + ": " + came_out.sentence}, cause);
  }
  const auto* manifest = parts_.actions->find(asked.call.action);
  const labels marks = manifest ? manifest->answer_labels : label_untrusted;
  const auto seq = emit(event::looked_up{asked.instance, asked.tag, asked.call.action, came_out.answer}, "run/" + run_id, owner, cause, run_id, marks);
  map_records(asked.call.action, came_out.answer, seq, run_id, marks);
  pump_instance(asked.instance);
}

// ---- language models

result<event::model_asked> coordinator::question_for(const agent_instance& a, const ask_model& wish, std::int64_t asked_before, const budget& spending) {
  const auto& r = state_.runs.at(a.run);
  auto put = question_of(parts_.manifests, a.role, wish);
  if (!put) return put.error();
  const auto cap = workflow_of(r)->definition.caps.value_or(caps_definition{}).model_calls;
  if (r.model_calls + asked_before >= cap)
    return error{"run_cap_reached", a.run, fmt::format("the run has asked models {} times", r.model_calls + asked_before), fmt::format("at most {} (caps.model_calls)", cap), ""};
  auto& q = put->question;
  const auto provider = parts_.models.find(put->provider);
  if (provider == parts_.models.end())
    return error{"unknown_model", "company.yaml models", "the class '" + q.model_class + "' is served by '" + put->provider + "'", "a model of the catalogue", ""};
  const auto worst = provider->second->worst_case(q);
  const expense on{a.role, a.run, put->provider, q.model_class, ""};
  if (auto fits = spending.check(worst, gate_.limits(state_, on, now_)); !fits && !planted(bug::budget_not_reserved)) return fits.error();
  return event::model_asked{state_.next_id("call"), a.id, wish.tag, a.role, put->provider, std::move(q), worst};
}

result<void> coordinator::ask_the_model(agent_instance& a, const ask_model& wish, std::int64_t cause) {
  auto asked = question_for(a, wish, 0, state_.spending);
  if (!asked) return asked.error();
  const auto id = asked->call;
  const auto run_id = a.run;
  const bool may_leave = may_call(a.role, asked->model, run_id);
  if (!may_leave) asked->waits = true;
  call_model errand{id, asked->model, 1, *asked->question};
  const auto spends = expense_of(*asked, run_id);
  const auto seq = emit(as_stored(state_.runs.at(run_id).heard, std::move(*asked)), "run/" + run_id, "role/" + a.role, cause, run_id, a.marks | state_.runs.at(run_id).marks);
  tell_marks(spends, seq);
  if (!may_leave) {
    blocked_.insert("call:" + id);
    return {};
  }
  under_way_.insert(id);
  errand_after(std::move(errand));
  return {};
}

/// Every gate that a question passes, at its first attempt and at every other one.
bool coordinator::may_call(const std::string& role, const std::string& model, const std::string& run) {
  return !gate_.paused(state_, role, state_.runs.at(run).said.workflow, run) && admits("model " + model);
}

/// The question as it is to leave, put together from what was said before it where the event tells only what is new.
result<model_question> coordinator::whole_question(const model_call& c) const {
  if (c.said.question) return *c.said.question;
  if (c.said.change && hex_digest(c.whole) == c.said.change->digest) return from_json_text<model_question>(c.whole);
  return error{"question_lost", c.said.call, "its question can't be put together again from those before it", "the text of the digest that was recorded", "'steward doctor' looks into the journal; 'steward retry' asks anew"};
}

void coordinator::pump_call(std::string call) {
  const auto it = state_.calls.find(call);
  if (it == state_.calls.end() || under_way_.contains(call)) return;
  const auto& c = it->second;
  if (!state_.instances.contains(c.said.instance)) {
    // Nobody waits for it any more. A try that failed cost nothing; one that was lost keeps its reservation until the run ends.
    if (c.retry_at) emit(event::model_failed{call, {fault_kind::logic, "nobody_waits", "The agent that asked is gone"}, c.attempt, {}, {}}, "run/" + c.run, "coordinator", 0, c.run);
    return;
  }
  if (c.retry_at && *c.retry_at > now_) return wake(*c.retry_at, "call:" + call);
  if (!state_.runs.contains(c.run)) return;
  if (!may_call(c.said.role, c.said.model, c.run)) {
    blocked_.insert("call:" + call);
    return;
  }
  auto question = whole_question(c);
  if (!question) return fail_step(c.run, as_fault(fault_kind::data, question.error()), 0);
  under_way_.insert(call);
  call_model errand{call, c.said.model, c.attempt, std::move(*question)};
  emit(event::model_called{call, c.attempt}, "run/" + c.run, "coordinator", 0, c.run);
  errand_after(std::move(errand));
}

/// It may have been answered, and charged. So its worst case counts as spent, and another try needs room of its own.
void coordinator::lose_call(std::string call, const std::string& sentence) {
  under_way_.erase(call);
  const auto c = state_.calls.at(call);
  event::model_failed failed{call, {fault_kind::provider, "model_call_lost", sentence}, c.attempt, {}, true};
  const bool awaited = state_.instances.contains(c.said.instance);
  const auto fits = state_.spending.check(c.said.reserved, gate_.limits(state_, expense_of(c.said, c.run), now_));
  if (awaited && c.attempt < tries_of_a_model && fits) failed.retry_at = now_;
  const auto why = fits ? failed.why : as_fault(fault_kind::logic, fits.error());
  const bool again = failed.retry_at.has_value();
  const auto cause = emit(std::move(failed), "run/" + c.run, "model/" + c.said.model, 0, c.run);
  if (again) tell_marks(expense_of(c.said, c.run), cause);
  if (again) return pump_call(call);
  if (awaited) fail_step(c.run, why, cause);
}

void coordinator::on_model_lost(const std::string& call, std::int64_t attempt, const std::string& sentence, time_point now) {
  now_ = std::max(now, state_.now);
  const auto it = state_.calls.find(call);
  if (it == state_.calls.end() || it->second.attempt != attempt || !it->second.out) return;
  record_breaker("model " + it->second.said.model, true, sentence);
  lose_call(call, sentence);
}

void coordinator::on_model(const std::string& call, std::int64_t attempt, const result<model_reply>& reply, time_point now) {
  now_ = std::max(now, state_.now);
  const auto it = state_.calls.find(call);
  if (it == state_.calls.end() || it->second.attempt != attempt) return;
  under_way_.erase(call);
  const auto said = it->second.said;
  const auto run_id = it->second.run;
  const auto marks = state_.runs.at(run_id).marks;
  const auto code = reply ? std::string{} : reply.error().code;
  const bool lost = code == "model_answer_lost";
  const bool provider_fault = lost || code == "model_unreachable" || code == "model_busy";
  record_breaker("model " + said.model, provider_fault, provider_fault ? to_sentence(reply.error()) : "");
  if (reply) {
    emit(event::model_answered{call, said.instance, said.tag, *reply}, "run/" + run_id, "model/" + said.model, 0, run_id, marks);
    return pump_instance(said.instance);
  }
  event::model_failed failed{call, as_fault(provider_fault ? fault_kind::provider : fault_kind::logic, reply.error()), attempt, {}, {}};
  if ((lost || code == "bad_model_answer") && !planted(bug::lost_answer_free)) failed.lost = true;  // who answered wants to be paid, whether it arrived or could be used
  auto why = failed.why;
  const bool awaited = state_.instances.contains(said.instance);
  // As with effects: while its breaker rests a call is parked, unless each try may be charged.
  if (provider_fault && awaited && (attempt < tries_of_a_model || (!lost && is_resting("model " + said.model)))) {
    const auto room = lost ? state_.spending.check(said.reserved, gate_.limits(state_, expense_of(said, run_id), now_)) : result<void>{};
    if (room) failed.retry_at = now_ + std::chrono::seconds{1LL << std::min<std::int64_t>(attempt - 1, 5)};
    else why = as_fault(fault_kind::logic, room.error());
  }
  const bool again = failed.retry_at.has_value();
  const auto cause = emit(std::move(failed), "run/" + run_id, "model/" + said.model, 0, run_id, marks);
  if (again && lost) tell_marks(expense_of(said, run_id), cause);
  if (again) return pump_call(call);
  if (awaited) fail_step(run_id, why, cause);
}

// ---- one role asks another

result<void> coordinator::ask_another_role(agent_instance& a, const ask_role& wish, std::int64_t cause) {
  auto& r = state_.runs.at(a.run);
  workflow_definition one_step;
  one_step.workflow = "ask " + wish.role;
  one_step.if_a_step_fails = "stop";
  step_definition s;
  s.role = wish.role;
  s.with = "${input}";
  s.gives = "answer";
  one_step.steps.push_back({"answer", std::move(s)});
  const auto digest = adopt_own(one_step);
  if (!digest) return digest.error();
  auto begun = begin_run(compiled_[*digest], *digest, wish.input, a.id + " asked", cause, "", a.marks | r.marks, r.said.depth + 1, a.id, wish.tag, false);
  if (!begun) return begun.error();
  return {};
}

}  // namespace steward
