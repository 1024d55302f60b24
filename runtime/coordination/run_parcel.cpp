#include "runtime/coordination/run_parcel.hpp"

#include <algorithm>

#include "runtime/digest.hpp"

namespace steward {
namespace {

/// Moves or copies what belongs to the run out of the state's maps.
template <class State>
run_parcel gather(State& state, const std::string& id) {
  constexpr bool copies = std::is_const_v<State>;
  const auto from = [](auto& value) {
    if constexpr (copies) return value;
    else return std::move(value);
  };
  run_parcel p;
  auto& r = state.runs.at(id);
  const auto prefix = id + "/";
  for (auto it = state.instances.lower_bound(prefix); it != state.instances.end() && it->first.starts_with(prefix); ++it) p.instances.push_back(from(it->second));
  for (const auto& e : r.effects)
    if (const auto it = state.effects.find(e); it != state.effects.end()) p.effects.push_back(from(it->second));
  for (const auto& a : r.approvals)
    if (const auto it = state.approvals.find(a); it != state.approvals.end()) p.approvals.push_back(from(it->second));
  for (auto& [_, c] : state.calls)
    if (c.run == id) p.calls.push_back(from(c));
  if (const auto it = state.cards_of_run.find(id); it != state.cards_of_run.end())
    for (const auto& c : it->second) p.cards.push_back(from(state.cards.at(c)));
  p.here = from(r);
  return p;
}

void leave(std::map<std::string, std::set<std::string>>& index, const std::string& key, const std::string& card) {
  const auto listed = index.find(key);
  if (listed == index.end()) return;
  listed->second.erase(card);
  if (listed->second.empty()) index.erase(listed);
}

}  // namespace

run_parcel parcel_of(const company_state& state, const std::string& id) { return gather(state, id); }

run_parcel take_out(company_state& state, const std::string& id) {
  auto p = gather(state, id);
  for (const auto& a : p.instances) state.instances.erase(a.id);
  for (const auto& e : p.effects) state.effects.erase(e.said.effect);
  for (const auto& a : p.approvals) state.approvals.erase(a.said.approval);
  for (const auto& c : p.calls) state.calls.erase(c.said.call);
  for (const auto& c : p.cards) {
    leave(state.cards_about, c.said.subject, c.said.card);
    state.cards.erase(c.said.card);
  }
  state.cards_of_run.erase(id);
  state.runs_at_work -= p.here.at_work();
  state.runs_queued -= p.here.state == run_state::queued;
  state.runs.erase(id);
  return p;
}

void put_back(company_state& state, run_parcel p) {
  state.runs_at_work += p.here.at_work();
  state.runs_queued += p.here.state == run_state::queued;
  for (auto& a : p.instances) {
    auto id = a.id;
    state.instances.emplace(std::move(id), std::move(a));
  }
  for (auto& e : p.effects) {
    auto id = e.said.effect;
    state.effects.emplace(std::move(id), std::move(e));
  }
  for (auto& a : p.approvals) {
    auto id = a.said.approval;
    state.approvals.emplace(std::move(id), std::move(a));
  }
  for (auto& c : p.calls) {
    auto id = c.said.call;
    state.calls.emplace(std::move(id), std::move(c));
  }
  for (auto& c : p.cards) {
    state.cards_about[c.said.subject].insert(c.said.card);
    state.cards_of_run[c.said.run].insert(c.said.card);
    auto id = c.said.card;
    state.cards.emplace(std::move(id), std::move(c));
  }
  auto id = p.here.said.run;
  state.runs.emplace(std::move(id), std::move(p.here));
}

// ---- parking

bool company_state::park(const std::string& id) {
  const auto it = runs.find(id);
  if (it == runs.end()) return false;
  const auto& r = it->second;
  if (r.state != run_state::running || !r.here || r.here->state != step_state::working || !r.here->asks || !r.held_before.empty() || pauses.contains("run/" + id)) return false;
  const auto prefix = id + "/";
  if (const auto a = instances.lower_bound(prefix); a != instances.end() && a->first.starts_with(prefix)) return false;
  for (const auto& e : r.effects) {
    const auto x = effects.find(e);
    if (x != effects.end() && !is_settled(x->second.state) && x->second.state != effect_state::awaiting) return false;
  }
  const auto asked = approvals.find(r.here->approval);
  if (asked == approvals.end() || asked->second.state != approval_state::asked) return false;
  parked_runs::stub about{number_of(id), number_of(r.here->approval), asked->second.said.expires_at, {}, {id}};
  about.ids.insert(about.ids.end(), r.approvals.begin(), r.approvals.end());
  about.ids.insert(about.ids.end(), r.effects.begin(), r.effects.end());
  if (about.run == 0 || about.approval == 0) return false;
  const auto kind = r.said.workflow + "/" + r.here->name;
  const auto parcel = take_out(*this, id);
  for (const auto& c : parcel.cards) {
    about.cards.push_back(number_of(c.said.card));
    about.ids.push_back(c.said.card);
  }
  parked.put(about, kind, to_json_text(parcel));
  return true;
}

std::int64_t company_state::parked_owner(const std::string& id) const {
  if (parked.size() == 0) return 0;
  const auto n = number_of(id);
  const auto owner = id.starts_with("run-") ? n : id.starts_with("apr-") ? parked.run_of_approval(n) : id.starts_with("card-") ? parked.run_of_card(n) : 0;
  return parked.contains(owner) ? owner : 0;
}

std::string company_state::unpark(const std::string& id) {
  const auto owner = parked_owner(id);
  const auto parcel = owner == 0 ? std::nullopt : parked.take(owner);
  if (!parcel) return {};
  put_back(*this, from_json_text<run_parcel>(*parcel).value());
  return "run-" + std::to_string(owner);
}

company_state company_state::peek(std::int64_t id) const {
  company_state seen;
  seen.zone = zone;
  seen.now = now;
  seen.head = head;
  const auto parcel = parked.look(id);
  if (!parcel) return seen;
  auto p = from_json_text<run_parcel>(*parcel).value();
  if (const auto cost = cost_by_run.find(p.here.said.run); cost != cost_by_run.end()) seen.cost_by_run.insert(*cost);
  put_back(seen, std::move(p));
  return seen;
}

std::string digest_of_state(const company_state& state) {
  std::string text;
  append_json(text, static_cast<const company_facts&>(state));
  append_json(text, state.spending.held());
  for (const auto& [_, e] : state.entities.all()) append_json(text, e);
  for (const auto& [_, c] : state.cards)
    if (c.said.run.empty()) append_json(text, c);
  std::map<std::int64_t, std::string> runs;
  for (const auto& [id, _] : state.runs) runs[number_of(id)] = to_json_text(parcel_of(state, id));
  for (const auto run : state.parked.runs()) runs[run] = state.parked.look(run).value();
  for (const auto& [_, parcel] : runs) text += parcel;
  return hex_digest(text);
}

}  // namespace steward
