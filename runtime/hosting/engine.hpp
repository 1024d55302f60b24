/// The running company: journal, coordinator, connectors, models, memory and roles under their supervisors.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/connector.hpp"
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/hosting/agent_host.hpp"
#include "runtime/model.hpp"
#include "runtime/policy.hpp"

namespace steward {

struct engine_stage;

/// What a company is made of, for the engine and for working on its journal offline.
struct engine_parts {
  std::string folder;                                   // the workspace's `.steward`
  company_manifests manifests;
  std::vector<std::shared_ptr<connector>> connectors;   // those that company.yaml names
  std::map<std::string, std::shared_ptr<model_provider>> models;
  policy_catalog policies;
  agent_catalog agents;
  std::shared_ptr<const clock> now;
  duration look_at_clock_every{};                       // not zero: `now` is a test's clock and is asked this often
  std::shared_ptr<disk> files;
  std::string version;
  std::shared_ptr<const engine_stage> stage;            // nullptr: the machine's threads and chance
};

class engine {
public:
  /// Takes `folder`/lock, opens the journal, folds it, starts the supervision tree and takes up what was left open.
  /// Errors: already_running, the journal's, a workflow's that does not compile.
  static result<std::unique_ptr<engine>> start(engine_parts parts);
  ~engine();  // stops

  /// Carries out a command of the desk (runtime/hosting/desk.hpp) and waits for its answer; what it changed is on disk then.
  /// Any thread. After `stop` every command is answered with the error `engine_stopped`.
  json command(const json& what);
  /// The same without waiting: `answered` is called on a thread of the engine and must not block. A `run` with "wait": true, and
  /// {"do": "wait", "run": …}, are answered when the run has ended.
  void send(json what, std::function<void(json)> answered);

  /// Ends cleanly: what is under way gets `grace` to finish, then the rest is cut off; recovery takes it up.
  void stop(duration grace = std::chrono::seconds{5});

  /// {"name", "state", "restarts", "children": […]}: the live supervision tree.
  json tree() const;
  /// Commits of the journal, flushes, events: {"commits": …, "flushes": …, "seq": …}.
  json figures() const;

private:
  struct implementation;
  explicit engine(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

/// The journal alone, without agents and connectors at work: for commands while nothing runs. What a command decides is
/// appended; the errands that follow from it are run when the engine starts.
class offline_desk {
public:
  /// With `may_change` it takes the lock (already_running when the engine runs); without, it only reads and nothing is written.
  static result<std::unique_ptr<offline_desk>> open(engine_parts parts, bool may_change);
  ~offline_desk();
  json command(const json& what);

private:
  struct implementation;
  explicit offline_desk(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
