/// ASCII letters in lower case, everything else as it is: addresses, hosts and names of headers are the same in any case.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

namespace steward {

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace steward
