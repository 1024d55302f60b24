#include "config/step_graph.hpp"

#include <algorithm>

namespace steward {

step_graph::step_graph(const workflow_definition& workflow) {
  const auto& steps = workflow.steps;
  ways_.resize(steps.size());
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < steps.size(); ++i) index.emplace(steps[i].name, i);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& s = steps[i].value;
    const auto jump = [&](const std::optional<std::string>& name, const char* by, bool finished) {
      if (!name) return;
      if (const auto to = index.find(*name); to != index.end()) ways_[i].push_back({to->second, by, finished});
    };
    const bool has_next = i + 1 < steps.size();
    if (!s.as) {
      if (s.then) jump(s.then, "then", true);
      else if (has_next) ways_[i].push_back({i + 1, "", true});
      jump(s.if_late, "if_late", false);
      jump(s.used_up, "used_up", false);
      // What became of each effect of a list is known also where none was done; a single one has no answer then.
      if (s.ask) jump(s.ask->if_expired, "if_expired", !s.effects.empty());
      if (s.ask) jump(s.ask->if_rejected, "if_rejected", !s.effects.empty());
      jump(s.if_fails ? s.if_fails : workflow.if_a_step_fails, "if_fails", false);
    } else if (s.when && has_next) ways_[i].push_back({i + 1, "", false});
    const bool waits = s.for_ || s.after || s.until || s.person;
    limited_.push_back(waits || s.at_most.has_value());
  }
  find_reachable();
  find_names(workflow);
}

void step_graph::find_reachable() {
  reachable_.assign(ways_.size(), false);
  std::vector<std::size_t> open;
  if (!ways_.empty()) open.push_back(0), reachable_[0] = true;
  while (!open.empty()) {
    const auto step = open.back();
    open.pop_back();
    for (const auto& way : ways_[step])
      if (!reachable_[way.to]) reachable_[way.to] = true, open.push_back(way.to);
  }
}

std::vector<std::size_t> step_graph::endless_circle() const {
  // Depth first over the steps without a limit; a way back to a step on the path closes a circle.
  enum class mark { fresh, on_path, done };
  std::vector<mark> marks(ways_.size(), mark::fresh);
  std::vector<std::size_t> path, circle;
  const auto visit = [&](auto&& self, std::size_t step) -> bool {
    if (limited_[step] || !reachable_[step]) return false;
    if (marks[step] == mark::on_path) {
      circle.assign(std::find(path.begin(), path.end(), step), path.end());
      return true;
    }
    if (marks[step] == mark::done) return false;
    marks[step] = mark::on_path;
    path.push_back(step);
    for (const auto& way : ways_[step])
      if (self(self, way.to)) return true;
    path.pop_back();
    marks[step] = mark::done;
    return false;
  };
  for (std::size_t i = 0; i < ways_.size(); ++i)
    if (visit(visit, i)) return circle;
  return {};
}

void step_graph::find_names(const workflow_definition& workflow) {
  const auto& steps = workflow.steps;
  sometimes_.resize(steps.size());
  always_.resize(steps.size());
  std::vector<bool> seen(steps.size(), false);  // `always_` of an unseen step stands for "everything"
  if (!steps.empty()) seen[0] = true;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!seen[i]) continue;
      for (const auto& way : ways_[i]) {
        auto all = always_[i];
        auto some = sometimes_[i];
        if (const auto& gives = steps[i].value.gives; gives && way.finished) all.insert(*gives), some.insert(*gives);
        auto& there = sometimes_[way.to];
        const auto before = there.size();
        there.insert(some.begin(), some.end());
        changed = changed || there.size() != before;
        if (!seen[way.to]) {
          seen[way.to] = true;
          always_[way.to] = std::move(all);
          changed = true;
        } else if (way.to != 0) {
          const auto kept = std::erase_if(always_[way.to], [&](const auto& name) { return !all.contains(name); });
          changed = changed || kept > 0;
        }
      }
    }
  }
}

}  // namespace steward
