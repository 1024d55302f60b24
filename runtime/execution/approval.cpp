#include "runtime/execution/approval.hpp"

#include "runtime/digest.hpp"

namespace steward {

std::string list_digest(const std::vector<std::string>& digests) {
  std::string all;
  for (const auto& digest : digests) all += digest + "\n";
  return hex_digest(all);
}

}  // namespace steward
