#include "runtime/coordination/undo.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "runtime/coordination/undo_step.hpp"

namespace steward {

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

done_effect done_effect_of(const event::effect_proposed& said, labels marks) {
  return {said.effect, said.run, said.prepared.action, first_line(said.prepared.preview), said.role, {}, "", marks};
}

std::vector<done_effect> done_by(const told_run& told) {
  std::map<std::string, done_effect> proposed;
  std::vector<done_effect> done;
  for (const auto& [h, e] : told.events) {
    if (const auto* p = std::get_if<event::effect_proposed>(&e)) proposed[p->effect] = done_effect_of(*p, h.marks);
    if (const auto* changed = std::get_if<event::effect_modified>(&e); changed && proposed.contains(changed->effect)) proposed[changed->effect].preview = first_line(changed->prepared.preview);
    const auto* settled = std::get_if<event::effect_settled>(&e);
    if (!settled || settled->came_out.kind != outcome_kind::confirmed || settled->said_by == said_by_fork || !proposed.contains(settled->effect)) continue;
    done.push_back(proposed.at(settled->effect));
    done.back().undo = settled->came_out.undo;
    done.back().marks |= h.marks;
  }
  std::reverse(done.begin(), done.end());
  return done;
}

std::vector<std::string> recorded_by(const told_run& told) {
  std::vector<std::string> all;
  for (const auto& [_, e] : told.events)
    if (const auto* recorded = std::get_if<event::entity_recorded>(&e); recorded && std::find(all.begin(), all.end(), recorded->entity) == all.end()) all.push_back(recorded->entity);
  return all;
}

json undo_input(const std::vector<done_effect>& done) {
  boost::json::array undoes, with;
  for (const auto& d : done) {
    undoes.emplace_back(d.effect);
    with.push_back(d.undo->arguments);
  }
  return boost::json::object{{"undoes", std::move(undoes)}, {"with", std::move(with)}};
}

std::vector<std::string> undone_in(const told_run& told) {
  std::vector<std::string> all;
  std::map<std::string, std::string> undoes;  // effect of this run -> effect of the other
  bool over = false;
  for (const auto& [h, e] : told.events) {
    if (const auto* p = std::get_if<event::effect_proposed>(&e); p && is_undo(p->step)) undoes[p->effect] = p->step.substr(undo_prefix.size());
    if (const auto* settled = std::get_if<event::effect_settled>(&e); settled && settled->came_out.kind == outcome_kind::confirmed && undoes.contains(settled->effect)) all.push_back(undoes.at(settled->effect));
    over = over || std::holds_alternative<event::run_finished>(e);
  }
  if (over || told.events.empty()) return all;
  if (const auto* started = std::get_if<event::run_started>(&told.events.front().second))
    if (const auto* meant = at_path(started->input, "undoes"); meant && meant->is_array())
      for (const auto& effect : meant->get_array()) all.emplace_back(effect.as_string());
  return all;
}

workflow_definition undo_workflow(const std::vector<done_effect>& done, const std::string& name) {
  workflow_definition w;
  w.workflow = name;
  w.purpose = "Takes back what was done.";
  std::string none = "true", not_all = "false";  // a list is what a step gives whose effect stands
  for (std::size_t i = 0; i < done.size(); ++i) {
    step_definition s;
    s.effect = done[i].undo->action;
    s.with = fmt::format("${{input.with[{}]}}", i);
    s.undo = "none";
    s.gives = fmt::format("said_{}", i);
    none += fmt::format(" && type(said_{}) == list", i);
    not_all += fmt::format(" || type(said_{}) == list", i);
    w.steps.push_back({std::string(undo_prefix) + done[i].effect, std::move(s)});
  }
  for (const auto& [name, as, when] : {std::tuple{"rejected", "rejected", none}, {"partly", "undone in part", not_all}, {"end", "undone", std::string()}}) {
    step_definition end;
    end.as = as;
    if (!when.empty()) end.when = when;
    w.steps.push_back({name, std::move(end)});
  }
  return w;
}

}  // namespace steward
