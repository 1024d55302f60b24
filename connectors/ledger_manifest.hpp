/// What the ledger can do, with the schema, class, risk and undo of each action.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_manifest ledger_manifest();

}  // namespace steward
