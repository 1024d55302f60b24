/// Effects on their way: dispatch, doubt, settle, and the breakers. The one door to the outside is pump_effect.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/undo_step.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

// Five tries with 2, 4, 8 and 16 s between them ride out a restart of the other side; in longer outages the breaker parks it.
constexpr std::int64_t tries_at_most = 5;
duration pause_after(std::int64_t attempt) { return std::chrono::seconds{1LL << std::min<std::int64_t>(attempt, 6)}; }

/// What the operator decided on for this effect, by its place in the question.
std::string_view digest_for(const event::approval_asked& asked, const std::string& effect) {
  const auto at = std::size_t(std::find(asked.effects.begin(), asked.effects.end(), effect) - asked.effects.begin());
  return at < asked.digests.size() ? std::string_view(asked.digests[at]) : std::string_view();
}

}  // namespace

/// A reading that was lost changed nothing outside.
bool coordinator::doubted(const effect& e) const {
  const auto* manifest = parts_.actions->find(e.said.prepared.action);
  return e.doubted && (!manifest || manifest->repeats != effect_class::read_only);
}

/// One card when the breaker opens, which goes when it closes; the tries between them raise no other.
void coordinator::tell_breaker(const std::string& name, const breaker& b, const std::string& trouble) {
  const auto seq = emit(event::breaker_changed{name, std::string(to_word(b.state())), b.may_try_at(), b.memory().opened, b.to_sentence(name)}, "company", "coordinator", 0, "");
  const auto subject = "breaker/" + name;
  if (b.state() == breaker_state::closed) return close_cards_about(subject, "it answers again", seq);
  if (b.state() != breaker_state::open || b.memory().opened > 1) return;
  event::card_raised c;
  c.about = "breaker";
  c.title = name + " does not answer";
  c.text = b.to_sentence(name) + (trouble.empty() ? "" : ". The last time: " + trouble) + ". Work that needs it waits and goes on by itself when it answers again; this card goes then, too.";
  c.subject = subject;
  c.actions = {"steward doctor", "steward answer " + state_.next_id("card") + " seen"};
  raise_card(std::move(c), "", seq);
}

bool coordinator::admits(const std::string& name) {
  const auto it = breakers_.find(name);
  if (it == breakers_.end()) return true;
  const auto before = it->second.state();
  const auto answer = it->second.admit(now_);
  if (it->second.state() != before) tell_breaker(name, it->second);
  if (answer == admission::wait && it->second.may_try_at()) wake(*it->second.may_try_at(), "breaker:" + name);
  return answer != admission::wait;
}

bool coordinator::is_resting(const std::string& name) const {
  const auto it = breakers_.find(name);
  return it != breakers_.end() && it->second.state() == breaker_state::open;
}

void coordinator::record_breaker(const std::string& name, bool provider_fault, const std::string& trouble) {
  if (!provider_fault && !breakers_.contains(name)) return;
  auto& b = breakers_[name];
  if (!b.record(provider_fault ? call_outcome::provider_fault : call_outcome::answered, now_)) return;
  tell_breaker(name, b, trouble);
  if (b.may_try_at()) wake(*b.may_try_at(), "breaker:" + name);
  else pump_blocked();
}

/// The one door. Everything is looked at again here, because days may have passed since the effect was approved.
void coordinator::pump_effect(std::string id) {
  const auto it = state_.effects.find(id);
  if (it == state_.effects.end() || it->second.state != effect_state::approved) return;
  auto& e = it->second;
  const auto run_it = state_.runs.find(e.said.run);
  if (run_it == state_.runs.end()) return;
  auto& r = run_it->second;
  const auto key = "effect:" + id;
  if (e.not_before && *e.not_before > now_) return wake(*e.not_before, key);
  if (e.said.instance.empty() && r.here) {  // in the order of the step: the page before the mails that announce it
    for (const auto& other : r.here->effects) {
      if (other == id) break;
      if (const auto o = state_.effects.find(other); o != state_.effects.end() && !is_settled(o->second.state)) return;
    }
  }
  if (gate_.paused(state_, e.said.role, r.said.workflow, e.said.run)) {
    blocked_.insert(key);
    return;
  }
  if (r.said.stepwise && !r.released.contains(id)) {
    if (r.held_before.empty()) emit_for_run(r, event::step_held{e.said.run, id}, "coordinator", e.cause);
    else if (r.held_before != id) blocked_.insert(key);  // one after the other
    return;
  }
  const auto action = e.said.prepared.action;
  const auto owner = action.substr(0, action.find('.'));
  const auto* manifest = parts_.actions->find(action);
  const auto* asked = e.approval && state_.approvals.contains(*e.approval) ? &state_.approvals.at(*e.approval) : nullptr;
  const bool approved = asked && (asked->state == approval_state::approved || asked->state == approval_state::used);

  // The rules of today decide, not those of the day it was proposed.
  const auto judged = judge(e, false);
  const bool repeats_a_doubt = doubted(e);
  const bool changed_bytes = effect_digest(e.said.prepared) != e.said.digest || (approved && digest_for(asked->said, id) != e.said.digest);
  if (judged.says == verdict::deny || judged.says == verdict::shadow || changed_bytes) {
    std::string reason = changed_bytes ? "The bytes are not those that were approved" : "";
    for (const auto& rule : judged.rulings)
      if (!changed_bytes && rule.says == judged.says) reason += (reason.empty() ? "" : "; ") + rule.because;
    if (repeats_a_doubt) return leave_to_operator(id, "It may not be repeated: " + reason + ". An earlier attempt may have done it");
    emit_for_run(r, judged.says == verdict::shadow && !changed_bytes ? shadow_of(e, reason, judged.rulings) : event::effect_dropped{id, "denied", reason, judged.rulings, {}, {}}, "coordinator", e.cause);
    return after_settling(id);
  }
  if (repeats_a_doubt && !key_is_remembered(e)) return leave_to_operator(id, "An earlier attempt may have done it, and by now the other side may have forgotten its key");
  if (judged.says == verdict::ask && !approved && e.said.decided == verdict::allow && e.attempts == 0) {
    const auto* s = e.said.instance.empty() ? workflow_of(r)->find(e.said.step) : nullptr;
    return ask_for(e.said.run, e.said.step, {id}, s ? s->said : nullptr, e.cause);
  }
  if (is_held(id)) return;
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(now_.time_since_epoch());
  const auto used = state_.dispatched_in_minute.find(action + "/" + std::to_string(minute.count()));
  if (manifest && used != state_.dispatched_in_minute.end() && used->second >= manifest->per_minute)
    return wake(time_point{minute + std::chrono::minutes{1}}, key);
  if (e.attempts == 0) {
    if (auto fits = state_.spending.check({e.said.worst_cost, 0, 0}, gate_.limits(state_, expense_of(e), now_)); !fits) {
      const auto run_id = e.said.run;
      const bool of_this_step = r.here && r.here->state == step_state::working && r.here->name == e.said.step && r.here->visit == e.said.visit;
      if (of_this_step) return fail_step(run_id, as_fault(fault_kind::logic, fits.error()), e.cause);
      emit_for_run(r, event::effect_dropped{id, "denied", to_sentence(fits.error()), {}}, "coordinator", e.cause);  // its step went on without it
      return after_settling(id);
    }
  }
  if (!admits(owner)) {  // The last question, because its answer may be "you are the one that tries".
    blocked_.insert(key);
    return;
  }
  const auto attempt = e.attempts + 1;
  std::optional<std::string> consumed;
  if (approved && e.attempts == 0) consumed = *e.approval;
  perform_effect door{id, attempt, e.said.prepared, false};
  if (planted(bug::key_dropped) && attempt > 1) door.prepared.key += std::to_string(attempt);
  if (planted(bug::bytes_not_those_approved)) door.prepared.bytes += " ";
  std::optional<std::vector<std::string>> counts;
  if (attempt == 1 && manifest)
    if (auto keys = gate_.counts(question_about(e, *manifest)); !keys.empty()) counts = std::move(keys);
  const auto spends = expense_of(e);
  const auto left = emit_for_run(r, event::effect_dispatched{id, attempt, state_.epoch, consumed, e.said.worst_cost, std::move(counts)}, "coordinator", e.cause);
  if (attempt == 1) tell_marks(spends, left);
  errand_after(std::move(door));
}

void coordinator::on_effect(const std::string& id, std::int64_t attempt, const outcome& came_out, bool looked_up, time_point now) {
  now_ = std::max(now, state_.now);
  const auto it = state_.effects.find(id);
  if (it == state_.effects.end()) return;
  const auto state = it->second.state;
  // An answer for an attempt that was given up changes nothing.
  const bool awaited = it->second.attempts == attempt && ((state == effect_state::dispatching && !looked_up) || (state == effect_state::in_doubt && looked_up));
  if (!awaited && !planted(bug::late_answer_taken)) return;
  const auto action = it->second.said.prepared.action;
  const auto owner = action.substr(0, action.find('.'));
  // "It is not there" answers a look-up; of an action that was to be done, "failed" means that the other side did not do its part.
  record_breaker(owner, came_out.kind == outcome_kind::in_doubt || (came_out.kind == outcome_kind::failed && !looked_up), came_out.sentence);
  std::optional<time_point> again;
  // After a restart a look-up's "not there" need not wait: time has passed already.
  const bool at_once = looked_up && it->second.epoch != state_.epoch;
  // While its breaker rests the fault is the provider's: the effect is parked, and is not used up by being the one that tries.
  const bool tries_left = attempt < tries_at_most || is_resting(owner);
  const bool last = came_out.kind == outcome_kind::refused || (came_out.kind == outcome_kind::failed && !tries_left);
  if (last && !looked_up && doubted(it->second))
    return leave_to_operator(id, "An earlier attempt may have done it; the last one was answered with: " + came_out.sentence);
  if (came_out.kind == outcome_kind::failed && tries_left) again = at_once ? now_ : now_ + pause_after(attempt);
  if (looked_up && came_out.kind == outcome_kind::in_doubt) {
    const auto tries = ++doubts_looked_up_[id];
    if (tries < tries_at_most) return wake(now_ + pause_after(tries), "doubt:" + id);
    return ask_whether(id, "We asked " + owner + " " + std::to_string(tries) + " times whether " + action + " happened and got no answer: " + came_out.sentence);
  }
  doubts_looked_up_.erase(id);
  settle(id, came_out, again, looked_up ? "look_up" : "connector");
}

void coordinator::settle(std::string id, outcome came_out, std::optional<time_point> retry_at, std::string said_by) {
  auto& e = state_.effects.at(id);
  const auto kind = came_out.kind;
  const auto& r = state_.runs.at(e.said.run);
  const auto* manifest = parts_.actions->find(e.said.prepared.action);
  const bool from_outside = said_by == "connector" || said_by == "look_up";  // not what the operator or the engine itself says
  const auto marks = r.marks | (from_outside ? manifest ? manifest->answer_labels : label_untrusted : labels{});
  const auto seq = emit(event::effect_settled{id, e.attempts, std::move(came_out), retry_at, std::move(said_by)}, "run/" + r.said.run, "coordinator", e.cause, r.said.run, marks);
  if (kind == outcome_kind::confirmed && manifest && manifest->repeats == effect_class::read_only) map_records(manifest->name, e.came_out->answer, seq, e.said.run, manifest->answer_labels);
  if (kind == outcome_kind::confirmed) match_shadows(e, seq);
  if (kind == outcome_kind::in_doubt) return resolve_doubt(id);
  close_cards_about(id, "settled", e.cause);  // The question whether it happened is answered.
  if (retry_at) return pump_effect(id);
  after_settling(id);
}

/// Whether its provider still knows the key of its first attempt. Well inside the window: a fifth of it is left for the call
/// itself and for clocks that differ.
bool coordinator::key_is_remembered(const effect& e) const {
  const auto* manifest = parts_.actions->find(e.said.prepared.action);
  return planted(bug::window_ignored) || !manifest || !manifest->key_window || now_ - e.first_dispatched < *manifest->key_window * 4 / 5;
}

/// What an attempt said, or a rule, settles nothing while an earlier attempt may have done it: a person looks.
void coordinator::leave_to_operator(std::string id, const std::string& why) {
  const auto& e = state_.effects.at(id);
  outcome unknown;
  unknown.sentence = why;
  emit_for_run(state_.runs.at(e.said.run), event::effect_settled{id, e.attempts, std::move(unknown), {}, "coordinator"}, "coordinator", e.cause);
  ask_whether(id, why + ".");
}

/// Nobody knows whether it happened. The action's class says what may be done about it; we never guess.
void coordinator::resolve_doubt(std::string id) {
  const auto it = state_.effects.find(id);
  if (it == state_.effects.end() || it->second.state != effect_state::in_doubt) return;
  const auto& e = it->second;
  const auto action = e.said.prepared.action;
  const auto* manifest = parts_.actions->find(action);
  const auto repeats = manifest ? manifest->repeats : effect_class::neither;
  const bool tries_left = e.attempts < tries_at_most;
  if (repeats == effect_class::read_only || (repeats == effect_class::keyed && key_is_remembered(e) && tries_left && !state_.cards_about.contains(id)) || (planted(bug::neither_repeated) && repeats == effect_class::neither) ||
      (planted(bug::queryable_not_looked_up) && repeats == effect_class::queryable)) {
    outcome again;
    again.kind = outcome_kind::failed;
    again.sentence = repeats == effect_class::keyed ? "Repeated with the same key and the same bytes" : "Read again";
    std::optional<time_point> retry_at;
    if (tries_left) retry_at = now_ + (e.epoch == state_.epoch ? pause_after(e.attempts) : duration{});
    else again.sentence = e.came_out ? e.came_out->sentence : "No answer came";  // a reading that never came harms nobody
    return settle(id, std::move(again), retry_at, "coordinator");
  }
  if (repeats == effect_class::queryable) {
    const auto r = state_.runs.find(e.said.run);
    if (r == state_.runs.end()) return;
    if (gate_.paused(state_, e.said.role, r->second.said.workflow, e.said.run) || !admits(action.substr(0, action.find('.')))) {
      blocked_.insert("doubt:" + id);
      return;
    }
    return errand_after(perform_effect{id, e.attempts, e.said.prepared, true});
  }
  ask_whether(id, (e.came_out ? e.came_out->sentence + ". " : "") + "Nobody can be asked whether " + action + " happened, so Steward does not repeat it by itself.");
}

/// Only a person can know. One card for each effect, however often we come here.
void coordinator::ask_whether(std::string id, std::string text) {
  if (state_.cards_about.contains(id)) return;
  const auto& e = state_.effects.at(id);
  event::card_raised c;
  c.about = "effect_in_doubt";
  c.title = "Did it happen? " + e.said.prepared.preview.substr(0, e.said.prepared.preview.find('\n'));
  c.text = std::move(text);
  c.run = e.said.run;
  c.subject = id;
  c.options = {"happened", "repeat", "leave"};
  const auto card = state_.next_id("card");
  c.actions = {"steward answer " + card + " happened", "steward answer " + card + " repeat", "steward answer " + card + " leave"};
  raise_card(std::move(c), e.said.run, e.cause);
}

void coordinator::after_settling(std::string id) {
  const auto& e = state_.effects.at(id);
  const auto instance = e.said.instance;
  const auto run_id = e.said.run;
  if (!instance.empty()) return pump_instance(instance);
  advance_effect_step(run_id);
}

/// The step is over when each of its effects is settled; until then the next in order may go.
void coordinator::advance_effect_step(std::string run_id) {
  const auto it = state_.runs.find(run_id);
  if (it == state_.runs.end() || !it->second.here || it->second.here->state != step_state::working) return;
  auto& r = it->second;
  const auto w = workflow_of(r);
  const auto* s = w->find(r.here->name);
  if (s->kind != step_kind::effect) return;
  const auto ids = r.here->effects;
  const auto began = r.here->began;
  // What can't be taken back stands, and one card says so; the rest is taken back all the same.
  const auto give_up = [&](fault why) {
    if (!is_undo(s->name)) return fail_step(run_id, std::move(why), began);
    const auto effect = s->name.substr(undo_prefix.size());
    event::card_raised c;
    c.about = "run_failed";
    c.title = fmt::format("{} stands: it could not be taken back", effect);
    c.text = why.sentence + ".";
    c.subject = effect;
    c.actions = {"steward why " + effect, "steward undo " + effect, "steward answer " + state_.next_id("card") + " seen"};
    raise_card(std::move(c), "", began);
    finish_step(run_id, "stands", boost::json::array{effect}, {}, began);
  };
  for (const auto& id : ids) {
    const auto& e = state_.effects.at(id);
    if (!is_settled(e.state)) {
      if (r.here->due && *r.here->due <= now_) step_is_due(run_id);
      return pump_effect(id);
    }
    // Of a list of which the parts belong together, none goes on after one that could not be done.
    const bool lost = e.state == effect_state::refused || e.state == effect_state::failed || (e.drop_how == "denied" && ids.size() > 1);
    if (!lost || e.said.tag == each_tag) continue;
    const auto how = e.state == effect_state::dropped ? e.drop_how : std::string(to_word(e.state));
    const auto* code = e.state == effect_state::refused ? "effect_refused" : e.state == effect_state::failed ? "effect_failed" : "effect_denied";
    return give_up({fault_kind::logic, code, fmt::format("{} was {}: {}", e.said.prepared.action, how, e.came_out ? e.came_out->sentence : e.drop_reason)});
  }
  boost::json::array all;
  std::size_t confirmed = 0, rejected = 0, discarded = 0, denied = 0, shadowed = 0, missed = 0;
  for (const auto& id : ids) {
    const auto& e = state_.effects.at(id);
    const auto reason = e.came_out ? e.came_out->sentence : e.drop_reason;
    missed += e.state == effect_state::refused || e.state == effect_state::failed;
    confirmed += e.state == effect_state::confirmed;
    rejected += e.drop_how == "rejected";
    discarded += e.drop_how == "discarded";
    denied += e.drop_how == "denied";
    shadowed += e.drop_how == "shadowed";
    all.push_back(boost::json::object{{"effect", id}, {"action", e.said.prepared.action}, {"how", e.state == effect_state::dropped ? e.drop_how : std::string(to_word(e.state))},
                                      {"reason", reason}, {"answer", e.came_out ? e.came_out->answer : json{}}});
  }
  const bool single = s->said->effect && !s->each && s->said->for_each.empty();
  if (!ids.empty() && confirmed == 0 && rejected > 0) return finish_step(run_id, "rejected", all, {}, began);
  if (!ids.empty() && confirmed == 0 && discarded > 0) return finish_step(run_id, "discarded", all, {}, began);
  if (!ids.empty() && confirmed == 0 && denied > 0 && shadowed == 0) {
    std::string why;
    for (const auto& id : ids)
      if (why.empty()) why = state_.effects.at(id).drop_reason;
    return give_up({fault_kind::logic, "effect_denied", (ids.size() == 1 ? "The effect was denied: " : "All effects were denied: ") + why});
  }
  if (missed > 0) {
    event::card_raised c;
    c.about = "some_missed";
    c.title = fmt::format("{}: {} of {} did not get through in '{}'", r.said.workflow, missed, ids.size(), s->name);
    for (const auto& row : all)
      if (const auto how = text_at(row, "how"); how == "refused" || how == "failed") c.text += text_at(row, "effect") + " " + how + ": " + text_at(row, "reason") + "\n";
    c.run = run_id;
    c.subject = run_id + "/" + s->name;
    c.actions = {"steward show " + run_id, "steward answer " + state_.next_id("card") + " seen"};
    raise_card(std::move(c), "", began);
  }
  finish_step(run_id, "done", single && all.size() == 1 ? all.front().at("answer") : json(std::move(all)), {}, began);
}

}  // namespace steward
