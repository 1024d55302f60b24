/// Who stands on which rung for what, and why; and what was decided in shadow beside what was done by hand.
#pragma once
#include "runtime/coordination/action_book.hpp"
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"

namespace steward {

/// A row for each role and each action in its may_do that changes something outside, and for the company (`role` empty) for each in its
/// own may_do or with a history.
json autonomy_view(const company_state& state, const company_manifests& manifests, const action_book& actions, time_point now);

/// {"shadowed": what roles on the rung `shadow` would have done, the newest last, "trials": new versions and how far they are}
json shadow_view(const company_state& state, const company_manifests& manifests);

}  // namespace steward
