/// Every policy that Steward ships: one line each.
#pragma once
#include "runtime/policy.hpp"

namespace steward {

policy_catalog policies();

}  // namespace steward
