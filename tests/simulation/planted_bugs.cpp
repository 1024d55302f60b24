/// One bug after another is planted, and each must be noticed by a drill or by a simulated week.
/// A few need a real process: those are hunted by the proofs that kill it (tests/crash) or that answer it wrongly (tests/outside); one
/// needs somebody who obeys the wrong people (tests/traitor).
//
/// promise: a bug that breaks a promise is noticed by a proof within seconds, and the same proof without the bug notices nothing
#include "tests/simulation/planted_bugs.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <sys/resource.h>
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

constexpr double seconds_at_most = 90;  // of processor time, for all hunts together: what takes longer is not asked every day
constexpr char in_vain = '!';           // before a finding that counts for nothing

struct proof_result {
  std::string text;
  int status = 0;
};

#ifdef STEWARD_CRASH
/// Plays a proof with a process; what it and its programs said.
proof_result run_proof(const std::string& command) {
  proof_result r;
  FILE* said = ::popen((command + " 2>&1").c_str(), "r");
  if (!said) throw std::runtime_error("a proof can't be started");
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, said)) > 0;) r.text.append(buffer, n);
  r.status = ::pclose(said);
  return r;
}

std::string line_after(const std::string& text, const std::string& words, std::size_t from) {
  const auto at = text.find(words, from);
  if (at == text.npos) return {};
  const auto begins = at + words.size();
  return text.substr(begins, text.find('\n', begins) - begins);
}
#endif

/// Runs that proof on the program with the bug in; what it says of the first broken promise. The same game without the bug must
/// then break nothing: else the proof fails by itself, and has caught nothing.
std::string noticed_by(const std::string& verb) {
#ifdef STEWARD_CRASH
  const bool crash = verb.starts_with("crash"), traitor = verb == "traitor";
  ::setenv("STEWARD_BUG", std::string(to_word(*current_bug())).c_str(), 1);
  ::setenv(crash ? "STEWARD" : "STEWARD_BUYING", crash ? STEWARD_PROGRAM_PLANTED : STEWARD_BUYING_PLANTED, 1);
  std::string scratch = (std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/steward-hunt-XXXXXX";
  if (!::mkdtemp(scratch.data())) return {};
  ::setenv("TMPDIR", scratch.c_str(), 1);  // the folders of broken games go with it
  ::setenv("STEWARD_FIRST", "1", 1);
  const std::string program = traitor ? STEWARD_TRAITOR : crash ? STEWARD_CRASH : STEWARD_OUTSIDE;
  const auto text = run_proof(program + (traitor ? "" : verb.substr(std::min(verb.find(' '), verb.size())) + " --first")).text;
  const auto broken = text.find("BROKEN");
  std::string noticed;
  if (broken != text.npos) {
    const auto what = line_after(text, "BROKEN  ", broken), sentence = line_after(text, "\n        ", broken);
    noticed = fmt::format("{}{}, {}: {}", traitor ? "" : "./dev ", verb, what, sentence);
    ::unsetenv("STEWARD_BUG");
    if (traitor) ::setenv("STEWARD_CASE", what.c_str(), 1);
    const auto again = line_after(text, crash ? "./dev crash" : "./dev outside", broken);
    if (const auto control = run_proof(program + (traitor ? "" : again)); control.status != 0 || (!traitor && again.empty()))
      noticed = fmt::format("{}{}{} breaks without the bug, too: {}", in_vain, verb, again, line_after(control.text, "\n        ", 0));
  }
  std::filesystem::remove_all(scratch);
  return noticed;
#else
  (void)verb;
  return {};
#endif
}

/// The first proof that notices, and in which words. Runs in a process of its own: a planted bug may bring it down.
std::string first_to_notice(const std::vector<drill>& drills) {
  if (const auto verb = needs_a_process.find(*current_bug()); verb != needs_a_process.end()) return noticed_by(verb->second);
  const auto unless_it_breaks_anyway = [](std::string noticed, const auto& play_again) {
    current_bug().reset();
    const auto control = play_again();
    return control.empty() ? noticed : fmt::format("{}{}; without the bug: {}", in_vain, noticed, control.front());
  };
  for (const auto& d : drills)
    if (const auto broken = play_drill(d, false); !broken.empty()) return unless_it_breaks_anyway("drill " + d.name + ": " + broken.front(), [&] { return play_drill(d, false); });
  for (std::uint64_t seed = 1; seed <= weeks_at_most; ++seed) {
    week_options options;
    options.seed = seed;
    if (const auto r = play_week(options); !r.broken.empty()) return unless_it_breaks_anyway(fmt::format("simulation, seed {}: {}", seed, r.broken.front()), [&] { return play_week(options).broken; });
  }
  return {};
}

double processor_seconds() {
  double sum = 0;
  for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    ::getrusage(whose, &used);
    sum += double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  }
  return sum;
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
  // None of the bugs is one that kills: whoever dies of one has said nothing about the promise.
  if (WIFSIGNALED(status)) return fmt::format("{}the process was ended by signal {}", in_vain, WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return fmt::format("{}the process ended with code {}", in_vain, WEXITSTATUS(status));
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
      const bool caught = !noticed.empty() && noticed.front() != in_vain;
      overlooked += !caught;
      std::cout << fmt::format("{:<28} {}\n", to_word(h.which), caught ? "caught by " + noticed.substr(0, 200) : noticed.empty() ? "OVERLOOKED by every proof" : "NOT CAUGHT: " + noticed.substr(1, 400)) << std::flush;
    }
  }
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const auto used = processor_seconds();
  std::cout << fmt::format("{} planted bugs, {} overlooked, {:.0f} s, {:.0f} s of processor time\n", all.size(), overlooked, took, used);
  if (used > seconds_at_most) std::cout << fmt::format("TOO LONG: the hunts may take {:.0f} s of processor time\n", seconds_at_most);
  return overlooked == 0 && used <= seconds_at_most ? 0 : 1;
}
#endif

}  // namespace simulation
}  // namespace steward
