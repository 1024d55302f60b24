#include "runtime/observation/state_json.hpp"

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/described.hpp"

namespace steward {
namespace {

void compare(const json& one, const json& other, const std::string& where, std::vector<std::string>& found, std::size_t most) {
  if (found.size() >= most || one == other) return;
  const auto below = [&](std::string_view key) { return where.empty() ? std::string(key) : where + "." + std::string(key); };
  if (one.is_object() && other.is_object()) {
    for (const auto& [key, value] : one.get_object()) {
      const auto* same = other.get_object().if_contains(key);
      if (same) compare(value, *same, below(key), found, most);
      else if (found.size() < most) found.push_back(below(key));
    }
    for (const auto& [key, value] : other.get_object())
      if (!one.get_object().contains(key) && found.size() < most) found.push_back(below(key));
  } else if (one.is_array() && other.is_array() && one.get_array().size() == other.get_array().size()) {
    for (std::size_t i = 0; i < one.get_array().size(); ++i) compare(one.get_array()[i], other.get_array()[i], below(std::to_string(i)), found, most);
  } else {
    found.push_back(where);
  }
}

}  // namespace

json state_json(const company_state& state) {
  boost::json::object runs, entities, cards;
  for (const auto& [id, _] : state.runs) runs[id] = to_json(parcel_of(state, id));
  for (const auto run : state.parked.runs()) runs["run-" + std::to_string(run)] = parse_json(state.parked.look(run).value()).value();
  for (const auto& [id, e] : state.entities.all()) entities[id] = to_json(e);
  for (const auto& [id, c] : state.cards)
    if (c.said.run.empty()) cards[id] = to_json(c);
  boost::json::object all;
  all["event"] = state.head;
  all["time"] = to_text(state.now);
  all["digest"] = digest_of_state(state);
  all["company"] = to_json(static_cast<const company_facts&>(state));
  all["runs"] = std::move(runs);
  all["entities"] = std::move(entities);
  all["cards"] = std::move(cards);
  all["budget"] = to_json(state.spending.held());
  return all;
}

std::vector<std::string> differences(const json& one, const json& other, std::size_t most) {
  std::vector<std::string> found;
  compare(one, other, "", found, most);
  return found;
}

}  // namespace steward
