/// One bug after another is planted, and each must be noticed by a drill or by a simulated week.
/// A few need a real process: those are hunted by the proofs that kill it (tests/crash) or that answer it wrongly (tests/outside); one
/// needs somebody who obeys the wrong people (tests/traitor).
//
/// promise: a bug that breaks a promise is noticed by a proof within seconds
#include "tests/simulation/planted_bugs.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/planted.hpp"

namespace steward {

namespace simulation {

#ifndef STEWARD_PLANTED
int catch_planted_bugs(const std::vector<drill>&, const std::vector<std::string>&) {
  std::cerr << "This program has no planted bugs; steward_planted has.\n";
  return 2;
}
#else
namespace {

constexpr std::uint64_t weeks_at_most = 60;  // a bug that sixty stormy weeks and all drills overlook is not caught

/// Bugs in what no simulation plays: files of connectors, the process's death, sockets. Each with the verb that is to notice.
const std::map<bug, std::string> needs_a_process{
    {bug::head_before_commit, "crash --only journal.db-wal"},
    {bug::half_mail_trusted, "crash --only mail/outbox"},
    {bug::lost_answer_free, "outside"},
    {bug::redirect_followed, "outside"},
    {bug::kept_connection_used, "outside"},
    {bug::busy_means_absent, "outside"},
    {bug::rule_of_two_off, "traitor"},
};

/// Runs that proof on the program with the bug in; what it says of the first broken promise.
std::string noticed_by(const std::string& verb) {
#ifdef STEWARD_CRASH
  const bool crash = verb.starts_with("crash");
  ::setenv("STEWARD_BUG", std::string(to_word(*current_bug())).c_str(), 1);
  ::setenv(crash ? "STEWARD" : "STEWARD_BUYING", crash ? STEWARD_PROGRAM_PLANTED : STEWARD_BUYING_PLANTED, 1);
  std::string scratch = (std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/steward-hunt-XXXXXX";
  if (!::mkdtemp(scratch.data())) return {};
  ::setenv("TMPDIR", scratch.c_str(), 1);  // the folders of broken games go with it
  ::setenv("STEWARD_FIRST", "1", 1);
  const auto options = verb.substr(verb.find(' ') == verb.npos ? verb.size() : verb.find(' ')) + " --first";
  const auto command = (verb == "traitor" ? std::string(STEWARD_TRAITOR) : (crash ? STEWARD_CRASH : STEWARD_OUTSIDE) + options) + " 2>&1";
  FILE* said = ::popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (std::size_t n; said && (n = std::fread(buffer, 1, sizeof buffer, said)) > 0;) text.append(buffer, n);
  if (said) ::pclose(said);
  std::filesystem::remove_all(scratch);
  const auto broken = text.find("BROKEN");
  if (broken == text.npos) return {};
  const auto sentence = text.find("        ", broken), end = text.find('\n', sentence);
  const auto what = text.substr(broken + 8, text.find('\n', broken) - broken - 8);
  return fmt::format("{}{}, {}: {}", verb == "traitor" ? "" : "./dev ", verb, what, sentence == text.npos ? "" : text.substr(sentence + 8, end - sentence - 8));
#else
  (void)verb;
  return {};
#endif
}

/// The first proof that notices, and in which words. Runs in a process of its own: a planted bug may bring it down.
std::string first_to_notice(const std::vector<drill>& drills) {
  if (const auto verb = needs_a_process.find(*current_bug()); verb != needs_a_process.end()) return noticed_by(verb->second);
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
