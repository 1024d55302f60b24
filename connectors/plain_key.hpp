/// Whether an effect key may become a file's name or a header: one that is no plain word could leave its folder.
#pragma once
#include <algorithm>
#include <string_view>

namespace steward {

inline bool is_plain_key(std::string_view key) {
  return !key.empty() && key.size() <= 100 && std::all_of(key.begin(), key.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace steward
