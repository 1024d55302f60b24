/// A program under test as a process: started, spoken to, waited for, killed.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace steward::proof {

struct program_files {
  std::string out, err;   // appended to; empty: /dev/null
  bool input = false;     // a way to its stdin
  bool answers = false;   // a pipe from its stdout, instead of `out`
};

/// How it ended: by itself with `code`, or by `signal`.
struct program_end {
  int code = 0, signal = 0;
  bool operator==(const program_end&) const = default;
};

class program {
public:
  /// Starts words[0]; it ends with the thread that started it. Throws std::runtime_error.
  program(std::vector<std::string> words, const std::map<std::string, std::string>& environment, program_files files);
  ~program();  // kills it when it still runs
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  pid_t id() const { return id_; }
  /// Waits for its end, at most so long.
  std::optional<program_end> ended(std::chrono::milliseconds at_most);
  void signal(int number) const;
  /// One line to its stdin, one line back from its stdout. Throws when it is gone.
  std::string ask(const std::string& line);

private:
  pid_t id_ = -1;
  int watch_ = -1, in_ = -1, out_ = -1;
  std::optional<program_end> end_;
  std::string read_;
};

struct program_result {
  program_end end;
  std::string out, err;
};
/// Runs it to its end, at most so long; then it is killed (signal 9).
program_result run_program(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment, const std::string& scratch, std::chrono::milliseconds at_most);

std::string text_of_file(const std::string& path);

}  // namespace steward::proof
