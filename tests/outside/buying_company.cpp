/// The program `steward` with the services of http_world as its connectors and its model. For main.cpp beside it.
#include "actors/catalog.hpp"
#include "console/console.hpp"
#include "policies/catalog.hpp"
#include "tests/outside/services.hpp"

int main(int argc, char** argv) {
  using namespace steward;
  return run_console(argc, argv, {agents(), outside_test::service_connectors(), policies(), outside_test::service_models()});
}
