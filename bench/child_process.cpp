#include "bench/child_process.hpp"

#include <csignal>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include "bench/workloads.hpp"

namespace steward::bench {

child_process::child_process(const std::string& role, std::vector<std::string> words) {
  words.insert(words.begin(), {"steward_bench", "--engine-process", role});
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(ends[1], 1);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  out_ = ends[0];
}

std::string child_process::line() {
  std::string text;
  for (char c = 0; ::read(out_, &c, 1) == 1 && c != '\n';) text += c;
  return text;
}

child_process::~child_process() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::close(out_);
}

int run_engine_process(const std::string& role, const std::vector<std::string>& words) {
  return role == "first" || role == "second" ? recovery_process(role, words) : restart_process(role, words);
}

}  // namespace steward::bench
