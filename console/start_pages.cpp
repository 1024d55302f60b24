#include "console/start_pages.hpp"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace steward {
namespace {

using span_of_memory = std::pair<std::uintptr_t, std::uintptr_t>;

/// Read-only private mappings of files without a page of our own: relocated constants, for one, have some and would be lost.
std::vector<span_of_memory> pages_of_files() {
  std::vector<span_of_memory> found;
  std::ifstream maps("/proc/self/smaps");
  span_of_memory here{};
  bool of_file = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0, to = 0;
    unsigned long inode = 0, own_kb = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %*s %*s %lu", &from, &to, rights, &inode) == 4) {
      here = {from, to};
      of_file = inode != 0 && rights[1] == '-' && rights[3] == 'p';
    } else if (of_file && std::sscanf(line.c_str(), "Anonymous: %lu kB", &own_kb) == 1 && own_kb == 0) {
      found.push_back(here);
    }
  }
  return found;
}

}  // namespace

void let_go_of_start_pages() {
  for (const auto& [from, to] : pages_of_files()) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

}  // namespace steward
