/// The fold of snoozed cards, and of what the operator is asked day by day.
#include <algorithm>

#include "runtime/coordination/company_state.hpp"
#include "runtime/coordination/likeness.hpp"
#include "runtime/schedule.hpp"

namespace steward {

void company_state::on(const event::header& h, const event::card_snoozed& e) {
  if (!cards.contains(e.card)) return;
  const auto there = snoozed.find(e.card);
  const bool deferred = there != snoozed.end() && there->second.by == "attention";
  if (e.until > h.time) {
    if (e.by == "attention" && !deferred) note_question(h.time, -1);  // It was counted when it was asked, and is not seen today.
    snoozed[e.card] = {e.until, e.by};
  } else {
    if (deferred) note_question(h.time, 1);
    snoozed.erase(e.card);
  }
}

/// So many more questions are put before the operator on that day.
void company_state::note_question(time_point at, std::int64_t more) {
  const auto day = to_local_text(zone, at).substr(0, 10);
  if (question_day != day) question_day = day, questions_today = 0;
  questions_today = std::max<std::int64_t>(0, questions_today + more);
}

/// A yes to one unchanged effect counts; a no, or a change, begins anew.
void company_state::note_answer(const approval& a, bool yes, time_point at) {
  const auto* r = find_run(a.said.run);
  if (!r) return;
  for (const auto& id : a.said.effects) {
    const auto e = effects.find(id);
    if (e == effects.end()) continue;
    const auto key = grant_key(e->second.said, r->said.workflow);
    if (!yes || a.changed) {
      unchanged.erase(key);
    } else if (a.said.effects.size() == 1) {
      auto& known = unchanged[key];
      ++known.count;
      known.last = at;
    }
  }
  if (unchanged.size() > unchanged_kept) unchanged.erase(std::min_element(unchanged.begin(), unchanged.end(), [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

}  // namespace steward
