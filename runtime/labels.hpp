/// Information-flow marks on data; they join as data flows and no agent can lower them.
#pragma once
#include <cstdint>
#include <string>

namespace steward {

using labels = std::uint32_t;                 // A set of bits; the join of two sets is `|`.
inline constexpr labels label_untrusted = 1;  // came from outside: mail, web, a tool's result
inline constexpr labels label_private = 2;    // customer records, finances

inline std::string to_text(labels l) {
  std::string text;
  if (l & label_untrusted) text += "untrusted";
  if (l & label_private) text += text.empty() ? "private" : ", private";
  return text;
}

}  // namespace steward
