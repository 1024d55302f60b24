/// What the operator's corrections teach: a rejection with its reason, and a change, become memories of the scope `operator`.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/lessons.hpp"

namespace steward {

void coordinator::learn_rejection(const approval& a, const std::string& reason, std::int64_t cause) {
  if (reason.empty()) return;
  const auto& r = state_.runs.at(a.said.run);
  std::set<std::string> told;  // one lesson for each action, however many effects
  for (const auto& id : a.said.effects) {
    const auto e = state_.effects.find(id);
    if (e == state_.effects.end() || !told.insert(e->second.said.prepared.action).second) continue;
    memory_item item = memory_of(lesson_of(e->second.said, a.said.approval, r.said.workflow, reason));
    item.id = state_.next_id("mem");
    item.marks = r.marks;
    const auto run = a.said.run;
    emit(event::memory_added{std::move(item)}, "memory", "coordinator", cause, run, state_.runs.at(run).marks);
  }
}

void coordinator::learn_change(const effect& before, const event::effect_modified& after, std::int64_t cause) {
  const auto& r = state_.runs.at(before.said.run);
  const auto workflow = r.said.workflow;
  const auto marks = r.marks;
  const auto run = before.said.run;
  for (const auto& change : changes_of(before.said, after, before.approval.value_or(""), workflow)) {
    memory_item item = memory_of(change);
    item.id = state_.next_id("mem");
    item.marks = marks;
    emit(event::memory_added{std::move(item)}, "memory", "coordinator", cause, run, marks);
  }
}

}  // namespace steward
