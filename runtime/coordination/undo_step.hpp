/// How the steps of a run that takes something back are named; no step of a manifest can be called so.
#pragma once
#include <string>
#include <string_view>

namespace steward {

inline constexpr std::string_view undo_step_prefix = "undo ";

inline bool is_undo_step(std::string_view name) { return name.starts_with(undo_step_prefix); }

}  // namespace steward
