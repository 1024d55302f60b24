/// What was only decided, beside what was done: shadowed effects beside the operator's own, and new versions beside those in force.
#pragma once
#include "runtime/journal/reader.hpp"
#include "runtime/json.hpp"

namespace steward {

/// `seen`: the view `shadow`. `what`: a role, an action, an effect or a workflow on trial to tell only of; empty: everything.
///
/// {"shadowed": [{…, "preview", "arguments", "by_hand": {"effect", "arguments"} or null, "differences": [{"argument", "shadowed", "by_hand", "alike_percent"}]}],
///  "held_back": [{"effect", "run", "at", "action", "role", "rule", "because", "preview"}], since then by a rule that shadows,
///  "sum": {"same", "different", "open", "unmatched"},
///  "trials": [{"workflow", "of", "as", "runs", "failures", "ended", "pairs": [{"run", "beside", "status", "beside_status", "same", "differences": [{"step", "what", "tried", "in_force"}]}],
///              "same", "different"}]}
result<json> shadow_report(reader& source, const json& seen, const std::string& what, time_point since);

}  // namespace steward
