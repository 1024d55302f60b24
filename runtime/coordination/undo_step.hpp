/// How a run that takes something back and its steps are named; nothing in a manifest can be called so.
#pragma once
#include <string>
#include <string_view>

namespace steward {

inline constexpr std::string_view undo_prefix = "undo ";

/// Of a workflow or a step.
inline bool is_undo(std::string_view name) { return name.starts_with(undo_prefix); }

}  // namespace steward
