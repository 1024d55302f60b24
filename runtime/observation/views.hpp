/// What the operator sees of the state, as JSON; the console draws it. The same over the socket and offline.
#pragma once
#include "runtime/coordination/action_book.hpp"
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"

namespace steward {

/// {"view": "inbox", "all": bool} cards, oldest first, approvals with all that a decision needs; then what is held; `all`: snoozed ones too
/// {"view": "alike", "approval": "apr-1"} the open questions that are like it  {"view": "attention"} how many of the day's questions are used
/// {"view": "runs", "all": bool}  {"view": "run", "run": "run-3"}  {"view": "approval", "approval": "apr-1"}
/// {"view": "card", "card": "card-2"}  {"view": "cost"}  {"view": "budget"}  {"view": "outcomes"}  {"view": "autonomy"}  {"view": "shadow"}  {"view": "estimate", "workflow": …}
///   {"view": "entities", "type": …}  {"view": "entity", "entity": …}  {"view": "status"}
result<json> view(const company_state& state, const company_manifests& manifests, const action_book& actions, const json& asked, time_point now);

}  // namespace steward
