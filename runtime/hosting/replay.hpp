/// Takes every turn of a run again from what is on disk, and says where an agent says something else than it said then.
///
/// Nothing is asked and nothing leaves: an agent is a function of its events, and those are in the journal with every answer.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/fork.hpp"
#include "runtime/hosting/agent_host.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

struct replayed_agent {
  std::int64_t version = 1;
  std::function<std::unique_ptr<agent_value>(const role_brief&)> make;
};
using replayed_agents = std::map<std::string, replayed_agent>;  // by class name

replayed_agents agents_to_replay(const agent_catalog& catalog);

/// Every event of a run, and the starts of the runs that its agents asked for, oldest first. not_found_in_journal.
result<told_run> events_of_run(reader& source, const std::string& run);

/// {"do": "fork", "run": "run-3", "at": "send", "effects": "reuse"} with the `from` that the journal in this folder gives for it (coordination/fork.hpp).
result<json> with_fork_point(const std::string& folder, const event_kinds& kinds, const json& command);

enum class replay_of {
  turns,      // what the agents say
  manifests,  // also which role gets which input, and what a model is asked: what other manifests would change
};

/// {"run", "workflow", "events": 41, "turns": 3, "same": true,
///  "first": null | difference, "steps": [{"instance", "step", "role", "agent", "turns", "notes": ["…"], "differences": [difference]}]}
/// A difference: {"seq": the event, "handled", "handled_kind", "instance", "step", "what": "intent | fault | question | input | role",
///  "intent": its place in the turn from 1, "recorded": {"kind", "name", "digest"} or null, "now": the same, "sentence"}.
/// Errors: those of a journal that is no run's.
result<json> replay(const told_run& told, const std::string& run, const replayed_agents& agents, const company_manifests& manifests, replay_of what);

}  // namespace steward
