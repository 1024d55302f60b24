/// Steward's version; CMakeLists.txt says the same, and a test compares them.
#pragma once

namespace steward {

inline constexpr auto version = "0.1.0";

}  // namespace steward
