/// W4: the real program in a fresh workspace: from the start of the process to the first finished step, and memory when idle.
#include <fstream>
#include <stdexcept>

#include <csignal>
#include <filesystem>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr int settles_in_ms = 6000;  // what a start leaves to be done (indexes, the head, unmapping) is done by then, and the first rounds of polls

/// The program at work; everything that it says comes through one pipe.
struct program_process {
  pid_t process = -1;
  int said = -1;
  program_process(const std::string& program, std::vector<std::string> words) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    words.insert(words.begin(), "steward");
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    process = ::fork();
    if (process == 0) {
      ::dup2(ends[1], 1);
      ::dup2(ends[1], 2);
      ::execv(program.c_str(), argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    said = ends[0];
  }
  /// Reads until `word` stands in what it said.
  void wait_for(const std::string& word) {
    std::string text;
    char buffer[4096];
    while (text.find(word) == text.npos) {
      const auto got = ::read(said, buffer, sizeof buffer);
      if (got <= 0) throw std::runtime_error("w4: it ended without saying " + word + ": " + text);
      text.append(buffer, std::size_t(got));
    }
  }
  ~program_process() {
    ::kill(process, SIGTERM);
    char rest[4096];
    while (::read(said, rest, sizeof rest) > 0) {}
    ::waitpid(process, nullptr, 0);
    ::close(said);
  }
};

void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

/// The engine below the small process that watches it; 0 where there is none.
pid_t child_of_process(pid_t parent) {
  std::ifstream children("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
  pid_t child = 0;
  children >> child;
  return child;
}

}  // namespace

measurement cold_start(const bench_options& options) {
  std::string program = options.program;
#ifdef STEWARD_PROGRAM
  if (program.empty()) program = STEWARD_PROGRAM;
#endif
  const scratch folder(options.folder + "/w4");
  write(folder.path + "/company.yaml", "company: Cold start\n");
  write(folder.path + "/workflows/hello.yaml",
        "workflow: hello\nversion: 1\npurpose: Writes one thing down.\nsteps:\n  - note: {remember: company, about: hello, text: Hello}\n  - finish: {as: done}\nif_a_step_fails: ask_operator\n");
  double first_step = 0;
  {
    const double start = seconds_now();
    program_process once(program, {"--workspace", folder.path, "--json", "run", "hello"});
    once.wait_for("finished");
    first_step = seconds_now() - start;
  }
  program_process idle(program, {"--workspace", folder.path, "--json", "up"});
  idle.wait_for("ready");
  ::poll(nullptr, 0, settles_in_ms);
  const auto engine = child_of_process(idle.process);
  if (engine == 0) throw std::runtime_error("w4: the engine's process is not there");
  // What both processes have in common (the program and its libraries) counts once in the share, and twice in a sum of RSS.
  return {"w4", {}, {{"first_step_ms", first_step * 1e3}, {"idle_rss_mb", rss_mb(engine)}, {"watcher_rss_mb", rss_mb(idle.process)}, {"idle_pss_mb", pss_mb(idle.process) + pss_mb(engine)}}};
}

}  // namespace steward::bench
