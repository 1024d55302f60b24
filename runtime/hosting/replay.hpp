/// Takes a run again from what is on disk: every turn of its agents and every decision of its workflow, and says where one differs.
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
#include "runtime/hosting/replay_gate.hpp"
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
  company,    // by the workflow that the run worked by, and the roles as they are
  manifests,  // by other manifests: what they would change
};

/// By what a run is taken again, besides the manifests.
struct replay_order {
  replay_of what = replay_of::company;
  std::optional<workflow_definition> workflow_then;  // the one that the run worked by, where the journal holds it
  const company_manifests* before = nullptr;         // the company's own, to compare what is not decided again
  const replay_world* world = nullptr;               // for the gate; none: it is not asked
};

/// The workflow that a run worked by, from the journal; nothing where it does not hold it any more.
result<std::optional<workflow_definition>> workflow_of_run(reader& source, const told_run& told);

/// Takes the agents' turns again, and what the workflow decided; by other manifests also what the gate says and what a model is asked.
/// {"run", "workflow", "events": 41, "turns": 3, "decisions": 12, "same": true, "first": null | difference, "notes": ["…"], "differences": [difference],
///  "steps": [{"instance", "step", "role", "agent", "turns", "notes": ["…"], "differences": [difference]}]}
/// A difference of a turn: {"seq": the event, "handled", "handled_kind", "instance", "step", "what": "intent | fault | question | input | role",
///  "intent": its place in the turn from 1, "recorded": {"kind", "name", "digest"} or null, "now": the same, "sentence"}; one of the workflow:
/// {"seq", "step", "what": "order | when | kind | effect | record | remember | wait | gives | ask | end | input | verdict | definition", "field", "recorded", "now", "sentence"}.
/// Errors: those of a journal that is no run's; those of a workflow or of rules that can't be compiled.
result<json> replay(const told_run& told, const std::string& run, const replayed_agents& agents, const company_manifests& manifests, const replay_order& order = {});

}  // namespace steward
