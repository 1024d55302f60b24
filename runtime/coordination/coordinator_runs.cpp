/// Runs and their steps: start, go on, finish, fail.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/undo_step.hpp"
#include "runtime/digest.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

fault as_logic(const error& e) { return as_fault(fault_kind::logic, e); }

}  // namespace

// ---- runs

result<std::string> coordinator::begin_run(std::shared_ptr<const workflow> w, const std::string& digest, json input, std::string because, std::int64_t cause, std::string key, labels marks,
                                           std::int64_t depth, std::optional<std::string> parent, std::optional<std::string> tag, bool stepwise,
                                           std::optional<event::forked_run> forked, std::optional<event::trial_run> trial) {
  if (!key.empty() && state_.seen_keys.contains(key))
    return error{"already_started", w->definition.workflow, "a run with this natural key was started before", "", "Nothing needs to be done"};
  if (w->input) {
    if (auto fits = w->input->check(input); !fits) {
      auto e = fits.error();
      e.where = "input" + (e.where.empty() ? "" : "." + e.where);
      return e;
    }
  }
  if (state_.runs_queued >= parts_.manifests.company.waiting)
    return error{"company_queue_full", "", fmt::format("{} runs wait for their turn", state_.runs_queued), "fewer than company.yaml's waiting", "Let some finish, or raise the limit"};
  const bool live = !forked && !parent && !trial && !is_made_by_engine(w->definition.workflow);
  if (const auto* canary = live ? canary_for(w->definition.workflow, state_.next_id("run")) : nullptr) {
    const auto its = state_.current.find(canary->workflow);
    auto instead = its == state_.current.end() ? nullptr : workflow_of(its->second, canary->workflow);
    if (instead && (!instead->input || instead->input->check(input)))  // what it can't take, the version in force does
      return begin_run(std::move(instead), std::string(its->second), std::move(input), std::move(because), cause, std::move(key), marks, depth, {}, {}, stepwise, {},
                       event::trial_run{"canary", w->definition.workflow});
  }
  event::run_started started{state_.next_id("run"), w->definition.workflow, digest, std::move(input), std::move(because), depth, std::move(parent), std::move(tag), stepwise,
                             std::move(forked), std::move(trial)};
  const auto id = started.run;
  const auto given = live ? started.input : json{};
  const auto began = emit(std::move(started), "run/" + id, "coordinator", cause, id, marks, std::move(key));
  pump_run(id);
  if (live) begin_shadows(id, w->definition.workflow, given, marks, began);
  return id;
}

/// The digest that a new run of this workflow begins with.
result<std::string> coordinator::current_of(const std::string& name) const {
  const auto current = state_.current.find(name);
  if (current == state_.current.end() || !parts_.manifests.workflows.contains(name)) {
    std::vector<std::string> names;
    for (const auto& [known, _] : parts_.manifests.workflows) names.push_back(known);
    std::string all;
    for (const auto& known : names) all += (all.empty() ? "" : ", ") + known;
    const auto near = nearest_name(name, names);
    return error{"unknown_workflow", "", "there is no workflow '" + name + "'", "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  return current->second;
}

/// The append key of what the operator starts under a key of theirs; none without one. It holds nothing of the operator's words.
std::string coordinator::key_by_hand(const std::string& what, const std::string& key) const {
  return key.empty() ? "" : what + "/by hand/" + to_hex(digest_of({parts_.salt, key})).substr(0, 32);
}

result<std::string> coordinator::start_run(const std::string& name, const json& input, const std::string& because, bool stepwise, const std::string& key, time_point now) {
  now_ = std::max(now, state_.now);
  const auto start_key = key_by_hand("start/" + name, key);
  if (const auto before = state_.started_by_hand.find(start_key); before != state_.started_by_hand.end()) return before->second;
  const auto current = current_of(name);
  if (!current) return current.error();
  return begin_run(workflow_of(*current, name), *current, input.is_null() ? json(boost::json::object{}) : input, because, 0, start_key, 0, 0, {}, {}, stepwise);
}

result<std::string> coordinator::fork_run(const fork_from& from, const std::optional<json>& input, bool stepwise, const std::string& key, time_point now) {
  now_ = std::max(now, state_.now);
  const auto fork_key = key_by_hand("fork/" + from.point.run, key);
  if (const auto before = state_.started_by_hand.find(fork_key); before != state_.started_by_hand.end()) return before->second;
  const auto current = current_of(from.workflow);
  if (!current) return current.error();
  const auto w = workflow_of(*current, from.workflow);
  if (!w->find(from.point.step)) {
    std::string all;
    for (const auto& s : w->steps) all += (all.empty() ? "" : ", ") + s.name;
    return error{"unknown_step", "workflow " + from.workflow, "it has no step '" + from.point.step + "' any more", "one of " + all, "A fork begins in the workflow as it is today"};
  }
  return begin_run(w, *current, input ? *input : from.input, "fork of " + from.point.run + " at " + from.point.step, 0, fork_key, from.marks, 0, {}, {}, stepwise, from.point);
}

/// Moves a run on as far as it can go by itself.
void coordinator::pump_run(std::string id) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end()) return;
  auto& r = it->second;
  if (!r.held_before.empty()) return;
  if (std::any_of(to_begin_.begin(), to_begin_.end(), [&](const step_to_begin& x) { return x.run == id; })) return;
  const auto w = workflow_of(r);
  const bool fresh = !r.here;
  const bool again = r.here && ((r.here->state == step_state::backing_off && r.here->retry_at <= now_) || r.here->state == step_state::queued);
  const bool over = r.here && (r.here->state == step_state::finished || r.here->state == step_state::failed);
  if (!fresh && !again && !over) return;
  if (gate_.paused(state_, "", w->definition.workflow, id)) {
    blocked_.insert("run:" + id);
    return;
  }
  if (r.state == run_state::queued && !r.said.parent && state_.runs_at_work >= parts_.manifests.company.running && !planted(bug::running_ignored)) {
    waiting_runs_.emplace(r.began, id);
    return;
  }
  if (fresh) return begin_step(id, r.said.forked ? *w->find(r.said.forked->step) : w->steps.front(), r.began);
  if (over) return go_on(id, r.here->began);
  const auto* s = w->find(r.here->name);
  // A step that never began (its condition could not be told) is asked again whether it may.
  if (r.here->began == 0 && !may_enter(id, *s, r.here->visit, r.began)) return;
  work_on_step(id, *s, r.here->visit, r.here->attempt + 1, r.here->began);
}

/// Where a run goes from a step that is over: a function of the manifest and of how it ended, hence the same after a pause or a
/// restart as at once.
void coordinator::go_on(std::string id, std::int64_t cause) {
  const auto& r = state_.runs.at(id);
  const auto w = workflow_of(r);
  const auto& s = *w->find(r.here->name);
  const auto how = r.here->how;
  if (has_slas_) close_cards_about(fmt::format("sla/{}/{}.{}", id, s.name, r.here->visit), "the step is over", cause);
  if (r.here->state == step_state::failed) {
    if (const auto* next = w->find(w->if_fails(s))) return begin_step(id, *next, cause);
    return end_run(id, "failed", r.here->trouble ? r.here->trouble->sentence : "a step failed", nullptr, cause);
  }
  if (how == "used_up" && s.said->used_up) {
    if (const auto* next = w->find(*s.said->used_up)) return begin_step(id, *next, cause);
  }
  if (how == "late" && s.said->if_late) {
    if (const auto* next = w->find(*s.said->if_late)) return begin_step(id, *next, cause);
  }
  if (how == "rejected" || how == "discarded") {
    const auto ask = s.said->ask.value_or(approval_definition{});
    const auto target = (how == "discarded" ? ask.if_expired : ask.if_rejected).value_or(w->if_fails(s));
    if (const auto* next = w->find(target)) return begin_step(id, *next, cause);
    // What may not be taken back stands; the rest is taken back all the same.
    if (const auto* next = is_undo(s.name) ? w->after(s.name) : nullptr) return begin_step(id, *next, cause);
    return end_run(id, "finished", how, nullptr, cause);
  }
  if (s.said->then) {
    if (const auto* next = w->find(*s.said->then)) return begin_step(id, *next, cause);
  }
  if (const auto* next = w->after(s.name)) return begin_step(id, *next, cause);
  json last;
  if (s.said->gives)
    if (const auto* given = r.names.if_contains(*s.said->gives)) last = *given;
  end_run(id, "finished", "done", std::move(last), cause);
}

void coordinator::begin_step(std::string id, const compiled_step& s, std::int64_t cause) {
  to_begin_.push_back({id, &s, cause});
  if (beginning_) return;
  beginning_ = true;
  while (!to_begin_.empty()) {
    const auto next = std::move(to_begin_.front());
    to_begin_.pop_front();
    if (state_.runs.contains(next.run)) enter_step(next.run, *next.step, next.cause);
  }
  beginning_ = false;
}

void coordinator::enter_step(const std::string& id, const compiled_step& s, std::int64_t cause) {
  auto& r = state_.runs.at(id);
  const auto w = workflow_of(r);
  const auto visit = (r.visits.contains(s.name) ? r.visits.at(s.name) : 0) + 1;
  if (r.said.stepwise && !r.released.contains(s.name)) {
    emit_for_run(r, event::step_held{id, s.name}, "coordinator", cause);
    return;
  }
  if (gate_.paused(state_, "", w->definition.workflow, id)) {
    blocked_.insert("run:" + id);
    return;
  }
  if (r.events >= w->definition.caps.value_or(caps_definition{}).events) {
    const fault full{fault_kind::logic, "run_cap_reached", fmt::format("The run has {} events, its cap (caps.events); it may be going in circles", r.events)};
    emit_for_run(r, event::step_failed{id, s.name, visit, 1, full, {}, "stop"}, "coordinator", cause);
    return end_run(id, "failed", full.sentence, nullptr, cause);
  }
  if (s.visits_at_most && visit > *s.visits_at_most) {
    if (w->find(s.said->used_up.value_or("ask_operator"))) {
      const auto done = emit_for_run(r, event::step_finished{id, s.name, visit, "used_up", nullptr, {}, {}}, "coordinator", cause);
      return go_on(id, done);
    }
    const fault used{fault_kind::logic, "visits_used_up", fmt::format("The step '{}' was visited {} times, as often as it may (at_most)", s.name, *s.visits_at_most)};
    const auto failed = emit_for_run(r, event::step_failed{id, s.name, visit, 1, used, {}, "ask_operator"}, "coordinator", cause);
    if (shadowed(id)) return end_run(id, "failed", used.sentence, nullptr, failed);
    event::card_raised c;
    c.about = "used_up";
    c.title = fmt::format("{}: '{}' has been done {} times without an end", w->definition.workflow, s.name, *s.visits_at_most);
    c.text = used.sentence + ". Decide how to go on.";
    c.run = id;
    c.subject = id;
    c.actions = {"steward retry " + id, "steward stop " + id};
    return raise_card(std::move(c), id, failed);
  }
  if (may_enter(id, s, visit, cause)) work_on_step(id, s, visit, 1, cause);
}

/// Asks the step's `when:`. When it says no the step is skipped; when it can't be told the step fails before it began.
bool coordinator::may_enter(const std::string& id, const compiled_step& s, std::int64_t visit, std::int64_t cause) {
  if (!s.when) return true;
  auto& r = state_.runs.at(id);
  const auto holds = s.when->holds(names_of(r));
  if (holds && *holds) return true;
  if (holds) {
    // A step that was stuck here before leaves through the machine's own rows.
    if (r.here && r.here->name == s.name && r.here->visit == visit && r.here->state == step_state::queued)
      emit_for_run(r, event::step_started{id, s.name, visit, r.here->attempt + 1, "end", "", false, nullptr, {}}, "coordinator", cause);
    const auto done = emit_for_run(r, event::step_finished{id, s.name, visit, "skipped", nullptr, s.said->gives, {}}, "coordinator", cause);
    go_on(id, done);
    return false;
  }
  const auto why = as_logic(holds.error());
  const auto w = workflow_of(r);
  const auto target = w->if_fails(s);
  const std::string then = w->find(target) ? "go_on" : target == "stop" || target == "undo" ? "stop" : "ask_operator";
  const auto failed = emit_for_run(r, event::step_failed{id, s.name, visit, 1, why, {}, then}, "coordinator", cause);
  if (then == "ask_operator") ask_about(id, s, why, failed);
  else go_on(id, failed);
  return false;
}

/// The agents of the step are not needed any more: they give their places back. Returns the runs that they had asked for.
std::vector<std::string> coordinator::leave_instances(const run& r) {
  std::vector<std::string> asked_for;
  std::set<std::string> freed;
  for (const auto& id : r.here->instances) {
    const auto it = state_.instances.find(id);
    if (it == state_.instances.end()) continue;
    for (const auto& [what, child] : it->second.awaits)
      if (what.starts_with("role:")) asked_for.push_back(child);
    suspects_.erase(id);
    auto& queue = role_queue_[it->second.role];
    queue.erase(std::remove(queue.begin(), queue.end(), id), queue.end());
    if (at_work_[it->second.role].erase(id) > 0) freed.insert(it->second.role);
  }
  for (const auto& role : freed) release_role(role);
  return asked_for;
}

/// What has not left yet must not leave any more; a question about nothing else is taken back.
void coordinator::withdraw(std::string id, const std::vector<std::string>& effects, const std::string& because, std::int64_t cause) {
  std::set<std::string> questions;
  for (const auto& effect : effects) {
    const auto e = state_.effects.find(effect);
    if (e == state_.effects.end()) continue;
    const auto state = e->second.state;
    if (state != effect_state::proposed && state != effect_state::awaiting && state != effect_state::approved) continue;
    if (e->second.approval) questions.insert(*e->second.approval);
    if (doubted(e->second)) {
      leave_to_operator(effect, because + ". An earlier attempt may have done it");
      continue;
    }
    emit_for_run(state_.runs.at(id), event::effect_dropped{effect, "stopped", because, {}}, "coordinator", cause);
  }
  for (const auto& question : questions) {
    const auto a = state_.approvals.find(question);
    if (a == state_.approvals.end() || a->second.state != approval_state::asked) continue;
    const auto& covered = a->second.said.effects;
    if (!std::all_of(covered.begin(), covered.end(), [&](const std::string& e) { return is_settled(state_.effects.at(e).state); })) continue;
    emit_for_run(state_.runs.at(id), event::approval_decided{question, "expired", a->second.said.digests, because}, "coordinator", cause);
    close_cards_about(question, because, cause);
  }
}

void coordinator::finish_step(std::string id, std::string how, json result, std::vector<std::string> evidence, std::int64_t cause, std::string actor, labels marks) {
  auto& r = state_.runs.at(id);
  const auto w = workflow_of(r);
  const auto* s = w->find(r.here->name);
  const auto asked_for = leave_instances(r);
  const auto visit = r.here->visit;
  const auto waited = r.here->waits ? std::optional(*r.here) : std::nullopt;
  const auto came = waited ? result : json{};
  const auto done = emit(event::step_finished{id, s->name, visit, how, std::move(result), s->said->gives, std::move(evidence)}, "run/" + id, std::move(actor), cause, id, r.marks | marks);
  close_cards_about(id, how, done);
  for (const auto& child : asked_for) end_run(child, "stopped", "who asked for it went on without it", nullptr, done);
  go_on(id, done);
  if (waited) tell_shadows(id, *waited, how, came, done);
}

/// Decides what a failed attempt leads to: another attempt, a card, another step, or the end.
void coordinator::fail_step(std::string id, fault why, std::int64_t cause) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end() || !it->second.here || it->second.here->state != step_state::working) return;
  auto& r = it->second;
  const auto w = workflow_of(r);
  const auto* s = w->find(r.here->name);
  const auto visit = r.here->visit;
  const auto attempt = r.here->attempt;
  for (const auto& instance : r.here->instances)
    if (const auto a = state_.instances.find(instance); a != state_.instances.end()) errand_after(forget_instance{instance, a->second.role});
  // What the attempt proposed and what has not left yet must not leave on its behalf any more.
  auto proposed = r.here->effects;
  bool has_left = false;
  for (const auto& effect : r.effects) {
    const auto e = state_.effects.find(effect);
    if (e == state_.effects.end() || e->second.said.instance.empty() || e->second.said.step != s->name || e->second.said.visit != visit) continue;
    proposed.push_back(effect);
    has_left = has_left || e->second.attempts > 0;
  }
  const auto asked_for = leave_instances(r);
  withdraw(id, proposed, "its step failed", cause);
  const auto limits = s->said->retry.value_or(retry_definition{});
  bool again = (why.kind == fault_kind::provider || why.kind == fault_kind::process) && attempt <= limits.at_most;
  if (again && has_left) {  // A fresh agent would propose it afresh, under another key.
    again = false;
    why.sentence += ". Its agent had done something outside already, so the step is not tried again by itself";
  }
  std::string then = again ? "retry" : after_failure(*w, *s);
  const bool alone = shadowed(id);  // nobody is asked about what is not done
  if (alone && then == "ask_operator") then = "stop";
  std::optional<time_point> retry_at;
  if (again) {
    duration pause = limits.first.value_or(std::chrono::seconds{1});
    for (std::int64_t i = 1; i < attempt; ++i) pause = std::min<duration>(pause * 2, limits.most.value_or(std::chrono::minutes{5}));
    // Up to a fifth more, from the run's own name: steps that failed together don't come back together.
    pause += pause * (digest_of({id, s->name, std::to_string(attempt)})[0]) / (5 * 255);
    retry_at = now_ + pause;
  }
  const auto failed = emit_for_run(r, event::step_failed{id, s->name, visit, attempt, why, retry_at, then}, "coordinator", cause);
  for (const auto& child : asked_for) end_run(child, "stopped", "who asked for it failed", nullptr, failed);
  if (retry_at) return wake(*retry_at, "run:" + id);
  if (then == "ask_operator") return ask_about(id, *s, why, failed);
  go_on(id, failed);
  // The role's word ended the run, so the operator hears of it, once: the card about a role that was stopped says it already.
  const auto role = s->said->role.value_or("");
  if (alone || then != "stop" || w->if_fails(*s) == "stop" || w->if_fails(*s) == "undo" || state_.cards_about.contains("role/" + role)) return;
  event::card_raised c;
  c.about = "run_failed";
  c.title = fmt::format("{}: the role '{}' failed in '{}', and the run ended", w->definition.workflow, role, s->name);
  c.text = why.sentence + ". Its manifest says when_it_fails: {then: stop}.";
  c.run = id;
  c.subject = id;
  c.actions = {"steward show " + id, "steward answer " + state_.next_id("card") + " seen"};
  raise_card(std::move(c), "", failed);
}

/// What a failure for good leads to: the step's word counts before its role's, and that before the workflow's.
std::string coordinator::after_failure(const workflow& w, const compiled_step& s) const {
  const auto target = w.if_fails(s);
  if (w.find(target)) return "go_on";
  return target == "stop" || target == "undo" || (!s.said->if_fails && s.said->role && stops_when_it_fails(*s.said->role)) ? "stop" : "ask_operator";
}

bool coordinator::stops_when_it_fails(const std::string& name) const {
  const auto role = parts_.manifests.roles.find(name);
  return role != parts_.manifests.roles.end() && role->second.when_it_fails && role->second.when_it_fails->then == "stop";
}

void coordinator::ask_about(std::string id, const compiled_step& s, const fault& why, std::int64_t cause) {
  if (shadowed(id)) return end_run(id, "failed", why.sentence, nullptr, cause);
  event::card_raised c;
  c.about = why.code == "event_parked" ? "event_parked" : why.code == "budget_used_up" ? "budget" : "step_stuck";
  c.title = fmt::format("{}: the step '{}' can't go on", state_.runs.at(id).said.workflow, s.name);
  c.text = why.sentence;
  c.run = id;
  c.subject = id;
  c.actions = {"steward retry " + id, "steward stop " + id, "steward show " + id};
  raise_card(std::move(c), id, cause);
}

void coordinator::end_run(std::string id, std::string status, std::string outcome, json result, std::int64_t cause) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end()) return;
  auto& r = it->second;
  const auto parent = r.said.parent;
  const auto tag = r.said.tag.value_or("");
  const auto marks = r.marks;
  const auto w = workflow_of(r);
  const auto role = w->steps.front().said->role.value_or("");  // of the one step, where another role asked for the run
  std::vector<std::string> asked_for;
  if (r.here) {
    for (const auto& instance : r.here->instances)
      if (const auto a = state_.instances.find(instance); a != state_.instances.end()) errand_after(forget_instance{instance, a->second.role});
    asked_for = leave_instances(r);
  }
  withdraw(id, std::vector(r.effects), "the run ended", cause);
  const auto* last = r.here && status == "finished" ? w->find(r.here->name) : nullptr;
  const bool unwinds = !shadowed(id) && ((status == "failed" && w->definition.if_a_step_fails == "undo") || (last && last->kind == step_kind::end && last->said->undo));
  const auto records = unwinds ? state_.entities_of(id) : std::vector<std::string>{};
  std::vector<done_effect> done;  // the newest first
  std::string unknown;
  for (auto effect = r.effects.rbegin(); unwinds && effect != r.effects.rend(); ++effect)
    if (const auto e = state_.effects.find(*effect); e != state_.effects.end() && e->second.state == effect_state::confirmed && e->second.attempts > 0) {
      done.push_back(done_effect_of(e->second.said, e->second.marks));
      if (e->second.came_out) done.back().undo = e->second.came_out->undo;
    }
  for (const auto& effect : std::vector(r.effects)) {
    const auto e = state_.effects.find(effect);
    if (e == state_.effects.end() || e->second.state != effect_state::dispatching) continue;
    unknown += fmt::format("{}{} {}", unknown.empty() ? "" : ", ", effect, e->second.said.prepared.action);
    steward::outcome unheard;
    unheard.sentence = "The run ended before an answer came";
    emit_for_run(r, event::effect_settled{effect, e->second.attempts, std::move(unheard), {}, "coordinator"}, "coordinator", cause);
  }
  std::vector<std::string> open_cards;  // What some recipients missed is still to be read after the run's end.
  if (const auto cards = state_.cards_of_run.find(id); cards != state_.cards_of_run.end())
    for (const auto& card : cards->second)
      if (state_.cards.at(card).said.about != "some_missed") open_cards.push_back(card);
  for (const auto& card : open_cards) emit_for_run(r, event::card_closed{card, "the run ended"}, "coordinator", cause);
  const auto ended = emit_for_run(r, event::run_finished{id, status, outcome, result}, "coordinator", cause);
  for (const auto& child : asked_for) end_run(child, "stopped", "who asked for it ended", nullptr, ended);
  if (unwinds) {
    auto why = outcome;
    if (!unknown.empty()) why += ". Nobody knows whether this happened, so look, and take it back by hand if it did: " + unknown;
    if (!records.empty()) why += fmt::format(". Records stay as they are: {}", fmt::join(records, ", "));
    unwind(id, w->definition.workflow, why, std::move(done), ended);
  }
  if (!parent || !state_.instances.contains(*parent)) return;
  const auto asked = state_.instances.at(*parent).run;
  if (status != "finished") {
    fail_step(asked, {fault_kind::logic, "asked_role_failed", "The run " + id + " that it asked for ended as " + status + ": " + outcome}, ended);
  } else {
    emit(event::role_answered{*parent, tag, role, id, result}, "run/" + asked, "coordinator", ended, asked, marks);
    pump_instance(*parent);
  }
}

}  // namespace steward
