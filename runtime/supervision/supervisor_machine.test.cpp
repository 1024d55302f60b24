#include "runtime/supervision/supervisor_machine.hpp"

#include <map>

#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

/// Carries out the orders in a world where time is a number: children start, obey and fail as the test says.
struct world {
  supervisor_machine machine;
  time_point now{1000h};
  std::multimap<time_point, std::uint64_t> timers{};
  std::set<std::string> up{}, refuses_to_start{}, ignores_stop{};
  std::vector<std::string> log{};
  bool finished = false;
  bool in_order = false;  // nobody may start while one before it waits

  void carry_out(orders todo) {
    for (std::size_t i = 0; i < todo.size(); ++i) {
      const auto o = todo[i];
      orders more;
      switch (o.what) {
        case deed::start:
          REQUIRE_FALSE(up.contains(o.child));  // never two of one child
          for (const auto& s : machine.status(now)) {
            if (s.id == o.child) break;
            if (in_order) REQUIRE(s.state != child_state::waiting);
          }
          if (refuses_to_start.contains(o.child)) {
            log.push_back("no " + o.child);
            more = machine.ended(o.child, ending::start_failure, {fault_kind::process, "child_did_not_start", "no port is free."}, now);
          } else {
            log.push_back("+" + o.child);
            up.insert(o.child);
            more = machine.started(o.child, now);
          }
          break;
        case deed::ask_to_stop:
          log.push_back("-" + o.child);
          if (ignores_stop.contains(o.child)) timers.emplace(now + o.after, o.token);
          else {
            up.erase(o.child);
            more = machine.ended(o.child, ending::shutdown, {}, now);
          }
          break;
        case deed::kill:
          log.push_back("kill " + o.child);
          up.erase(o.child);
          break;
        case deed::wait: timers.emplace(now + o.after, o.token); break;
        case deed::stay_down: log.push_back("down " + o.child + ": " + o.why->sentence); break;
        case deed::removed: log.push_back("forget " + o.child); break;
        case deed::end_engine: log.push_back("end engine: " + o.why->sentence); break;
        case deed::finish:
          REQUIRE_FALSE(finished);
          REQUIRE(up.empty());
          finished = true;
          log.push_back(o.why ? "give up: " + o.why->sentence : "finish");
          break;
      }
      todo.insert(todo.end(), more.begin(), more.end());
    }
  }
  void ends(const std::string& id, ending how = ending::crash) {
    up.erase(id);
    carry_out(machine.ended(id, how, {fault_kind::process, "child_crashed", "the mailbox is full."}, now));
  }
  void pass(duration d) {
    const auto until = now + d;
    while (!timers.empty() && timers.begin()->first <= until) {
      const auto [at, token] = *timers.begin();
      timers.erase(timers.begin());
      now = std::max(now, at);
      carry_out(machine.timer(token, now));
    }
    now = until;
  }
  /// What was logged since the last call, in one line.
  std::string seen() {
    std::string line;
    for (const auto& l : log) line += (line.empty() ? "" : " ") + l;
    log.clear();
    return line;
  }
  child_status status(const std::string& id) {
    for (const auto& s : machine.status(now))
      if (s.id == id) return s;
    return {};
  }
};

child_spec child(std::string id, child_kind kind = child_kind::permanent) {
  return {.id = std::move(id), .kind = kind, .stop_within = 5s, .waits = {.first = 1s, .most = 1min, .factor = 2, .jitter = 0}};
}

world begun(strategy how, std::vector<child_spec> children, restart_limit at_most = {3, 10min}) {
  world w{{"desk", {.how = how, .at_most = at_most}, children, make_seeded_random(1)}};
  w.carry_out(w.machine.begin());
  return w;
}

const std::vector<child_spec> abc{child("a"), child("b"), child("c")};

}  // namespace

TEST_CASE("supervisor starts its children in order and stops them in reverse") {
  const auto how = GENERATE(strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one);
  auto w = begun(how, abc);
  CHECK(w.seen() == "+a +b +c");
  w.carry_out(w.machine.stop());
  CHECK(w.seen() == "-c -b -a finish");
}

TEST_CASE("supervisor restarts one child alone after a wait that grows with each fault") {
  auto w = begun(strategy::one_for_one, abc, {10, 1min});
  w.seen();
  for (const duration wait : {1s, 2s, 4s}) {
    w.ends("b");
    w.pass(wait - 1us);
    CHECK(w.seen().empty());
    w.pass(1us);
    CHECK(w.seen() == "+b");
  }
  w.pass(2min);  // It lived longer than the window: the waits start over.
  w.ends("b");
  w.pass(1s);
  CHECK(w.seen() == "+b");
  CHECK(w.status("b").incarnation == 5);
}

TEST_CASE("supervisor with one_for_all stops the others in reverse and starts all in order after one wait") {
  auto w = begun(strategy::one_for_all, abc);
  w.seen();
  w.ends("b");
  CHECK(w.seen() == "-c -a");
  w.pass(1s);
  CHECK(w.seen() == "+a +b +c");
}

TEST_CASE("supervisor with rest_for_one leaves those alone that were started before") {
  auto w = begun(strategy::rest_for_one, abc);
  w.seen();
  w.ends("b");
  w.pass(1s);
  CHECK(w.seen() == "-c +b +c");
  w.ends("c");
  w.pass(1s);
  CHECK(w.seen() == "+c");
}

TEST_CASE("supervisor takes a second fault into a regrouping that is under way") {
  auto w = begun(strategy::rest_for_one, abc);
  w.seen();
  w.ends("b");
  w.pass(500ms);
  w.ends("a");
  CHECK(w.seen() == "-c");
  w.pass(1s);
  CHECK(w.seen() == "+a +b +c");
}

TEST_CASE("supervisor waits for a stubborn sibling up to its deadline, kills it, and goes on") {
  auto w = begun(strategy::one_for_all, abc);
  w.ignores_stop = {"c"};
  w.seen();
  w.ends("a");
  CHECK(w.seen() == "-c");
  w.pass(5s - 1us);
  CHECK(w.seen().empty());
  w.pass(1us);
  CHECK(w.seen() == "kill c -b");
  w.pass(1s);
  CHECK(w.seen() == "+a +b +c");
}

TEST_CASE("supervisor asks for a new process instead of replacing a child that could write beside its replacement") {
  auto children = abc;
  children[2].when_hung = hang_answer::end_engine;
  auto w = begun(strategy::one_for_all, children);
  w.ignores_stop = {"c"};
  w.seen();
  w.ends("a");
  w.pass(5s);
  CHECK(w.seen().starts_with("-c end engine: desk/c did not end within 5s kill c"));

  auto quiet = begun(strategy::one_for_all, children);
  quiet.ignores_stop = {"c"};
  quiet.seen();
  quiet.carry_out(quiet.machine.stop());
  quiet.pass(5s);
  CHECK(quiet.seen() == "-c kill c -b -a finish");
}

TEST_CASE("supervisor gives up at the fault beyond its window, stops the others, and says why") {
  const auto how = GENERATE(strategy::one_for_one, strategy::one_for_all, strategy::rest_for_one);
  auto w = begun(how, {child("a"), child("b")}, {2, 10min});
  for (int i = 0; i < 2; ++i) {
    w.ends("b");
    w.pass(10s);
  }
  w.seen();
  w.ends("b");
  CHECK(w.seen() == "-a give up: desk/b was restarted 2 times within 10m and failed again. It said: the mailbox is full.");
}

TEST_CASE("supervisor leaves a child with its own window down, and its siblings work on") {
  auto b = child("b");
  b.at_most = restart_limit{1, 10min};
  auto w = begun(strategy::one_for_one, {child("a"), b, child("c")}, {0, 10min});
  w.ends("b");
  w.pass(1s);
  w.seen();
  w.ends("b");
  CHECK(w.seen() == "down b: desk/b was restarted once within 10m and failed again. It said: the mailbox is full.");
  w.pass(1h);
  CHECK(w.seen().empty());
  CHECK(w.up == std::set<std::string>{"a", "c"});
  CHECK(w.status("b").state == child_state::down);
  SECTION("until the operator says retry, and then with an empty window") {
    w.carry_out(w.machine.retry("b").value());
    CHECK(w.seen() == "+b");
    w.ends("b");
    w.pass(1s);
    CHECK(w.seen() == "+b");
  }
}

TEST_CASE("supervisor never restarts what somebody must mend first") {
  auto b = child("b");
  b.at_most = restart_limit{5, 10min};
  auto w = begun(strategy::one_for_one, {child("a"), b});
  w.seen();
  w.ends("b", ending::beyond_repair);
  CHECK(w.seen() == "down b: the mailbox is full.");
  w.ends("a", ending::beyond_repair);
  CHECK(w.seen() == "give up: the mailbox is full.");
}

TEST_CASE("supervisor counts a child that does not start like one that fell, and tries again") {
  world w{{"desk", {.how = strategy::rest_for_one, .at_most = {2, 10min}}, abc, make_seeded_random(1)}};
  w.refuses_to_start = {"b"};
  w.carry_out(w.machine.begin());
  CHECK(w.seen() == "+a no b");
  w.pass(1s);
  CHECK(w.seen() == "no b");
  SECTION("and goes on in order when it starts at last") {
    w.refuses_to_start.clear();
    w.pass(2s);
    CHECK(w.seen() == "+b +c");
  }
  SECTION("and gives up beyond the window") {
    w.pass(2s);
    CHECK(w.seen() == "no b -a give up: desk/b was restarted 2 times within 10m and failed again. It said: no port is free.");
  }
}

TEST_CASE("supervisor leaves finished work finished, also when the siblings are restarted") {
  auto w = begun(strategy::one_for_all, {child("a"), child("b", child_kind::transient), child("c", child_kind::temporary)});
  w.seen();
  w.ends("b", ending::normal);
  w.ends("a");
  w.pass(1s);
  CHECK(w.seen() == "-c +a");
  CHECK(w.status("b").state == child_state::ended);
}

TEST_CASE("supervisor starts a child that is added and forgets one that is removed") {
  auto w = begun(strategy::one_for_one, {child("a")});
  w.seen();
  w.carry_out(w.machine.add(child("b")).value());
  CHECK(w.seen() == "+b");
  CHECK(w.machine.add(child("b")).error().code == "child_exists");
  CHECK(w.machine.add(child("b/c")).error().code == "bad_supervision_tree");
  w.carry_out(w.machine.remove("b").value());
  CHECK(w.seen() == "-b forget b");
  CHECK(w.machine.remove("b").error().code == "no_such_child");
  w.carry_out(w.machine.add(child("b")).value());
  w.ends("b");
  w.carry_out(w.machine.remove("b").value());
  w.pass(1h);
  CHECK(w.seen() == "+b forget b");
  w.carry_out(w.machine.stop());
  CHECK(w.machine.add(child("d")).error().code == "supervisor_is_stopping");
  CHECK(w.machine.retry("a").error().code == "supervisor_is_stopping");
}

TEST_CASE("supervisor forgets an added child whose work is done, so that a year of runs leaves no trace") {
  auto w = begun(strategy::one_for_one, {});
  for (int i = 0; i < 1000; ++i) {
    const auto id = "run-" + std::to_string(i);
    w.carry_out(w.machine.add(child(id, child_kind::transient)).value());
    w.ends(id, ending::normal);
  }
  CHECK(w.machine.status(w.now).empty());
}

TEST_CASE("supervisor keeps its order and its window whatever falls whenever") {
  const auto seed = GENERATE(range(1, 200));
  CAPTURE(seed);
  auto random = make_seeded_random(std::uint64_t(seed));
  const auto pick = [&](std::size_t n) { return std::size_t(random->next() % n); };
  const auto how = strategy(pick(3));
  std::vector<child_spec> specs;
  for (const char* id : {"a", "b", "c", "d"}) specs.push_back(child(id, child_kind(pick(3))));
  const restart_limit limit{int(pick(6)), duration(std::int64_t(pick(60)) * 1'000'000 + 1)};
  auto w = begun(how, specs, limit);
  w.in_order = how != strategy::one_for_one;
  for (int step = 0; step < 200 && !w.finished; ++step) {
    w.refuses_to_start.clear();
    w.ignores_stop.clear();
    if (pick(5) == 0) w.refuses_to_start.insert(specs[pick(4)].id);
    if (pick(5) == 0) w.ignores_stop.insert(specs[pick(4)].id);
    const auto id = specs[pick(4)].id;
    if (w.up.contains(id)) w.ends(id, ending(pick(5)));
    w.pass(duration(std::int64_t(pick(20'000'000))));
    if (w.finished) break;
    REQUIRE(w.machine.status(w.now).front().restarts <= limit.at_most);
  }
  w.ignores_stop.clear();
  w.carry_out(w.machine.stop());
  w.pass(1h);
  CHECK(w.finished);
  CHECK(w.up.empty());
}
