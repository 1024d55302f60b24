/// The fold of the ladder of autonomy: evidence for and against each role and action, shadows, and new versions on trial.
#include "runtime/coordination/company_state.hpp"

namespace steward {
namespace {

/// Whether the ladder had a say in this: it has none in what only reads, what is forbidden, and what a workflow asks about anyway.
bool on_a_ladder(const effect& x) { return !x.said.rulings.empty() && x.said.rulings.front().rule == "autonomy"; }

}  // namespace

void company_state::count_evidence(const event::header& h, const std::string& role, const std::string& action, evidence_kind what, const std::string& of) {
  const auto key = ladder_key(role, action);
  add_evidence(ladders[key], {h.time, what, of});
  weighed_anew.insert(key);
}

/// One decision is one piece of evidence for each role and action that it is about, however many mails it lets go.
void company_state::count_decision(const event::header& h, const approval& a, const std::string& decision) {
  if (decision == "expired") return;  // nobody said anything
  std::map<std::pair<std::string, std::string>, bool> about;  // role and action -> whether something of it was changed
  for (const auto& id : a.said.effects) {
    const auto x = effects.find(id);
    if (x == effects.end() || !on_a_ladder(x->second) || x->second.state == effect_state::dropped) continue;
    about[{x->second.said.role, x->second.said.prepared.action}] |= x->second.modified;
  }
  for (const auto& [who, modified] : about)
    count_evidence(h, who.first, who.second, decision != "approved" ? evidence_kind::rejected : modified ? evidence_kind::modified : evidence_kind::approved, a.said.approval);
  if (decision != "approved")
    if (auto* r = find_run(a.said.run)) count_trial_failure(*r);
}

void company_state::count_outcome(const event::header& h, const effect& x, const event::effect_settled& e) {
  const auto& action = x.said.prepared.action;
  if (e.came_out.kind == outcome_kind::refused || (e.came_out.kind == outcome_kind::failed && e.said_by != "operator")) {
    if (on_a_ladder(x)) count_evidence(h, x.said.role, action, evidence_kind::failed, x.said.effect);
    return;
  }
  if (e.came_out.kind != outcome_kind::confirmed || e.said_by == said_by_fork) return;
  if (const auto own = ladders.find(ladder_key(x.said.role, action)); own != ladders.end()) own->second.failed_in_a_row = 0;
}

void company_state::keep_shadow(const event::header& h, const effect& x, const event::effect_dropped& e) {
  if (!e.meant || !e.to) return;
  auto& kept = ladders[ladder_key(x.said.role, x.said.prepared.action)].shadows;
  kept.push_back({x.said.effect, x.said.run, h.time, *e.meant, *e.to, "", false, {}});
  if (kept.size() > evidence_kept) kept.pop_front();
}

void company_state::on(const event::header& h, const event::autonomy_changed& e) {
  auto& l = ladders[ladder_key(e.role, e.action)];
  l.rung = e.to;
  l.manifest = e.manifest;
  l.why = e.why;
  l.by = e.by;
  l.since = h.time;
  l.answered.reset();
  l.rejected_in_a_row = l.failed_in_a_row = 0;
  l.seen.clear();
}

void company_state::on(const event::header& h, const event::undo_asked& e) { count_evidence(h, e.role, e.action, evidence_kind::undone, e.effect); }

void company_state::on(const event::header& h, const event::shadow_matched& e) {
  for (auto& s : ladders[ladder_key(e.role, e.action)].shadows) {
    if (s.effect != e.effect) continue;
    s.done = e.done;
    s.alike = e.alike;
    if (!e.alike || s.verdict) return;  // The operator says whether it comes to the same.
    s.verdict = evidence_kind::same;
    return count_evidence(h, e.role, e.action, evidence_kind::same, e.effect);
  }
}

void company_state::on(const event::header& h, const event::shadow_judged& e) {
  auto& l = ladders[ladder_key(e.role, e.action)];
  for (auto& s : l.shadows)
    if (s.effect == e.effect) {
      if (s.verdict) std::erase_if(l.seen, [&](const evidence& seen) { return seen.of == e.effect; });  // a second thought takes the first one's place
      s.verdict = e.verdict;
    }
  count_evidence(h, e.role, e.action, e.verdict, e.effect);
}

void company_state::count_trial_failure(run& r) {
  if (!r.said.trial || r.said.trial->as != "canary" || std::exchange(r.failed_trial, true)) return;
  const auto t = trials.find(r.said.workflow);
  if (t == trials.end() || t->second.digest != r.said.digest) return;
  ++t->second.failures;
  tried_anew.insert(t->first);
}

void company_state::on(const event::header&, const event::trial_ended& e) {
  auto& t = trials[e.workflow];
  if (t.digest == e.digest || t.digest.empty()) t.digest = e.digest, t.ended = e.why;
}

}  // namespace steward
