/// Waits, signals and schedules: what a run waits for, and what starts one.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/digest.hpp"
#include "runtime/lower_case.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

/// `from` of a signal against the wanted one: addresses are the same in any case.
bool same_sender(std::string_view a, std::string_view b) { return a.size() == b.size() && lower_case(a) == lower_case(b); }

}  // namespace

void coordinator::step_is_due(std::string id) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end() || !it->second.here) return;
  auto& r = it->second;
  auto& here = *r.here;
  if (here.state == step_state::backing_off) {
    if (here.retry_at && *here.retry_at > now_) return wake(*here.retry_at, "run:" + id);
    return pump_run(id);
  }
  if (here.state != step_state::working || !here.due) return;
  if (*here.due > now_) return wake(*here.due, "run:" + id);
  const auto w = workflow_of(r);
  const auto* s = w->find(here.name);
  if (s->kind == step_kind::wait) {
    if (gate_.paused(state_, "", w->definition.workflow, id)) {
      timers_.erase({*here.due, "run:" + id});
      blocked_.insert("due:" + id);
      return;
    }
    const bool timer = s->said->after || s->said->until;
    return finish_step(id, timer ? "done" : "late", nullptr, {}, here.began);
  }
  if (here.asks) return;  // An approval has its own deadline; the step's is set on by the time that the operator took.
  // What may have happened must be known before the step may be given up, else another attempt would do it twice.
  for (const auto& e : here.effects)
    if (const auto x = state_.effects.find(e); x != state_.effects.end() && x->second.state != effect_state::confirmed && may_have_happened(x->second.state, doubted(x->second))) return;
  fail_step(id, {fault_kind::provider, "step_too_late", "The step '" + here.name + "' was not done within " + to_text(s->said->within.value_or(duration{}))}, here.began);
}

bool coordinator::is_waited_for(const run& r, const compiled_step& s, const unclaimed_signal& signal) {
  if (signal.said.name != s.said->for_) return false;
  const auto* wanted = r.here->input.if_object() ? r.here->input.get_object().if_contains("from") : nullptr;
  if (wanted && wanted->is_string() && !same_sender(std::string_view(wanted->get_string()), text_at(signal.said.body, "from"))) return false;
  if (s.where) {
    const auto fits = s.where->holds(names_of(r).with("event", signal.said.body));
    if (!fits || !*fits) return false;
  }
  return true;
}

bool coordinator::try_claim(run& r, const compiled_step& s, const unclaimed_signal& signal) {
  if (shadowed(r.said.run) || !is_waited_for(r, s, signal)) return false;  // A shadow takes nothing away; it is told what came for the live run.
  finish_step(r.said.run, "arrived", signal.said.body, {}, signal.seq, "coordinator", signal.marks);
  return true;
}

/// One card for each workflow, however many mails it turns away.
void coordinator::could_not_start(const std::string& name, const error& why, std::int64_t cause) {
  if (state_.cards_about.contains("workflow/" + name)) return;
  event::card_raised c;
  c.about = "could_not_start";
  c.title = "'" + name + "' could not start";
  c.text = to_sentence(why);
  c.subject = "workflow/" + name;
  c.actions = {"steward check", "steward answer " + state_.next_id("card") + " seen"};
  raise_card(std::move(c), "", cause);
}

/// A full company takes in what a run waits for, and leaves outside what would start another: a mailbox holds more mails than
/// we could queue runs, and loses none.
bool coordinator::has_no_room_for(const unclaimed_signal& signal) {
  if (state_.runs_queued < parts_.manifests.company.waiting) return false;
  for (const auto& [_, r] : state_.runs)
    if (r.here && r.here->state == step_state::working && r.here->input.is_object() && is_waited_for(r, *workflow_of(r)->find(r.here->name), signal)) return false;
  for (const auto& [name, digest] : state_.current) {
    if (!parts_.manifests.workflows.contains(name)) continue;
    const auto w = workflow_of(digest, name);
    if (!w->definition.starts_on || w->definition.starts_on->event != signal.said.name) continue;
    const json told_now(to_text(now_));
    bindings vars;
    if (signal.said.body.is_object()) vars.bind_members(signal.said.body.get_object());
    vars.bind("event", signal.said.body).bind("input", signal.said.body).bind("now", told_now);
    if (w->start_when)
      if (const auto fits = w->start_when->holds(vars); !fits || !*fits) continue;
    could_not_start(name,
                    {"company_queue_full", "", fmt::format("{} runs wait for their turn", state_.runs_queued), "fewer than company.yaml's waiting",
                     "Nothing is lost: what arrives stays where it is until there is room. Let some finish, or raise the limit"},
                    0);
    return true;
  }
  return false;
}

void coordinator::on_signal(const std::string& connector, const signal& what, time_point now) {
  now_ = std::max(now, state_.now);
  const auto key = "signal/" + to_hex(digest_of({parts_.salt, what.name, what.natural_key})).substr(0, 32);
  if (!state_.seen_keys.contains(key)) {
    unclaimed_signal arrived{0, {what.name, connector, what.body}, now_, what.labels};
    if (has_no_room_for(arrived)) return;  // not acknowledged: its connector offers it again
    const auto seq = emit(event::signal_arrived{what.name, connector, what.body}, "signals", connector, 0, "", what.labels, key);
    arrived.seq = seq;
    map_records(what.name, what.body, seq, "", what.labels);
    // First whoever waits for it, oldest first; a mail that answers a run starts none.
    bool claimed = false;
    std::vector<std::pair<time_point, std::string>> waiting;
    for (const auto& [id, r] : state_.runs)
      if (r.here && r.here->state == step_state::working && r.here->input.is_object() && text_at(r.here->input, "for") == what.name) waiting.emplace_back(r.here->started_at, id);
    std::sort(waiting.begin(), waiting.end());
    for (const auto& [_, id] : waiting) {
      auto& r = state_.runs.at(id);
      const auto w = workflow_of(r);
      if (try_claim(r, *w->find(r.here->name), arrived)) {
        claimed = true;
        break;
      }
    }
    for (const auto& [name, digest] : state_.current) {
      if (claimed || !parts_.manifests.workflows.contains(name)) continue;
      const auto w = workflow_of(digest, name);
      const auto& starts = w->definition.starts_on;
      if (!starts || starts->event != what.name) continue;
      const json told_now(to_text(now_));
      bindings vars;
      if (what.body.is_object()) vars.bind_members(what.body.get_object());
      vars.bind("event", what.body).bind("input", what.body).bind("now", told_now);
      if (w->start_when) {
        const auto fits = w->start_when->holds(vars);
        if (!fits) {
          could_not_start(name, fits.error(), seq);
          continue;
        }
        if (!*fits) continue;
      }
      std::string natural = what.natural_key;
      if (w->start_key) {
        const auto told = w->start_key->evaluate(vars);
        if (!told) {
          could_not_start(name, told.error(), seq);
          continue;
        }
        natural = told->is_string() ? std::string(told->get_string()) : canonical(*told);
      }
      const auto start_key = "start/" + name + "/" + to_hex(digest_of({parts_.salt, natural})).substr(0, 32);
      auto begun = begin_run(w, digest, what.body, what.name, seq, start_key, what.labels, 0, {}, {}, false);
      if (!begun && begun.error().code != "already_started") could_not_start(name, begun.error(), seq);
    }
  }
  errand_after(acknowledge_signal{connector, what.receipt});
}

void coordinator::on_polled(const std::string& connector, const std::optional<error>& trouble, time_point now) {
  now_ = std::max(now, state_.now);
  polls_answer_.erase(connector);
  // Looking goes on while the breaker is open, and after the rest it is as good a try as any. An answer before that counts then.
  if (const auto it = breakers_.find(connector); it != breakers_.end() && it->second.state() == breaker_state::open && !admits(connector) && !trouble) polls_answer_.insert(connector);
  record_breaker(connector, trouble.has_value(), trouble ? to_sentence(*trouble) : "");
}

void coordinator::schedule_is_due(const std::string& name) {
  const auto current = state_.current.find(name);
  if (current == state_.current.end() || !parts_.manifests.workflows.contains(name)) return;
  const auto w = workflow_of(current->second, name);
  if (!w->starts_at) return;
  const auto last = state_.scheduled.contains(name) ? state_.scheduled.at(name) : now_;
  auto missed = w->starts_at->missed_between(last, now_);
  if (planted(bug::missed_all_fired) && missed) missed = w->starts_at->next_after(last);
  if (const auto due = missed) {
    if (gate_.paused(state_, "", name, "")) {
      blocked_.insert("schedule:" + name);
      return;
    }
    const bool late = now_ - *due > std::chrono::minutes{1};
    const auto seq = emit(event::schedule_fired{name, *due, late}, "company", "coordinator", 0, "");
    auto begun = begin_run(w, current->second, boost::json::object{}, "schedule " + to_text(*due), seq, "start/" + name + "/" + to_text(*due), 0, 0, {}, {}, false);
    if (!begun && begun.error().code != "already_started") could_not_start(name, begun.error(), seq);
  }
  wake(w->starts_at->next_after(planted(bug::missed_all_fired) && missed ? *missed : now_), "schedule:" + name);
}

}  // namespace steward
