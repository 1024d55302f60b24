/// The life of an engine in a process of its own, which can be killed.
#pragma once
#include <string>
#include <vector>

#include <sys/types.h>

namespace steward::bench {

/// This program in another process, with a pipe from its standard output. Killed at the end, where it has not ended itself.
class child_process {
public:
  /// `role` says what it does: `run_engine_process` knows them.
  child_process(const std::string& role, std::vector<std::string> words);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// The next line that it says; empty at its end.
  std::string line();
  int out() const { return out_; }

private:
  pid_t process_ = -1;
  int out_ = -1;
};

// The roles of each workload.
int recovery_process(const std::string& role, const std::vector<std::string>& words);  // first, second
int restart_process(const std::string& role, const std::vector<std::string>& words);   // build, again

}  // namespace steward::bench
