/// What must hold of a company that has stopped: its runs replay, its backup brings it back, and what somebody changed is found.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/coordination/company_manifests.hpp"
#include "runtime/random.hpp"

namespace steward::simulation {

struct past_company {
  std::string folder;                                                    // with `.steward` in it; what is tried is tried beside that
  const company_manifests& manifests;
  std::map<std::string, std::int64_t>& seen;                             // which of it was looked at
  std::function<result<void>(const std::string& folder)> starts;         // an engine on the journal of this folder
};

/// The broken promises. `random` says which event is changed.
std::vector<std::string> look_back(const past_company& past, random_source& random);

}  // namespace steward::simulation
