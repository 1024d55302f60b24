/// Two steps to what can't be called back: decided, then held a stated time in which the operator can take it back, then out of the door.
///
///   decided --(risk money, legal, public; or `hold:`)--> held until T --(pause, rules, budget, breaker judged again)--> leaves
///                                                          |  steward undo EFFECT             dropped, nothing was sent
///                                                          |  steward approve WHAT --now      T is now
#include <algorithm>

#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/hold.hpp"
#include "runtime/coordination/undo_step.hpp"
#include "runtime/planted.hpp"

namespace steward {

/// What takes something back does not wait itself: each minute of a wrong page counts.
duration coordinator::hold_of(const effect& e) {
  const auto& r = state_.runs.at(e.said.run);
  const auto* manifest = parts_.actions->find(e.said.prepared.action);
  if (!manifest || manifest->repeats == effect_class::read_only || is_undo(r.said.workflow)) return {};
  auto longest = hold_for(parts_.manifests.company, manifest->risk);
  const auto* s = e.said.instance.empty() ? workflow_of(r)->find(e.said.step) : nullptr;
  if (!s) return longest;
  longest = std::max(longest, s->said->hold.value_or(duration{}));
  for (const auto& one : s->said->effects)
    if (one.effect == manifest->name) longest = std::max(longest, one.hold.value_or(duration{}));
  return longest;
}

/// Whether it has to wait for the end of its hold; it is looked at again then, through the same door.
bool coordinator::is_held(std::string id) {
  const auto& e = state_.effects.at(id);
  if (!not_left_yet(e)) return false;
  const auto until = e.held_until ? *e.held_until : e.decided_at + hold_of(e);
  if (until <= now_) return false;
  if (!e.held_until) hold_until(id, until, e.cause);
  wake(until, "effect:" + id);
  return !planted(bug::hold_ignored);
}

void coordinator::hold_until(std::string id, time_point until, std::int64_t cause) {
  const auto run = state_.effects.at(id).said.run;
  emit_for_run(state_.runs.at(run), event::effect_held{id, until}, "coordinator", cause);
  if (const auto& here = state_.runs.at(run).here; here && here->due) wake(*here->due, "run:" + run);  // it has moved with the hold
}

result<void> coordinator::approve_at_once(const std::string& what, const std::string& reason, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(what);
  const auto asked = state_.approvals.find(what);
  if (asked != state_.approvals.end() && asked->second.state == approval_state::asked) return say_yes(what, reason, true);
  std::vector<std::string> covered{what};
  if (asked != state_.approvals.end()) covered = asked->second.said.effects;
  std::erase_if(covered, [&](const std::string& id) {
    const auto e = state_.effects.find(id);
    return e == state_.effects.end() || !not_left_yet(e->second) || (e->second.held_until && *e->second.held_until <= now_);
  });
  if (covered.empty()) return error{"nothing_held", what, "nothing of it is decided and still here", "an open question, or an effect in its hold", "'steward inbox' lists them"};
  for (const auto& id : covered) hold_until(id, now_, state_.effects.at(id).cause);
  for (const auto& id : covered)
    if (state_.effects.contains(id)) pump_effect(id);
  return {};
}

/// Drops what is decided and has not left; gives what it was. `what`: an effect, or a run and all that it holds.
std::vector<done_effect> coordinator::take_back(const std::string& what) {
  std::vector<std::string> chosen;
  std::string run_id = what;
  if (const auto e = state_.effects.find(what); e != state_.effects.end()) {
    if (!not_left_yet(e->second)) return {};
    run_id = e->second.said.run;
    chosen = {what};
    // What comes after it in its step stands on it, as a mail does on the page that it announces.
    const auto& here = state_.runs.at(run_id).here;
    if (e->second.said.instance.empty() && e->second.said.tag != each_tag && here)
      chosen.insert(chosen.end(), std::find(here->effects.begin(), here->effects.end(), what), here->effects.end());
  } else if (const auto r = state_.runs.find(what); r != state_.runs.end()) {
    chosen = r->second.effects;
  }
  std::vector<done_effect> taken;
  std::set<std::string> instances;
  for (const auto& id : chosen) {
    const auto e = state_.effects.find(id);
    if (e == state_.effects.end() || !not_left_yet(e->second)) continue;
    taken.push_back(done_effect_of(e->second.said, e->second.marks));
    if (!e->second.said.instance.empty()) instances.insert(e->second.said.instance);
    emit_for_run(state_.runs.at(run_id), event::effect_dropped{id, "rejected", "The operator took it back before it left", {}}, "operator", e->second.cause);
  }
  if (taken.empty()) return taken;
  for (const auto& instance : instances) pump_instance(instance);
  advance_effect_step(run_id);
  return taken;
}

}  // namespace steward
