/// The services of http_world as a process of their own: `steward_http_world LEDGER CLOCK`. CLOCK: the file that is moved as time.
///
/// Commands, one a line on stdin, each answered with one line on stdout:
///   port                    its number
///   misbehave SEED PERCENT  from now on; PERCENT 0: the faults are over
///   busy                    on how many connections somebody still waits
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "tests/support/world/http_world.hpp"

int main(int argc, char** argv) {
  using namespace steward;
  if (argc != 3) return std::cerr << "usage: steward_http_world LEDGER CLOCK\n", 2;
  const auto clock = make_file_clock(argv[2]);
  proof::http_world world(argv[1], [&] { return clock->now(); });
  std::string input;
  for (;;) {
    if (!world.serve(60'000, STDIN_FILENO)) continue;
    char buffer[512];
    const auto n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) return 0;  // whoever started it is gone
    input.append(buffer, std::size_t(n));
    for (auto end = input.find('\n'); end != input.npos; end = input.find('\n')) {
      std::istringstream words(input.substr(0, end));
      input.erase(0, end + 1);
      std::string verb;
      words >> verb;
      if (verb == "misbehave") {
        std::uint64_t seed = 0;
        int percent = 0;
        words >> seed >> percent;
        world.misbehave(seed, percent);
        std::cout << "so be it" << std::endl;
      } else {
        std::cout << (verb == "port" ? world.port() : world.busy()) << std::endl;
      }
    }
  }
}
