/// The switch of a program that is built with planted bugs: STEWARD_BUG in the environment names the one that is in.
#include <cstdlib>

#include "runtime/planted.hpp"

namespace steward {

std::optional<bug>& current_bug() {
  static std::optional<bug> current = [] {
    const char* named = std::getenv("STEWARD_BUG");
    return named ? from_word<bug>(named) : std::nullopt;
  }();
  return current;
}

bool planted(bug b) { return current_bug() == b; }

}  // namespace steward
