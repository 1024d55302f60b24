/// JSON Schemas of all manifests, from the same structs that the reader fills: for editors and for `steward schema`.
#pragma once
#include <map>
#include <string>

#include "runtime/json.hpp"

namespace steward {

/// By file name: company.schema.json, role.schema.json, workflow.schema.json, entity.schema.json, policy.schema.json, policy_test.schema.json. They accept what the reader
/// accepts; what names mean together only `steward check` knows.
std::map<std::string, json> manifest_schemas();

}  // namespace steward
