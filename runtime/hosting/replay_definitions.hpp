/// Compares what stands in the manifests about the things that a run used: what differs there and is not decided again at replay
/// is named as "changed, not replayed", so that nobody takes "the same" for more than it says.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/hosting/replay_workflow.hpp"

namespace steward {

/// What a run used, each by the event at which it did first.
struct used_by_run {
  std::int64_t began = 0;
  std::map<std::string, std::int64_t> steps, roles, types, actions;
  std::map<std::pair<std::string, std::string>, std::int64_t> done_by;  // role and action
  bool decided_again = true;  // what the workflow decided was decided again to its end
};

/// Of the workflow: `then` is the one that the run worked by.
void compare_workflows(const workflow& then, const workflow& now, const used_by_run& used, const workflow_replay::tell& differs);
/// Of roles, entity types and company.yaml, which the journal does not hold: `before` are the company's own as they are now.
void compare_manifests(const company_manifests& before, const company_manifests& now, const used_by_run& used, const workflow_replay::tell& differs);

}  // namespace steward
