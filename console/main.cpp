/// The program `steward`: hands the shipped agents, connectors, rules and models to the console.
#include "actors/catalog.hpp"
#include "connectors/catalog.hpp"
#include "console/console.hpp"
#include "policies/catalog.hpp"

int main(int argc, char** argv) {
  using namespace steward;
  return run_console(argc, argv, {agents(), connectors(), policies(), models()});
}
