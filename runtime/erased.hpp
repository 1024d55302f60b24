/// What readers see where a personal text was, once its subject's key is destroyed.
#pragma once
#include <string_view>

namespace steward {

inline constexpr std::string_view erased_text = "(erased)";

}  // namespace steward
