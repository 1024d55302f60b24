#include "runtime/coordination/state_snapshot.hpp"

#include "runtime/coordination/run_parcel.hpp"

namespace steward {
namespace {

error damaged(const std::string& found) { return {"snapshot_damaged", "the snapshot of the fold", found, "all that it says it holds", "Delete .steward/snapshot: it is made anew"}; }

/// Lines of canonical JSON, which holds no line break.
std::string_view next_line(std::string_view& left) {
  const auto end = left.find('\n');
  const auto line = left.substr(0, end);
  left.remove_prefix(end == left.npos ? left.size() : end + 1);
  return line;
}

}  // namespace

std::string snapshot_bytes(const company_state& state) {
  std::string out;
  append_json(out, static_cast<const company_facts&>(state));
  out += '\n';
  append_json(out, state.spending.held());
  out += '\n';
  std::vector<entity> entities;
  for (const auto& [_, e] : state.entities.all()) entities.push_back(e);
  append_json(out, entities);
  out += '\n';
  std::vector<card> cards;
  for (const auto& [_, c] : state.cards)
    if (!state.runs.contains(c.said.run)) cards.push_back(c);  // of the company, or of a run that is over and still has something to say
  append_json(out, cards);
  out += '\n';
  append_json(out, std::int64_t(state.runs.size()));
  out += '\n';
  for (const auto& [id, _] : state.runs) {
    append_json(out, parcel_of(state, id));
    out += '\n';
  }
  state.parked.append_to(out);
  return out;
}

result<company_state> state_from_snapshot(std::string_view bytes) {
  company_state state;
  auto facts = from_json_text<company_facts>(next_line(bytes));
  if (!facts) return facts.error();
  static_cast<company_facts&>(state) = std::move(*facts);
  auto held = from_json_text<budget::ledger>(next_line(bytes));
  if (!held) return held.error();
  state.spending = budget(std::move(*held));
  auto entities = from_json_text<std::vector<entity>>(next_line(bytes));
  if (!entities) return entities.error();
  state.entities = entity_table(std::move(*entities));
  auto cards = from_json_text<std::vector<card>>(next_line(bytes));
  if (!cards) return cards.error();
  for (auto& c : *cards) {
    state.cards_about[c.said.subject].insert(c.said.card);
    state.cards_of_run[c.said.run].insert(c.said.card);
    auto id = c.said.card;
    state.cards.emplace(std::move(id), std::move(c));
  }
  const auto count = from_json_text<std::int64_t>(next_line(bytes));
  if (!count) return count.error();
  for (std::int64_t i = 0; i < *count; ++i) {
    auto parcel = from_json_text<run_parcel>(next_line(bytes));
    if (!parcel) return parcel.error();
    put_back(state, std::move(*parcel));
  }
  auto parked = parked_runs::read(bytes);
  if (!parked) return parked.error();
  state.parked = std::move(*parked);
  if (!bytes.empty()) return damaged("more follows than it says");
  return state;
}

}  // namespace steward
