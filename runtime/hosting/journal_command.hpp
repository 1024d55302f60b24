/// Commands that need to know what the journal says of the past, which the coordinator does not read.
#pragma once
#include <string>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/journal/upgrade.hpp"
#include "runtime/json.hpp"

namespace steward {

/// `fork` with its `from` (coordination/fork.hpp), `undo` with what was `done` (coordination/undo.hpp), `remap` with what the records
/// say by today's mapping (coordination/remap.hpp); any other as it is.
/// Errors: not_found_in_journal, step_not_reached, effect_not_done and what reading may bring.
result<json> completed(const std::string& folder, const event_kinds& kinds, const company_manifests& manifests, json command);

}  // namespace steward
