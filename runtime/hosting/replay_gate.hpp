/// Judges what a run proposed once more, by the gate of other manifests, in the world as it was then.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "runtime/coordination/gate.hpp"
#include "runtime/hosting/replay_workflow.hpp"

namespace steward {

/// What the gate needs beside the manifests.
struct replay_world {
  std::map<std::string, action_manifest> actions;  // by name
  policy_catalog policies;
  std::string salt;                                                         // of the company
  std::function<result<void>(company_state&, std::int64_t)> fold_up_to;     // folds the whole journal on, up to and with this event
};

/// Rungs, questions of a step, rules of the manifests and of this build, limits: as they would say. What the engine's own rules
/// about labels said counts as it did then.
class gate_replay {
public:
  using tell = workflow_replay::tell;
  /// `now`: the workflow whose `ask:` counts; may be null. All must outlive this.
  gate_replay(const told_run& told, const company_manifests& manifests, const replay_world& world, std::shared_ptr<const workflow> now, tell differs);

  result<void> before(const event::header& h, const event::any& e);
  std::int64_t decisions() const { return decisions_; }
  /// Role and action of those that would be judged otherwise.
  const std::set<std::pair<std::string, std::string>>& otherwise() const { return otherwise_; }

private:
  result<void> see(std::int64_t seq);
  result<std::optional<judgement>> judge(const event::header& h, const effect& x, const std::vector<ruling>& said_then, bool step_asks);
  result<void> proposed(const event::header& h, const event::effect_proposed& e);
  result<void> leaves(const event::header& h, const event::effect_dispatched& e);
  void differ(const event::header& h, const event::effect_proposed& e, std::string_view was, const judgement& now, const std::string& sentence);

  const told_run& told_;
  const company_manifests& manifests_;
  const replay_world& world_;
  const std::shared_ptr<const workflow> now_;
  const tell differs_;
  company_state state_;  // of the whole company
  counts_with_batch counts_{state_};
  std::int64_t batch_ = 0;  // the event that caused what is counted together
  std::unique_ptr<gate> gate_;
  std::set<std::string> granted_;
  std::set<std::string> told_of_;  // effects that were judged otherwise when they were proposed
  std::set<std::pair<std::string, std::string>> otherwise_;
  std::int64_t decisions_ = 0;
};

}  // namespace steward
