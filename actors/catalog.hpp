/// The agents that Steward ships.
#pragma once
#include "runtime/hosting/agent_host.hpp"

namespace steward {

/// One entry for each agent class; roles name them with `agent:`.
agent_catalog agents();

}  // namespace steward
