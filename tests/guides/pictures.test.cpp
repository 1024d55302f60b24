#include <fstream>
#include <iterator>

#include "runtime/supervision/supervision_tree.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

TEST_CASE("the supervision tree in ARCHITECTURE.md is the one that the engine builds") {
  std::ifstream page(STEWARD_SOURCE_DIR "/docs/ARCHITECTURE.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  REQUIRE(!text.empty());
  CHECK(text.find("```\n" + to_text(engine_tree()) + "```\n") != text.npos);
}
