#include "runtime/supervision/process_door.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace steward {
namespace {

class system_processes final : public process_door {
public:
  system_processes() {
    ::sigemptyset(&watched_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&watched_, signal);
    ::pthread_sigmask(SIG_BLOCK, &watched_, &before_);
  }
  ~system_processes() override { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  result<void> start(const std::vector<std::string>& words) override {
    const auto fail = [&](int reason) {
      return error{"program_not_started", words.empty() ? "" : words[0], fmt::format("the program could not be started: {}", std::strerror(reason)), "", ""};
    };
    if (words.empty()) return fail(ENOENT);
    std::vector<char*> argv;
    for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    int report[2];  // The child writes why exec failed; closed by a successful exec.
    if (::pipe2(report, O_CLOEXEC) != 0) return fail(errno);
    const auto parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
      // Between fork and exec only what is safe in a signal handler. SIGTERM, so that an orphaned engine ends cleanly.
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      ::setpgid(0, 0);  // Ctrl-C reaches the parent alone, which passes it on: twice would count as "at once".
      if (::getppid() != parent) ::_exit(128 + SIGTERM);  // the parent died before it was watched
      ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
      ::execv(argv[0], argv.data());
      const int reason = errno;
      const auto written = ::write(report[1], &reason, sizeof reason);
      ::_exit(written == sizeof reason ? 127 : 126);
    }
    const int fork_failed = child_ < 0 ? errno : 0;
    ::close(report[1]);
    int reason = 0;
    ssize_t got = 0;
    while (!fork_failed && (got = ::read(report[0], &reason, sizeof reason)) < 0 && errno == EINTR) {}
    ::close(report[0]);
    if (!fork_failed && got <= 0) return {};
    if (!fork_failed) ::waitpid(child_, nullptr, 0);
    child_ = -1;
    return fail(fork_failed ? fork_failed : reason);
  }

  void ask_to_end() override { send(SIGTERM); }
  void kill() override { send(SIGKILL); }

  process_news wait(std::optional<duration> at_most) override {
    const auto whole = at_most.value_or(duration::zero()).count();
    const timespec patience{.tv_sec = whole / 1'000'000, .tv_nsec = whole % 1'000'000 * 1'000};
    for (;;) {
      int status = 0;
      if (child_ > 0 && ::waitpid(child_, &status, WNOHANG) == child_) {
        child_ = -1;
        if (WIFSIGNALED(status)) return {process_news::what::ended, {128 + WTERMSIG(status), WTERMSIG(status)}};
        return {process_news::what::ended, {WEXITSTATUS(status), 0}};
      }
      const int signal = at_most ? ::sigtimedwait(&watched_, nullptr, &patience) : ::sigwaitinfo(&watched_, nullptr);
      if (signal == SIGCHLD || (signal < 0 && errno == EINTR)) continue;
      return {signal < 0 ? process_news::what::nothing : process_news::what::asked_to_stop, {}};
    }
  }

private:
  void send(int signal) {
    if (child_ > 0) ::kill(child_, signal);  // not reaped yet, so the number is still its own
  }

  sigset_t watched_{}, before_{};
  pid_t child_ = -1;
};

}  // namespace

std::string to_words(const process_end& end) {
  if (end.signal != 0) return fmt::format("was ended by signal {} ({})", end.signal, ::strsignal(end.signal));
  return fmt::format("ended with exit code {}", end.code);
}

std::unique_ptr<process_door> make_process_door() { return std::make_unique<system_processes>(); }

}  // namespace steward
