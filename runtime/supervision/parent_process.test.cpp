#include "runtime/supervision/parent_process.hpp"

#include <csignal>
#include <deque>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

/// A machine on paper: each start plays the next script, time moves by what is waited for.
struct paper_machine final : process_door {
  struct life {
    duration lives{};                    // until it ends by itself, or is asked to stop …
    process_end end{};
    bool signal_comes = false;           // … when a signal comes to the parent instead
    std::optional<duration> obeys_in = 0s;  // after the request to end; nothing: never
  };
  manual_clock time;
  std::deque<life> lives;
  std::deque<duration> signals_while_stopping;  // a further signal, so long after the first
  bool signal_between = false;                   // while the parent waits to restart
  std::optional<life> now;
  bool asked = false, killed = false;
  int starts = 0;
  std::vector<duration> waits;

  result<void> start(const std::vector<std::string>&) override {
    if (lives.empty()) return error{"program_not_started", "engine", "no such file"};
    now = lives.front();
    lives.pop_front();
    asked = killed = false;
    ++starts;
    return {};
  }
  void ask_to_end() override { asked = true; }
  void kill() override { killed = true; }
  process_news wait(std::optional<duration> at_most) override {
    using what = process_news::what;
    if (!now) {
      waits.push_back(*at_most);
      if (signal_between) return {what::asked_to_stop, {}};
      time.advance(*at_most);
      return {};
    }
    if (killed) return ended({137, 9});
    if (asked) {
      if (!signals_while_stopping.empty()) {
        signals_while_stopping.pop_front();
        return {what::asked_to_stop, {}};
      }
      if (now->obeys_in && *now->obeys_in <= *at_most) return ended(now->end);
      time.advance(*at_most);
      return {};
    }
    time.advance(now->lives);
    return now->signal_comes ? process_news{what::asked_to_stop, {}} : ended(now->end);
  }
  process_news ended(process_end end) {
    now.reset();
    return {process_news::what::ended, end};
  }
};

struct played {
  result<int> code;
  std::vector<std::string> said;
};
played play(paper_machine& machine, parent_settings settings = {}) {
  std::vector<std::string> said;
  settings.waits.jitter = 0;
  settings.say = [&](const std::string& s) { said.push_back(s); };
  auto random = make_seeded_random(1);
  auto code = run_parent(settings, machine, machine.time, *random);
  return {code, said};
}

played run_for_real(const std::string& script, parent_settings settings = {}) {
  std::vector<std::string> said;
  settings.engine = {"/bin/sh", "-c", script};
  settings.waits = {.first = 1ms, .most = 1ms, .jitter = 0};
  settings.say = [&](const std::string& s) { said.push_back(s); };
  auto random = make_seeded_random(1);
  const auto door = make_process_door();
  const auto time = make_system_clock();
  auto code = run_parent(settings, *door, *time, *random);
  return {code, said};
}

}  // namespace

TEST_CASE("parent process ends with the engine's code when it ends normally") {
  paper_machine machine;
  machine.lives = {{.lives = 3h, .end = {0, 0}}};
  const auto p = play(machine);
  CHECK(p.code.value() == 0);
  CHECK(p.said.empty());
  CHECK(machine.starts == 1);
}

TEST_CASE("parent process starts a crashed engine again after waits that grow, and gives up beyond the window") {
  paper_machine machine;
  machine.lives.assign(4, {.lives = 1s, .end = {139, 11}});
  const auto p = play(machine);
  CHECK(p.code.value() == 139);
  CHECK(machine.starts == 4);
  CHECK(machine.waits == std::vector<duration>{500ms, 1s, 2s});
  CHECK(p.said == std::vector<std::string>{
                      "The engine was ended by signal 11 (Segmentation fault). It is started again in 500ms (restart 1 of 3 within 10m).",
                      "The engine was ended by signal 11 (Segmentation fault). It is started again in 1s (restart 2 of 3 within 10m).",
                      "The engine was ended by signal 11 (Segmentation fault). It is started again in 2s (restart 3 of 3 within 10m).",
                      "The engine was ended by signal 11 (Segmentation fault). It was restarted 3 times within 10m, so it is not started again. All that is on disk is safe; "
                      "'steward doctor' looks for the cause."});
}

TEST_CASE("parent process restarts for years an engine that falls once a day, with the shortest wait") {
  paper_machine machine;
  machine.lives.assign(1000, {.lives = 24h, .end = {exit_engine_lost, 0}});
  machine.lives.push_back({.end = {0, 0}});
  const auto p = play(machine);
  CHECK(p.code.value() == 0);
  CHECK(machine.starts == 1001);
  CHECK(machine.waits == std::vector<duration>(1000, 500ms));
}

TEST_CASE("parent process does not restart an engine whose end a restart can't better") {
  paper_machine machine;
  machine.lives = {{.lives = 1s, .end = {2, 0}}};
  CHECK(play(machine, {.final_codes = {0, 2}}).code.value() == 2);
  CHECK(machine.starts == 1);
}

TEST_CASE("parent process that is asked to stop asks the engine, and ends with its code") {
  paper_machine machine;
  machine.lives = {{.lives = 1h, .end = {0, 0}, .signal_comes = true, .obeys_in = 29s}};
  const auto p = play(machine);
  CHECK(p.code.value() == 0);
  CHECK(machine.asked);
  CHECK_FALSE(machine.killed);
  CHECK(p.said.empty());
}

TEST_CASE("parent process kills an engine that does not end within the deadline") {
  paper_machine machine;
  machine.lives = {{.signal_comes = true, .obeys_in = std::nullopt}};
  const auto before = machine.time.now();
  const auto p = play(machine);
  CHECK(p.code.value() == 137);
  CHECK(machine.time.now() - before == 30s);
  CHECK(p.said == std::vector<std::string>{"The engine did not end within 30s: it is killed. What was under way is taken up at the next start."});
}

TEST_CASE("parent process kills the engine when it is asked twice") {
  paper_machine machine;
  machine.lives = {{.signal_comes = true, .obeys_in = 29s}};
  machine.signals_while_stopping = {1s};
  const auto p = play(machine);
  CHECK(p.code.value() == 137);
  CHECK(p.said == std::vector<std::string>{"Asked twice: it is killed. What was under way is taken up at the next start."});
}

TEST_CASE("parent process that is asked to stop between two starts starts nothing more") {
  paper_machine machine;
  machine.lives.assign(2, {.end = {1, 0}});
  machine.signal_between = true;
  CHECK(play(machine).code.value() == 0);
  CHECK(machine.starts == 1);
}

TEST_CASE("parent process says when the engine's program can't be started") {
  paper_machine machine;
  CHECK(play(machine).code.error().code == "program_not_started");
  const auto door = make_process_door();
  CHECK(to_sentence(door->start({"/nowhere/steward"}).error()) == "/nowhere/steward: the program could not be started: No such file or directory. [program_not_started]");
}

TEST_CASE("parent process hands on the exit code of a real process") {
  CHECK(run_for_real("exit 3", {.final_codes = {3}}).code.value() == 3);
  const auto p = run_for_real("exit 3", {.at_most = {2, 1h}});
  CHECK(p.code.value() == 3);
  CHECK(p.said.size() == 3);
  CHECK(p.said[0] == "The engine ended with exit code 3. It is started again in 1ms (restart 1 of 2 within 1h).");
}

TEST_CASE("parent process tells a signal that ended a real process") {
  const auto p = run_for_real("kill -KILL $$", {.at_most = {0, 1h}});
  CHECK(p.code.value() == 137);
  CHECK(p.said.at(0).starts_with("The engine was ended by signal 9 (Killed)."));
}

TEST_CASE("parent process passes a real signal on, and a real process that ignores it is killed") {
  // The child signals its parent, which is this process, when it is ready.
  CHECK(run_for_real("trap 'exit 5' TERM; kill -TERM $PPID; while :; do :; done").code.value() == 5);
  const auto p = run_for_real("trap '' TERM; kill -INT $PPID; exec sleep 60", {.stop_within = 50ms});
  CHECK(p.code.value() == 137);
  CHECK(p.said.at(0).starts_with("The engine did not end within 50ms: it is killed."));
}

TEST_CASE("engine process ends when its parent is killed") {
  int alive[2], never[2];  // The engine holds an end of `alive` as long as it lives, and reads from `never`.
  REQUIRE(::pipe(alive) == 0);
  REQUIRE(::pipe(never) == 0);
  const auto parent = ::fork();
  if (parent == 0) {
    ::close(alive[0]);
    ::dup2(never[0], 0);
    ::close(never[1]);
    const auto door = make_process_door();
    const auto started = door->start({"/bin/sh", "-c", "read line"});
    ::kill(::getpid(), started ? SIGKILL : SIGABRT);
  }
  ::close(alive[1]);
  int status = 0;
  REQUIRE(::waitpid(parent, &status, 0) == parent);
  REQUIRE(WTERMSIG(status) == SIGKILL);
  pollfd gone{alive[0], POLLIN, 0};
  CHECK(::poll(&gone, 1, 30'000) == 1);  // for a busy machine; it takes a moment
  CHECK((gone.revents & POLLHUP) != 0);
  for (const int end : {alive[0], never[0], never[1]}) ::close(end);
}
