/// Connectors and a model for the services of http_world, one of each effect class: what a company buys, over real HTTP.
///
/// The address of the services stands in the workspace, in `services.txt`.
#pragma once
#include "runtime/connector.hpp"
#include "runtime/model.hpp"

namespace steward::outside_test {

/// bank.pay (keyed, for a day), post.send (queryable), phone.text (neither), cms.put (keyed for ever), cms.read (read-only).
connector_catalog service_connectors();
/// `far`: each answer costs, also one that is lost on the way.
model_catalog service_models();

}  // namespace steward::outside_test
