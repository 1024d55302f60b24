/// Checks the tree against the rules of the house: `steward_tidy ROOT`. Exit code 1 if there is something to mend.
/// promise: the tree keeps its arrows and the house rules
#include <cstdio>
#include <exception>

#include "tests/tidy/rules.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: steward_tidy ROOT\n");
    return 2;
  }
  try {
    const auto files = steward::tidy::read_tree(argv[1]);
    const auto found = steward::tidy::check(files);
    for (const auto& f : found) std::printf("%s\n", to_sentence(f).c_str());
    if (found.empty())
      std::printf("%zu files keep %zu rules\n", files.size(), steward::tidy::all_rules().size());
    else
      std::printf("%zu things to mend; the docs say more: docs/STYLE.md, docs/ARCHITECTURE.md\n", found.size());
    return found.empty() ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: the tree can't be read: %s\n", argv[1], e.what());
    return 2;
  }
}
