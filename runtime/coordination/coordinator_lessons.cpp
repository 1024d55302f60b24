/// What the operator's corrections teach: a rejection with its reason, and a change, become memories of the scope `operator`.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/lessons.hpp"

namespace steward {

void coordinator::keep_lesson(const lesson& l, const std::string& run, std::int64_t cause) {
  const auto marks = state_.runs.at(run).marks;
  memory_item item = memory_of(l);
  item.id = state_.next_id("mem");
  item.marks = marks;
  emit(event::memory_added{std::move(item)}, "memory", "coordinator", cause, run, marks);
}

void coordinator::learn_rejection(const approval& a, const std::string& reason, std::int64_t cause) {
  if (reason.empty()) return;
  const auto run = a.said.run;
  const auto workflow = state_.runs.at(run).said.workflow;
  const auto approval = a.said.approval;
  std::set<std::string> told;  // one lesson for each action, however many effects
  for (const auto& id : std::vector(a.said.effects)) {
    const auto e = state_.effects.find(id);
    if (e == state_.effects.end() || !told.insert(e->second.said.prepared.action).second) continue;
    keep_lesson(lesson_of(e->second.said, approval, workflow, reason), run, cause);
  }
}

void coordinator::learn_change(const effect& before, const event::effect_modified& after, std::int64_t cause) {
  const auto run = before.said.run;
  for (const auto& change : changes_of(before.said, after, before.approval.value_or(""), state_.runs.at(run).said.workflow)) keep_lesson(change, run, cause);
}

}  // namespace steward
