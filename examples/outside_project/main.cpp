/// A company's own Steward: the shipped program with one agent more.
#include "actors/catalog.hpp"
#include "connectors/catalog.hpp"
#include "console/console.hpp"
#include "policies/catalog.hpp"
#include "thank_you.hpp"

int main(int argc, char** argv) {
  auto all_agents = steward::agents();
  all_agents.push_back(steward::host<my_company::thank_you>());
  return steward::run_console(argc, argv, {all_agents, steward::connectors(), steward::policies(), steward::models()});
}
