/// One bug after another is planted, and each must be noticed by a drill or by a simulated week.
//
/// promise: a bug that breaks a promise is noticed by a proof within seconds
#include "tests/simulation/planted_bugs.hpp"

#include <chrono>
#include <iostream>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/planted.hpp"

namespace steward {

#ifdef STEWARD_PLANTED
bool planted(bug b) { return current_bug() == b; }
std::optional<bug>& current_bug() {
  static std::optional<bug> current;
  return current;
}
#endif

namespace simulation {

#ifndef STEWARD_PLANTED
int catch_planted_bugs(const std::vector<drill>&, const std::vector<std::string>&) {
  std::cerr << "This program has no planted bugs; steward_planted has.\n";
  return 2;
}
#else
namespace {

constexpr std::uint64_t weeks_at_most = 60;  // a bug that sixty stormy weeks and all drills overlook is not caught

/// The first proof that notices, and in which words. Runs in a process of its own: a planted bug may bring it down.
std::string first_to_notice(const std::vector<drill>& drills) {
  for (const auto& d : drills)
    if (const auto broken = play_drill(d, false); !broken.empty()) return "drill " + d.name + ": " + broken.front();
  for (std::uint64_t seed = 1; seed <= weeks_at_most; ++seed) {
    week_options options;
    options.seed = seed;
    if (const auto r = play_week(options); !r.broken.empty()) return fmt::format("simulation, seed {}: {}", seed, r.broken.front());
  }
  return {};
}

struct hunt {
  bug which{};
  pid_t child = -1;
  int pipe = -1;
};

hunt begin_hunt(bug which, const std::vector<drill>& drills) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    current_bug() = which;
    const auto noticed = first_to_notice(drills);
    if (::write(ends[1], noticed.data(), noticed.size()) != ssize_t(noticed.size())) ::_exit(1);
    ::_exit(0);
  }
  ::close(ends[1]);
  return {which, child, ends[0]};
}

std::string result_of(const hunt& h) {
  std::string noticed;
  char buffer[4096];
  for (ssize_t n; (n = ::read(h.pipe, buffer, sizeof buffer)) > 0;) noticed.append(buffer, std::size_t(n));
  ::close(h.pipe);
  int status = 0;
  ::waitpid(h.child, &status, 0);
  if (WIFSIGNALED(status)) return fmt::format("the process was ended by signal {}", WTERMSIG(status));
  return noticed;
}

}  // namespace

int catch_planted_bugs(const std::vector<drill>& drills, const std::vector<std::string>& names) {
  std::vector<bug> all;
  for (const auto& word : words_of<bug>())
    if (names.empty() || std::find(names.begin(), names.end(), word) != names.end()) all.push_back(*from_word<bug>(word));
  int overlooked = 0;
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < all.size(); i += 2) {
    std::vector<hunt> hunts{begin_hunt(all[i], drills)};
    if (i + 1 < all.size()) hunts.push_back(begin_hunt(all[i + 1], drills));
    for (const auto& h : hunts) {
      const auto noticed = result_of(h);
      overlooked += noticed.empty();
      std::cout << fmt::format("{:<28} {}\n", to_word(h.which), noticed.empty() ? "OVERLOOKED by every proof" : "caught by " + noticed.substr(0, 200)) << std::flush;
    }
  }
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << fmt::format("{} planted bugs, {} overlooked, {:.0f} s\n", all.size(), overlooked, took);
  return overlooked == 0 ? 0 : 1;
}
#endif

}  // namespace simulation
}  // namespace steward
