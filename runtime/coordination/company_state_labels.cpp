/// The fold of what is kept for longer than a run, records and memory, with the labels that it was made from.
#include "runtime/agent.hpp"
#include "runtime/coordination/company_state.hpp"

namespace steward {

void company_state::saw(const std::string& id, labels marks, const std::string& what) {
  if (auto* r = marks == 0 ? nullptr : find_run(id)) r->origin.saw(marks, what);
}

void company_state::on(const event::header& h, const event::memory_recalled& e) {
  labels marks = h.marks;
  for (const auto& item : e.items) {
    marks |= item.marks;
    saw(run_of(e.instance), item.marks, fmt::format("the memory {} from {}", item.id, item.source));
  }
  answer_to(h, e.instance, "recall:" + e.tag, "memory_recalled", to_json_text(memory_recalled{e.tag, h.time, e.items}), marks);
}

void company_state::on(const event::header&, const event::memory_added& e) {
  count(e.item.id);
  scopes[e.item.scope] |= e.item.marks;
}

void company_state::on(const event::header& h, const event::entity_recorded& e) {
  saw(h.correlation, label_private, "the record " + e.entity);
  entities.apply(e, h.marks);
}

}  // namespace steward
