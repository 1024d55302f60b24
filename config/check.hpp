/// Looks at what the manifests of a workspace mean together, without a running system: every name that one file uses of
/// another, every expression, every limit. All errors at once; each should suffice to mend its file.
#pragma once
#include <string>
#include <vector>

#include "config/workspace.hpp"
#include "runtime/connector.hpp"

namespace steward {

/// What the catalogue of agents tells of one.
struct known_agent {
  std::string name;
  json takes;  // JSON Schema of its input; null or {}: anything
  json gives;  // of its result
};

/// What the catalogue of models tells of one.
struct known_model {
  std::string name;
  decltype(model_entry::check) check_prompt = nullptr;
};

/// Everything the manifests may name; console/main.cpp fills it from the catalogues.
struct known_parts {
  std::vector<known_agent> agents;
  std::vector<connector_manifest> connectors;
  std::vector<std::string> policies;
  std::vector<known_model> models;  // providers
};

const known_agent* find_agent(const known_parts& known, std::string_view name);
const known_model* find_model(const known_parts& known, std::string_view name);
const action_manifest* find_action(const known_parts& known, std::string_view name);
const signal_manifest* find_signal(const known_parts& known, std::string_view name);

/// The errors of a workspace that was loaded; manifests in `broken` count by name only. Sorted by file and line.
errors check_workspace(const workspace& space, const known_parts& known);

struct checked_workspace {
  workspace value;
  errors found;
};
/// Loads and checks: what `steward check` does. `policies`: as load_workspace takes it.
checked_workspace check_folder(disk& files, const std::string& folder, const known_parts& known, const std::string& policies = {});

}  // namespace steward
