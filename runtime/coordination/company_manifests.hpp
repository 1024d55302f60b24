/// What the company's manifests say, read and checked; config/ fills it, the coordinator works by it.
#pragma once
#include <map>
#include <string>

#include "runtime/coordination/role_definition.hpp"
#include "runtime/execution/workflow_definition.hpp"
#include "runtime/model.hpp"
#include "runtime/rules/policy_definition.hpp"

namespace steward {

struct company_manifests {
  company_definition company;
  std::map<std::string, role_definition> roles;
  std::map<std::string, workflow_definition> workflows;
  std::map<std::string, entity_definition> entities;
  std::map<std::string, policy_definition> policies;
  std::map<std::string, prompt> prompts;  // by path below the workspace: "prompts/reply.md"
  std::map<std::string, json> schemas;    // by path: "schemas/reply.json"
};

/// What the coordinator must know of an agent class; hosting takes it from the catalogue.
struct agent_facts {
  std::int64_t version = 1;
  json takes;  // JSON Schema of its input
  json gives;  // JSON Schema of its result
};

}  // namespace steward
