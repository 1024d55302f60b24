/// The fold of how long work takes, and of cards that nobody answers.
#include <algorithm>

#include "runtime/coordination/company_state.hpp"

namespace steward {

std::string mark_of(const event::sla_missed& e) {
  return (e.of.starts_with("role/") ? e.step + "." + std::to_string(e.visit) : "workflow") + "/" + e.threshold;
}

bool asks_operator(const event::card_raised& card) { return card.about != "some_missed" && card.about != "sla_warned" && card.about != "sla_escalated"; }

void company_state::keep_clock(run& r, time_point at) const {
  const auto stands = [&] {
    if (stopped_cleanly || !r.held_before.empty()) return true;
    if (r.here && (r.here->waits || r.here->asks || r.here->state == step_state::stuck)) return true;
    if (!pauses.empty() && (pauses.contains("company") || pauses.contains("workflow/" + r.said.workflow) || pauses.contains("run/" + r.said.run))) return true;
    if (r.here && !r.here->role.empty() && (stopped_roles.contains(r.here->role) || (!pauses.empty() && pauses.contains("role/" + r.here->role)))) return true;
    if (cards_of_run.empty()) return false;
    const auto open = cards_of_run.find(r.said.run);
    return open != cards_of_run.end() && std::any_of(open->second.begin(), open->second.end(), [&](const std::string& id) { return asks_operator(cards.at(id).said); });
  };
  const bool goes = !stands();
  if (goes == r.clock.since.has_value()) return;
  r.clock.ran = r.clock.at(at);
  if (goes) r.clock.since = at;
  else r.clock.since.reset();
}

void company_state::on(const event::header&, const event::sla_missed& e) {
  if (auto* r = find_run(e.run)) r->late.insert(mark_of(e));
}
void company_state::on(const event::header&, const event::card_escalated& e) {
  if (const auto it = cards.find(e.card); it != cards.end()) it->second.rung = e.rung;
}

}  // namespace steward
