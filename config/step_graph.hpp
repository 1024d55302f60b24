/// The ways through a workflow: which step can follow which, what is never reached, what never ends, and which names are
/// bound when a step begins.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/execution/workflow_definition.hpp"

namespace steward {

struct step_way {
  std::size_t to;
  std::string by;     // the key that leads there: then, if_late, used_up, if_fails, if_expired; empty: the order of the list
  bool finished;      // the step has done its work, so its `gives` is bound
};

class step_graph {
public:
  explicit step_graph(const workflow_definition& workflow);

  const std::vector<step_way>& ways_from(std::size_t step) const { return ways_[step]; }
  bool is_reachable(std::size_t step) const { return reachable_[step]; }

  /// Steps of a circle in which nothing limits the visits and nothing waits, in order; empty when there is none.
  std::vector<std::size_t> endless_circle() const;

  /// Names that every way to the step has bound.
  const std::set<std::string>& bound_at(std::size_t step) const { return always_[step]; }
  /// Names that at least one way has bound.
  const std::set<std::string>& maybe_bound_at(std::size_t step) const { return sometimes_[step]; }

private:
  void find_reachable();
  void find_names(const workflow_definition& workflow);

  std::vector<std::vector<step_way>> ways_;
  std::vector<bool> reachable_;
  std::vector<bool> limited_;  // has a visit limit, or waits
  std::vector<std::set<std::string>> always_, sometimes_;
};

}  // namespace steward
