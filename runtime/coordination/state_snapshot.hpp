/// The fold's state as bytes, so that a start needs only the events since then. Derived: without it everything is folded anew.
#pragma once
#include <string>
#include <string_view>

#include "runtime/coordination/company_state.hpp"

namespace steward {

/// Bump it whenever the fold gives another state for the same events: older snapshots are passed over then.
inline constexpr int fold_version = 13;

std::string snapshot_bytes(const company_state& state);
/// snapshot_damaged, or what a part of it lacks.
result<company_state> state_from_snapshot(std::string_view bytes);

}  // namespace steward
