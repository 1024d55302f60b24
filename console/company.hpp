/// From a workspace folder to the parts of an engine: manifests checked, connectors and models made as company.yaml says.
#pragma once
#include <string>
#include <vector>

#include "config/check.hpp"
#include "console/console.hpp"
#include "runtime/hosting/engine.hpp"

namespace steward {

/// The nearest folder from `from` upwards that holds a company.yaml; error no_workspace.
result<std::string> find_workspace(const std::string& from);

/// What `steward check` may find named, of all catalogues.
known_parts known_of(const catalogues& known);

struct assembled {
  engine_parts parts;
  errors found;  // what is wrong with the manifests; the parts are then good for reading only
};

/// `test_clock`: a file that tells the time; empty: the machine's clock.
assembled assemble(const std::string& workspace, const catalogues& known, const std::string& test_clock);

/// `.steward` of a workspace.
std::string state_folder(const std::string& workspace);
std::shared_ptr<const clock> clock_for(const std::string& test_clock);

}  // namespace steward
