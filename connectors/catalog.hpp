/// Every connector and model that Steward ships: one line each.
#pragma once
#include "runtime/connector.hpp"
#include "runtime/model.hpp"

namespace steward {

const connector_catalog& connectors();
const model_catalog& models();

}  // namespace steward
