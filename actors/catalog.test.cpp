#include "tests/support/catch.hpp"

#include "actors/catalog.hpp"

using namespace steward;

TEST_CASE("the catalogue names each agent once, and tells what it takes and gives") {
  std::set<std::string> names;
  for (const auto& agent : agents()) {
    CAPTURE(agent.name);
    CHECK(names.insert(agent.name).second);
    CHECK(agent.facts.version >= 1);
    const bool any = agent.name == "prompted";  // its role's schemas say what it takes and gives
    CHECK(agent.facts.takes.is_null() == any);
    CHECK(agent.facts.gives.is_null() == any);
    CHECK(agent.make(role_brief{.role = "some_role", .company_zone = "UTC"}) != nullptr);
  }
  for (const auto* name : {"editor", "lead_reply", "outreach", "prompted", "researcher", "scheduler"}) CHECK(names.contains(name));
}
