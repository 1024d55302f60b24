/// How long work takes: what a role's or a workflow's `sla` says is done when its time is up, once for each of its thresholds.
#include "runtime/coordination/coordinator.hpp"

namespace steward {
namespace {

constexpr const char* thresholds[] = {"warn", "retry", "escalate", "fail"};  // in this order where several are due at once

const std::optional<duration>& limit_of(const sla_definition& says, std::string_view threshold) {
  return threshold == "warn" ? says.warn : threshold == "retry" ? says.retry : threshold == "escalate" ? says.escalate : says.fail;
}

/// What a card about it is about: it goes when the step, or the run, is over.
std::string subject_of(const run& r, const std::string& of) {
  return of.starts_with("role/") && r.here ? "sla/" + r.said.run + "/" + r.here->name + "." + std::to_string(r.here->visit) : "sla/" + r.said.run;
}

/// What is on record once `threshold` was missed; how long it took is told when it happens.
event::sla_missed missed_by(const run& r, const std::string& of, const std::string& threshold) {
  return {r.said.run, r.here ? r.here->name : "", r.here ? r.here->visit : 0, of, threshold, {}, {}, ""};
}

bool is_missed(const run& r, const std::string& of, const std::string& threshold) { return r.late.contains(mark_of(missed_by(r, of, threshold))); }

}  // namespace

/// One clock that is looked at: the role's of the step, or the workflow's of the run.
struct coordinator::watched {
  std::string of;  // "role/editor"
  sla_definition says;
  duration took{};
};

std::vector<coordinator::watched> coordinator::watched_of(const run& r) const {
  std::vector<watched> all;
  if (shadowed(r.said.run)) return all;  // nobody waits for it
  const auto shows = r.clock.at(now_);
  if (r.here && !r.here->role.empty() && r.here->state != step_state::finished && r.here->state != step_state::failed)
    if (const auto role = parts_.manifests.roles.find(r.here->role); role != parts_.manifests.roles.end() && role->second.sla)
      all.push_back({"role/" + r.here->role, *role->second.sla, shows - r.here->clock_at});
  if (const auto w = parts_.manifests.workflows.find(r.said.workflow); w != parts_.manifests.workflows.end() && w->second.sla)
    all.push_back({"workflow/" + r.said.workflow, *w->second.sla, shows});
  return all;
}

/// What changes the run needs a run that is at its step, and of which nothing may have happened that nobody knows of yet.
bool coordinator::must_wait_with(const run& r, const std::string& threshold) const {
  if (threshold != "retry" && threshold != "fail") return false;
  if (!r.here || r.here->state != step_state::working) return true;
  return std::any_of(r.effects.begin(), r.effects.end(), [&](const std::string& id) {
    const auto e = state_.effects.find(id);
    return e != state_.effects.end() && e->second.said.step == r.here->name && e->second.said.visit == r.here->visit && e->second.state != effect_state::confirmed &&
           may_have_happened(e->second.state, doubted(e->second));
  });
}

void coordinator::see_to_clocks(const event::any& e, const std::string& id) {
  if (parts_.manifests.company.escalation) {
    const auto* raised = std::get_if<event::card_raised>(&e);
    const auto* asked = std::get_if<event::approval_asked>(&e);
    if (raised || asked)
      if (const auto c = state_.cards.find(raised ? raised->card : asked->card); c != state_.cards.end()) watch_card(c->second);
  }
  if (!has_slas_) return;
  const bool all = std::holds_alternative<event::resumed>(e) || std::holds_alternative<event::engine_started>(e);
  if (!all) return watch_sla(id);
  for (const auto& [run, _] : state_.runs) watch_sla(run);
}

/// Sets the timer for the next threshold of a run whose clock goes.
void coordinator::watch_sla(const std::string& id) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end() || !it->second.clock.since) return;
  const auto& r = it->second;
  std::optional<time_point> next;
  for (const auto& w : watched_of(r))
    for (const auto* threshold : thresholds) {
      const auto& limit = limit_of(w.says, threshold);
      if (!limit || must_wait_with(r, threshold) || is_missed(r, w.of, threshold)) continue;
      const auto at = now_ + (*limit - w.took);
      if (!next || at < *next) next = at;
    }
  if (next) wake(*next, "sla:" + id);
}

void coordinator::sla_is_due(std::string id) {
  while (true) {
    const auto it = state_.runs.find(id);
    if (it == state_.runs.end() || !it->second.clock.since) return;
    const auto& r = it->second;
    std::optional<std::pair<watched, std::string>> first;
    for (const auto& w : watched_of(r))
      for (const auto* threshold : thresholds) {
        const auto& limit = limit_of(w.says, threshold);
        if (first || !limit || w.took < *limit || must_wait_with(r, threshold) || is_missed(r, w.of, threshold)) continue;
        first = {w, threshold};
      }
    if (!first) return watch_sla(id);
    miss(id, first->first, first->second, *limit_of(first->first.says, first->second));
  }
}

/// Why the step is not tried again for having taken too long; empty: it may be.
std::string coordinator::why_no_fresh_attempt(const run& r) {
  const auto* s = workflow_of(r)->find(r.here->name);
  if (s->kind != step_kind::role) return "no role works on '" + s->name + "'";
  if (r.here->attempt > s->said->retry.value_or(retry_definition{}).at_most) return "its attempts are used up (retry.at_most)";
  for (const auto& id : r.effects) {
    const auto e = state_.effects.find(id);
    if (e != state_.effects.end() && !e->second.said.instance.empty() && e->second.said.step == s->name && e->second.said.visit == r.here->visit && e->second.attempts > 0)
      return "its agent has done something outside already";
  }
  return {};
}

void coordinator::miss(std::string id, const watched& w, const std::string& threshold, duration limit) {
  const auto& r = state_.runs.at(id);
  auto missed = missed_by(r, w.of, threshold);
  missed.limit = limit;
  missed.took = w.took;
  const auto step = missed.step;
  const auto name = w.of.substr(w.of.find('/') + 1);
  const auto subject = subject_of(r, w.of);
  const bool is_role = w.of.starts_with("role/");
  const auto tells = threshold == "warn" || threshold == "escalate";
  const auto why_not = threshold == "retry" ? why_no_fresh_attempt(r) : std::string{};
  missed.did = tells ? "a card" : threshold == "fail" ? "the step failed" : why_not.empty() ? "a fresh attempt" : "no fresh attempt: " + why_not;
  const auto sentence = is_role ? fmt::format("The role '{}' has been busy with the step '{}' for {}, and its sla says {}: {}", name, step, to_text(w.took), threshold, to_text(limit))
                                : fmt::format("The run has taken {} of the company's time, and the sla of '{}' says {}: {}", to_text(w.took), name, threshold, to_text(limit));
  const auto seq = emit_for_run(r, std::move(missed), "coordinator", r.here ? r.here->began : r.began);
  if (tells) {
    const auto workflow = state_.runs.at(id).said.workflow;
    close_cards_about(subject, "a later threshold is missed", seq);
    event::card_raised c;
    c.about = threshold == "warn" ? "sla_warned" : "sla_escalated";
    c.title = fmt::format("{}: {} {}", workflow, is_role ? "'" + step + "'" : id, threshold == "warn" ? "takes longer than it should" : "is far too late");
    c.text = sentence + ". Time in which it waited for you is not counted.";
    c.run = id;
    c.subject = subject;
    c.actions = {"steward show " + id, "steward stop " + id, "steward answer " + state_.next_id("card") + " seen"};
    return raise_card(std::move(c), id, seq);
  }
  if (threshold == "fail") return fail_step(id, {fault_kind::logic, "sla_missed", sentence}, seq);
  if (why_not.empty()) fail_step(id, {fault_kind::provider, "sla_missed", sentence}, seq);
}

}  // namespace steward
