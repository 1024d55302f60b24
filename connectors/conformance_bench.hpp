/// The work bench of the conformance suite: fresh workspaces, the outside world, and the engine's way of settling an effect.
#pragma once
#include <memory>

#include <fmt/format.h>

#include "connectors/conformance.hpp"
#include "connectors/conformance_disk.hpp"

namespace steward {

class conformance_bench {
public:
  conformance_bench(const connector_entry& entry, const conformance_samples& samples, const std::string& scratch);
  ~conformance_bench();

  const connector_entry& entry;
  const conformance_samples& samples;
  conformance_report report;

  /// Notes a check, and what was broken when it does not hold.
  bool check(bool holds, const std::string& what, const std::string& promise, const std::string& details);
  void note(const error& e) {
    if (!e.code.empty()) report.error_codes.insert(e.code);
  }

  /// An arranged, otherwise empty workspace and a connector in it.
  std::unique_ptr<connector> fresh();
  std::unique_ptr<connector> again() const { return entry.make(samples.settings, workspace_); }
  std::string world() const;
  void let_outsider_act() const {
    if (samples.outsider) samples.outsider(workspace_);
  }
  disk& files() { return *disk_; }
  const std::string& workspace() const { return workspace_; }
  const action_manifest* action(const action_call& call) const { return find_action(entry.manifest, call.action); }

  /// Goes on from what is known, as the engine does after a crash: looks up where that is possible, repeats where that is safe.
  /// nullopt: an action that is neither, in doubt; the operator would be asked.
  std::optional<outcome> settle(connector& c, const action_manifest& action, const request& what, std::optional<answer> known);

private:
  std::string folder_, workspace_;
  std::unique_ptr<disk> disk_ = make_system_disk();
};

/// The effect key and time that most samples are prepared with.
inline const effect_mark conformance_mark{"k7c1d5e9b2", time_point{std::chrono::seconds{1'795'512'615}}};

// The rows of the table in conformance.hpp.
void check_manifest(conformance_bench& bench);
void check_wrong_arguments(conformance_bench& bench, const action_call& call);
void check_hostile_arguments(conformance_bench& bench, const action_call& call);
void check_answers(conformance_bench& bench, const action_call& call);
void check_signals(conformance_bench& bench);

}  // namespace steward
