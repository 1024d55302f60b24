/// The program: what `main` hands over, and the one function that does the rest.
///
///   int main(int argc, char** argv) { return steward::run_console(argc, argv, {agents(), connectors(), policies(), models()}); }
#pragma once
#include "runtime/connector.hpp"
#include "runtime/hosting/agent_host.hpp"
#include "runtime/model.hpp"
#include "runtime/policy.hpp"

namespace steward {

/// All that manifests may name. A project outside adds its own lines to those that Steward ships.
struct catalogues {
  agent_catalog agents;
  connector_catalog connectors;
  policy_catalog policies;
  model_catalog models;
};

/// Reads the command line, does what it says, and gives the exit code (console/exit_codes.hpp). Throws nothing.
int run_console(int argc, char** argv, const catalogues& known);

}  // namespace steward
