#include "runtime/coordination/fork.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/coordination/company_state.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

using place = std::pair<std::string, std::int64_t>;  // a step and its visit

/// The step that the run comes to, or works on, by this event.
std::optional<place> place_of(const event::any& e, const run& r) {
  if (const auto* x = std::get_if<event::step_started>(&e)) return place{x->step, x->visit};
  if (const auto* x = std::get_if<event::step_finished>(&e)) return place{x->step, x->visit};
  if (const auto* x = std::get_if<event::step_failed>(&e)) return place{x->step, x->visit};
  if (const auto* x = std::get_if<event::step_held>(&e); x && !x->step.starts_with("eff-")) return place{x->step, (r.visits.contains(x->step) ? r.visits.at(x->step) : 0) + 1};
  return {};
}

/// What steps gave: all names but the input and what came with it.
boost::json::object gave(const run& r) {
  auto names = r.names;
  names.erase("input");
  if (const auto* input = r.said.input.if_object())
    for (const auto& name : *input)
      if (const auto* now = names.if_contains(name.key()); now && *now == name.value()) names.erase(name.key());
  return names;
}

/// What the run did, or may have done, from this event on; and of what the run that it was forked from itself did, that which it
/// had not yet taken over by then.
std::vector<event::left_effect> left_since(const told_run& told, std::int64_t from) {
  std::vector<event::left_effect> inherited, own;
  std::map<std::string, event::left_effect> proposed;
  const auto without = [](std::vector<event::left_effect>& list, const auto& gone) {
    if (const auto it = std::find_if(list.begin(), list.end(), gone); it != list.end()) list.erase(it);
  };
  for (const auto& [h, e] : told.events) {
    if (const auto* x = std::get_if<event::run_started>(&e); x && x->forked) inherited = x->forked->left;
    if (const auto* x = std::get_if<event::effect_proposed>(&e)) proposed[x->effect] = {x->effect, x->prepared.action, arguments_digest(x->arguments), {}};
    if (const auto* x = std::get_if<event::effect_settled>(&e); x && x->said_by == said_by_fork && h.seq < from)
      without(inherited, [&](const auto& one) { return one.action == proposed.at(x->effect).action && one.arguments == proposed.at(x->effect).arguments; });
    if (h.seq < from) continue;
    const auto* left = std::get_if<event::effect_dispatched>(&e);
    const auto* settled = std::get_if<event::effect_settled>(&e);
    const auto id = left ? left->effect : settled && settled->said_by != said_by_fork ? settled->effect : "";
    if (id.empty() || !proposed.contains(id)) continue;
    without(own, [&](const auto& one) { return one.effect == id; });
    if (settled && (settled->came_out.kind == outcome_kind::refused || settled->came_out.kind == outcome_kind::failed)) continue;  // it did not happen
    own.push_back(proposed.at(id));
    if (settled && settled->came_out.kind == outcome_kind::confirmed && !told.shortened.contains(h.seq)) own.back().came_out = settled->came_out;
  }
  inherited.insert(inherited.end(), own.begin(), own.end());
  return inherited;
}

std::string text_of(const place& p) { return p.second == 1 ? p.first : p.first + "." + std::to_string(p.second); }

}  // namespace

std::string arguments_digest(const json& arguments) { return hex_digest(canonical(arguments)); }

const event::left_effect* recorded_for(const event::forked_run& from, const std::string& action, const json& arguments, std::int64_t taken) {
  if (from.effects != "reuse") return nullptr;
  const auto wanted = arguments_digest(arguments);
  for (const auto& one : from.left)
    if (one.action == action && one.arguments == wanted && taken-- == 0) return one.came_out ? &one : nullptr;
  return nullptr;
}

outcome recorded_outcome(const event::left_effect& recorded) {
  auto told = *recorded.came_out;
  told.sentence = recorded.effect + " did it before, nothing left here" + (told.sentence.empty() ? "" : ": " + told.sentence);
  told.undo.reset();
  told.cost = {};
  return told;
}

std::optional<ruling> asks_again(const event::forked_run& from, const std::string& action) {
  const event::left_effect* first = nullptr;
  std::int64_t more = -1;
  for (const auto& one : from.left)
    if (one.action == action) first = first ? first : &one, ++more;
  if (!first) return {};
  return ruling{"fork", verdict::ask,
                fmt::format("{}{} {} {} before this fork of {}: another one is asked, whatever the rung", first->effect, more > 0 ? fmt::format(" (and {} more)", more) : "",
                            first->came_out ? "did" : "may have done", action, from.run)};
}

result<fork_from> fork_point(const told_run& told, const std::string& run_id, const std::string& at) {
  company_state state;
  std::vector<place> reached;
  std::optional<fork_from> found;
  for (const auto& [h, e] : told.events) {
    if (const auto* x = std::get_if<event::run_started>(&e); x && x->run == run_id && x->parent)
      return error{"unknown_workflow", run_id, "it was asked for by " + *x->parent + " and has no workflow of its own", "a run of a workflow", "Fork " + company_state::run_of(*x->parent) + ", which asked"};
    if (const auto r = state.runs.find(run_id); r != state.runs.end()) {
      if (const auto here = place_of(e, r->second); here && std::find(reached.begin(), reached.end(), *here) == reached.end()) {
        reached.push_back(*here);
        if (here->first == at || text_of(*here) == at || here->first + "." + std::to_string(here->second) == at)
          found = fork_from{{run_id, here->first, here->second, h.seq, gave(r->second), "reuse", {}}, r->second.said.workflow, r->second.said.input, r->second.marks};
      }
    }
    if (auto applied = state.apply_told(h, e); !applied) return applied.error();
  }
  if (found) {
    found->point.left = left_since(told, found->point.seq);
    return std::move(*found);
  }
  std::vector<std::string> names;
  for (const auto& p : reached) names.push_back(text_of(p));
  const auto near = nearest_name(at, names);
  return error{"step_not_reached", run_id, "it never came to a step '" + at + "'", names.empty() ? "a step that it came to, but it has come to none" : fmt::format("one of {}", fmt::join(names, ", ")),
               near.empty() ? "'steward show " + run_id + "' tells its way" : "Did you mean '" + near + "'?"};
}

}  // namespace steward
