/// Starts and watches processes with fork, pidfd and pipes.
#include "tests/support/world/program.hpp"

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace steward::proof {
namespace {

int open_for_output(const std::string& path) { return ::open(path.empty() ? "/dev/null" : path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600); }

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& w : words) all.push_back(w.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

program::program(std::vector<std::string> words, const std::map<std::string, std::string>& environment, program_files files) {
  std::vector<std::string> settings;
  for (char** e = environ; *e; ++e) {
    const std::string setting = *e;
    if (!environment.contains(setting.substr(0, setting.find('=')))) settings.push_back(setting);
  }
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  const auto argv = pointers(words), envp = pointers(settings);

  int in[2] = {-1, -1}, out[2] = {-1, -1};
  if (files.input && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) throw std::runtime_error("no pipe");
  if (files.answers && ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int from = files.input ? in[0] : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int to = files.answers ? out[1] : open_for_output(files.out);
  const int err = open_for_output(files.err);
  id_ = ::fork();
  if (id_ == 0) {
    // Between fork and exec of a process with threads only calls that a signal handler may make.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(from, 0);
    ::dup2(to, 1);
    ::dup2(err, 2);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  for (const int fd : {from, to, err}) ::close(fd);
  in_ = in[1];
  out_ = out[0];
  if (id_ < 0) throw std::runtime_error("fork failed");
  watch_ = int(::syscall(SYS_pidfd_open, id_, 0));
}

program::~program() {
  if (!end_) {
    signal(SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  for (const int fd : {watch_, in_, out_})
    if (fd >= 0) ::close(fd);
}

std::optional<program_end> program::ended(std::chrono::milliseconds at_most) {
  if (end_) return end_;
  pollfd waits{watch_, POLLIN, 0};
  if (::poll(&waits, 1, int(at_most.count())) <= 0) return std::nullopt;
  int status = 0;
  ::waitpid(id_, &status, 0);
  end_ = WIFSIGNALED(status) ? program_end{0, WTERMSIG(status)} : program_end{WEXITSTATUS(status), 0};
  return end_;
}

void program::signal(int number) const {
  if (!end_) ::kill(id_, number);
}

std::string program::ask(const std::string& line) {
  const auto text = line + "\n";
  if (::send(in_, text.data(), text.size(), MSG_NOSIGNAL) != ssize_t(text.size())) throw std::runtime_error("it no longer listens to: " + line);
  for (;;) {
    if (const auto end = read_.find('\n'); end != read_.npos) {
      const auto answer = read_.substr(0, end);
      read_.erase(0, end + 1);
      return answer;
    }
    char buffer[4096];
    const auto n = ::read(out_, buffer, sizeof buffer);
    if (n <= 0) throw std::runtime_error("it gave no answer to: " + line);
    read_.append(buffer, std::size_t(n));
  }
}

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

program_result run_program(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment, const std::string& scratch, std::chrono::milliseconds at_most) {
  static std::atomic<int> number{0};
  const auto base = scratch + "/command-" + std::to_string(++number);
  program_result result;
  {
    program p(words, environment, {.out = base + ".out", .err = base + ".err"});
    if (const auto end = p.ended(at_most)) result.end = *end;
    else result.end = {0, SIGKILL};
  }
  result.out = text_of_file(base + ".out");
  result.err = text_of_file(base + ".err");
  ::unlink((base + ".out").c_str());
  ::unlink((base + ".err").c_str());
  return result;
}

}  // namespace steward::proof
