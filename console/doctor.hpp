/// Looks into a workspace, point by point, each with its way out.
#pragma once
#include <string>
#include <vector>

#include "console/invocation.hpp"

namespace steward {

struct symptom {
  enum class state { good, note, bad } is = state::good;
  std::string name;      // "journal chain"
  std::string sentence;  // what was found
  std::string way_out;   // what to do; empty when nothing need be done
};

/// `with_chain` recomputes the whole hash chain.
std::vector<symptom> examine(invocation& s, bool with_chain);

}  // namespace steward
