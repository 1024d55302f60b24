#include "runtime/supervision/supervisor_actor.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <future>
#include <set>

#include "runtime/supervision/fault_error.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

struct simulated : caf::actor_system_config {
  simulated() { set("scheduler.policy", caf::atom("testing")); }
};

/// A child that does what it is told: fall, finish, or count. It is present as long as it holds `presence`.
caf::behavior worker(caf::event_based_actor* self, std::shared_ptr<int> counted, std::shared_ptr<void> presence) {
  keep_sentences(self);
  return {[](const std::string& sentence) { throw std::runtime_error(sentence); },
          [](fault_kind kind) { throw fault_thrown({kind, "broken_chain", "Event 7 was changed."}); },
          [=](caf::ok_atom) { self->quit(); },
          [counted, presence](int by) { *counted += by; }};
}

/// A tree in virtual time on the deterministic scheduler. What the listener hears is one line each.
struct world {
  simulated config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::scoped_actor self{system, true};
  std::vector<std::string> log;
  std::map<std::string, caf::strong_actor_ptr> handles;
  std::set<std::string> refuses_to_start, falls_in_its_body;
  std::set<caf::resumable*> frozen;  // their handlers hang
  std::shared_ptr<int> counted = std::make_shared<int>(0);
  std::vector<std::string> engine_lost;
  supervisor_actor root;
  caf::error root_ended;

  ~world() {
    frozen.clear();
    handles.clear();
    if (root) caf::anon_send_exit(root, caf::exit_reason::kill);
    root = nullptr;
    scheduler.run();
  }
  std::map<std::string, int> present;
  std::shared_ptr<void> presence_of(const std::string& path) {
    ++present[path];
    return {nullptr, [this, path](void*) { --present[path]; }};
  }
  start_child factory() {
    return [this](const start_context& at) {
      if (refuses_to_start.contains(at.path)) throw std::runtime_error("No port is free.");
      if (falls_in_its_body.contains(at.path))
        return caf::actor_cast<caf::strong_actor_ptr>(at.system.spawn([](caf::event_based_actor* me, const char* sentence) -> caf::behavior {
          keep_sentences(me);
          throw std::runtime_error(sentence);
        }, "The prompt is missing."));
      return caf::actor_cast<caf::strong_actor_ptr>(at.system.spawn(worker, counted, presence_of(at.path)));
    };
  }
  void begin(const supervision_tree& tree, const std::vector<std::string>& leaves) {
    supervision_settings settings;
    for (const auto& leaf : leaves) settings.starts[leaf] = factory();
    settings.threads = supervisor_threads::shared;
    settings.random = [](const std::string&) { return std::shared_ptr<random_source>(make_seeded_random(1)); };
    settings.on_engine_lost = [this](const fault& why) { engine_lost.push_back(why.sentence); };
    settings.listener = {
        .child_started = [this](const std::string& path, std::int64_t incarnation, const caf::strong_actor_ptr& handle) {
          log.push_back("+" + path + "#" + std::to_string(incarnation));
          handles[path] = handle;
        },
        .child_ended = [this](const std::string& path, ending how, const fault& why) {
          log.push_back(how == ending::shutdown ? "-" + path : path + " " + std::string(to_word(how)) + ": " + why.sentence);
        },
        .child_gave_up = [this](const std::string& path, const fault& why) { log.push_back(path + " gave up: " + why.sentence); },
        .lost_worker = [this](int count) { log.push_back("lost " + std::to_string(count)); },
    };
    auto spawned = spawn_supervisor(system, tree, std::move(settings));
    REQUIRE(spawned);
    root = *spawned;
    self->monitor(root);
    run();
  }
  std::unique_ptr<random_source> shuffle;  // there is one: messages are handled in an order of its choice
  void run() {
    for (auto& jobs = scheduler.jobs; shuffle && !jobs.empty(); scheduler.run_once())
      std::swap(jobs.front(), jobs[std::size_t(shuffle->next() % jobs.size())]);
    scheduler.run_jobs_filtered([this](caf::resumable* job) { return !frozen.contains(job); });
  }
  void pass(duration d, duration step = 50ms) {
    for (duration gone{0}; gone < d; gone += step) {
      scheduler.advance_time(step);
      run();
    }
  }
  template <class T>
  void tell(const std::string& path, T&& message) {
    caf::anon_send(caf::actor_cast<caf::actor>(handles.at(path)), std::forward<T>(message));
    run();
  }
  /// The answer, or the error's sentence in `refused`.
  std::string refused;
  template <class Answer, class Question>
  Answer ask(Question q) {
    Answer answer{};
    refused.clear();
    auto request = self->request(root, caf::infinite, std::move(q));
    run();
    request.receive([&](Answer& a) { answer = std::move(a); }, [&](caf::error& e) { refused = sentence_of(e); });
    return answer;
  }
  template <class Question>
  void order(Question q) {
    refused.clear();
    auto request = self->request(root, caf::infinite, std::move(q));
    run();
    request.receive([] {}, [&](caf::error& e) { refused = sentence_of(e); });
  }
  void stop() {
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
    run();
  }
  bool ended() {
    bool seen = false;
    self->receive([&](caf::down_msg& d) { root_ended = d.reason, seen = true; }, caf::after(0s) >> [] {});
    return seen;
  }
  std::string seen() {
    std::string text;
    for (const auto& line : log) text += line + "\n";
    log.clear();
    return text;
  }
};

child_spec quick(std::string id) { return {.id = std::move(id), .waits = {.first = 1s, .most = 10s, .factor = 2, .jitter = 0}}; }
supervision_tree leaf(child_spec spec) { return {std::move(spec), std::nullopt, {}}; }
supervision_tree group(std::string id, strategy how, restart_limit at_most, std::vector<supervision_tree> children) {
  return {quick(std::move(id)), group_spec{.how = how, .at_most = at_most}, std::move(children)};
}
supervision_tree pair_of(child_spec a, child_spec b, restart_limit at_most = {3, 10min}) {
  return group("engine", strategy::one_for_one, at_most, {leaf(std::move(a)), leaf(std::move(b))});
}

/// journal, coordinator, desk(roles): the engine's shape, with short waits.
supervision_tree small_engine() {
  return group("engine", strategy::rest_for_one, {3, 10min},
               {leaf(quick("journal")), leaf(quick("coordinator")), group("desk", strategy::one_for_one, {3, 10min}, {group("roles", strategy::one_for_one, {1, 10min}, {})})});
}

}  // namespace

TEST_CASE("supervision starts the engine's tree in order and stops it in reverse") {
  world w;
  w.begin(engine_tree(), {"journal", "coordinator"});
  CHECK(w.seen() == "+journal#1\n+coordinator#1\n+desk#1\n+desk/connectors#1\n+desk/memory#1\n+desk/roles#1\n");
  w.stop();
  CHECK(w.seen() == "-desk/roles\n-desk/memory\n-desk/connectors\n-desk\n-coordinator\n-journal\n");
  CHECK(w.ended());
  CHECK(w.root_ended == caf::exit_reason::user_shutdown);
}

TEST_CASE("supervision restarts a child that threw, keeps its sentence, and leaves its sibling alone") {
  world w;
  w.begin(pair_of(quick("a"), quick("b")), {"a", "b"});
  const auto sibling = w.handles["b"];
  w.seen();
  w.tell("a", std::string("The answer of the model has no sources."));
  CHECK(w.seen() == "a crash: The answer of the model has no sources.\n");
  CHECK(w.ask<caf::strong_actor_ptr>(which_child{"a"}) == nullptr);
  CHECK(w.refused == "a: there is no such child that is up. Expected a path of the supervision tree.");
  w.pass(1s);
  CHECK(w.seen() == "+a#2\n");
  CHECK(w.ask<caf::strong_actor_ptr>(which_child{"a"}) == w.handles["a"]);
  CHECK(w.ask<caf::strong_actor_ptr>(which_child{"b"}) == sibling);
}

TEST_CASE("supervision takes down all that stands on a fallen journal and brings it back, added children too") {
  world w;
  w.begin(small_engine(), {"journal", "coordinator"});
  w.order(add_child{"desk/roles", quick("researcher"), w.factory()});
  CHECK(w.refused.empty());
  CHECK(w.seen() == "+journal#1\n+coordinator#1\n+desk#1\n+desk/roles#1\n+desk/roles/researcher#1\n");
  w.tell("journal", std::string("The disk is gone."));
  CHECK(w.seen() == "journal crash: The disk is gone.\n-desk/roles/researcher\n-desk/roles\n-desk\n-coordinator\n");
  w.pass(1s);
  CHECK(w.seen() == "+journal#2\n+coordinator#2\n+desk#2\n+desk/roles#1\n+desk/roles/researcher#1\n");
  w.tell("coordinator", std::string("A fold went wrong."));
  w.pass(1s);
  CHECK(w.seen() == "coordinator crash: A fold went wrong.\n-desk/roles/researcher\n-desk/roles\n-desk\n+coordinator#3\n+desk#3\n+desk/roles#1\n+desk/roles/researcher#1\n");
}

TEST_CASE("supervision hands a fault up level by level until the root gives up with the last words") {
  world w;
  w.begin(group("engine", strategy::one_for_one, {1, 1h}, {group("desk", strategy::one_for_one, {1, 1h}, {leaf(quick("a"))})}), {"desk/a"});
  w.seen();
  const auto fall = [&] {
    w.tell("desk/a", std::string("The prompt is broken."));
    w.pass(2s);
  };
  fall();
  CHECK(w.seen() == "desk/a crash: The prompt is broken.\n+desk/a#2\n");
  fall();
  CHECK(w.seen() ==
        "desk/a crash: The prompt is broken.\n"
        "desk crash: desk/a was restarted once within 1h and failed again. It said: The prompt is broken.\n"
        "+desk#2\n+desk/a#1\n");
  fall();
  w.seen();
  fall();
  CHECK(w.seen() ==
        "desk/a crash: The prompt is broken.\n"
        "desk crash: desk/a was restarted once within 1h and failed again. It said: The prompt is broken.\n"
        "engine gave up: desk was restarted once within 1h and failed again. It said: desk/a was restarted once within 1h and failed again. It said: The prompt is broken.\n");
  REQUIRE(w.ended());
  CHECK(fault_of(w.root_ended).code == "restart_window_used_up");
}

TEST_CASE("supervision passes a data fault straight up: no restart mends a broken chain") {
  world w;
  w.begin(small_engine(), {"journal", "coordinator"});
  w.seen();
  w.tell("journal", fault_kind::data);
  CHECK(w.seen() == "journal beyond_repair: Event 7 was changed.\n-desk/roles\n-desk\n-coordinator\nengine gave up: Event 7 was changed.\n");
  REQUIRE(w.ended());
  CHECK(fault_of(w.root_ended) == fault{fault_kind::data, "broken_chain", "Event 7 was changed."});
}

TEST_CASE("supervision keeps the sentence of a factory that throws and of an actor that falls in its body") {
  world w;
  w.refuses_to_start = {"a"};
  w.falls_in_its_body = {"b"};
  w.begin(pair_of(quick("a"), quick("b")), {"a", "b"});
  CHECK(w.seen() == "a start_failure: No port is free.\n+b#1\nb crash: The prompt is missing.\n");
  w.refuses_to_start.clear();
  w.falls_in_its_body.clear();
  w.pass(1s);
  CHECK(w.seen() == "+a#2\n+b#2\n");
}

TEST_CASE("supervision leaves a hung child behind, starts another, and counts its worker until the handler returns") {
  world w;
  auto a = quick("a");
  a.hangs_after = 2s;
  w.begin(pair_of(a, quick("b")), {"a", "b"});
  w.seen();
  w.pass(1min);
  CHECK(w.seen().empty());
  const auto hung = w.handles["a"];
  w.frozen.insert(dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(hung)));
  w.pass(6s);
  CHECK(w.seen() == "lost 1\na hang: a did not answer for 2s: a handler hangs.\n+a#2\n");
  CHECK(w.engine_lost.empty());
  w.frozen.clear();
  w.run();
  CHECK(w.seen() == "lost 0\n");
  w.tell("a", 5);
  CHECK(*w.counted == 5);
}

TEST_CASE("supervision gives the engine up at the second worker that is lost at once") {
  world w;
  auto a = quick("a"), b = quick("b");
  a.hangs_after = b.hangs_after = 2s;
  w.begin(pair_of(a, b), {"a", "b"});
  for (const auto& [path, handle] : w.handles) w.frozen.insert(dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(handle)));
  w.pass(3s);
  REQUIRE(w.engine_lost.size() == 0);
  w.pass(2s);
  REQUIRE(w.engine_lost.size() == 1);
  CHECK(w.engine_lost[0].ends_with("did not answer for 2s: a handler hangs."));
}

TEST_CASE("supervision gives the engine up at once when a child hangs that must never be doubled") {
  world w;
  auto a = quick("a");
  a.hangs_after = 2s;
  a.when_hung = hang_answer::end_engine;
  w.begin(pair_of(a, quick("b")), {"a", "b"});
  w.frozen.insert(dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(w.handles["a"])));
  w.pass(5s);
  CHECK(w.engine_lost == std::vector<std::string>{"a did not answer for 2s: a handler hangs."});
}

TEST_CASE("supervision does not take a flooded child for a hung one") {
  world w;
  auto a = quick("a");
  a.hangs_after = 2s;
  w.begin(pair_of(a, quick("b")), {"a", "b"});
  w.seen();
  const auto flooded = caf::actor_cast<caf::actor>(w.handles["a"]);
  auto* job = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(flooded));
  for (int i = 0; i < 1000; ++i) caf::anon_send(flooded, 1);
  // It gets through ten messages a second: the last would be reached after 100 s.
  w.frozen.insert(job);
  for (int tick = 0; tick < 300; ++tick) {
    w.pass(100ms);
    if (w.scheduler.prioritize(flooded)) w.scheduler.run_once();
  }
  CHECK(w.seen().empty());
  CHECK(*w.counted > 200);
  CHECK(*w.counted < 1000);
}

TEST_CASE("supervision adds, shows, retries and removes children by their path from the root") {
  world w;
  w.begin(small_engine(), {"journal", "coordinator"});
  auto spec = quick("editor");
  spec.at_most = restart_limit{0, 10min};
  w.order(add_child{"desk/roles", spec, w.factory()});
  CHECK(w.ask<caf::strong_actor_ptr>(which_child{"desk/roles/editor"}) == w.handles["desk/roles/editor"]);
  w.order(add_child{"desk/roles", spec, w.factory()});
  CHECK(w.refused.starts_with("desk/roles/editor: there is a child of this name already."));
  w.order(add_child{"desk/nobody", spec, w.factory()});
  CHECK(w.refused.starts_with("desk/nobody: there is no such child"));
  w.seen();

  w.tell("desk/roles/editor", std::string("The voice is lost."));
  CHECK(w.seen() ==
        "desk/roles/editor crash: The voice is lost.\n"
        "desk/roles/editor gave up: desk/roles/editor failed and is not to be restarted. It said: The voice is lost.\n");
  const auto listed = w.ask<children_listed>(list_children{"desk/roles"}).children;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0] == child_status{"editor", child_state::down, 1, 0, fault{fault_kind::process, "child_crashed", "The voice is lost."}});
  w.order(retry_child{"desk/roles/editor"});
  CHECK(w.seen() == "+desk/roles/editor#2\n");

  CHECK(w.ask<child_removed>(remove_child{"desk/roles/editor"}).path == "desk/roles/editor");
  CHECK(w.seen() == "-desk/roles/editor\n");
  CHECK(w.ask<children_listed>(list_children{"desk/roles"}).children.empty());
  w.ask<child_removed>(remove_child{"desk/roles/editor"});
  CHECK(w.refused.starts_with("desk/roles/editor: there is no such child"));
  w.order(retry_child{"desk/roles/editor"});
  CHECK(w.refused.starts_with("desk/roles/editor: there is no such child"));
  CHECK(w.ask<children_listed>(list_children{""}).children.size() == 3);
  w.tell("journal", std::string("x"));
  w.pass(1s);
  CHECK(w.seen().find("editor") == std::string::npos);  // removed is removed, also after its supervisor came back
}

TEST_CASE("supervision that is killed takes its children along, and they come back once") {
  world w;
  w.begin(small_engine(), {"journal", "coordinator"});
  w.order(add_child{"desk/roles", quick("editor"), w.factory()});
  const auto old = w.handles["desk/roles/editor"];
  w.seen();
  w.self->monitor(caf::actor_cast<caf::actor>(old));
  caf::anon_send_exit(caf::actor_cast<caf::actor>(w.handles["desk/roles"]), caf::exit_reason::kill);
  w.run();
  bool died = false;
  w.self->receive([&](caf::down_msg& d) { died = d.source == old; }, caf::after(0s) >> [] {});
  CHECK(died);
  CHECK(w.seen() == "desk/roles crash: It was killed.\n");
  w.pass(1s);
  CHECK(w.seen() == "+desk/roles#2\n+desk/roles/editor#1\n");
}

TEST_CASE("supervision that stops kills a child at its deadline and goes on with the next") {
  world w;
  w.begin(pair_of(quick("a"), quick("b")), {"a", "b"});
  w.seen();
  w.frozen.insert(dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(w.handles["b"])));
  w.stop();
  w.pass(4900ms);
  CHECK(w.seen().empty());
  w.pass(100ms);
  CHECK(w.seen() == "-b\n-a\n");
  CHECK(w.ended());
}

TEST_CASE("supervision does not begin with a tree that lacks a factory, or has one too many") {
  world w;
  CHECK(spawn_supervisor(w.system, pair_of(quick("a"), quick("a")), {}).error().code == "bad_supervision_tree");
  supervision_settings settings;
  settings.starts["a"] = w.factory();
  CHECK(to_sentence(spawn_supervisor(w.system, pair_of(quick("a"), quick("b")), settings).error()) ==
        "b: nothing says how to start it. Expected a factory for each leaf of the tree. [no_such_child]");
  settings.starts["b"] = settings.starts["c"] = w.factory();
  CHECK(to_sentence(spawn_supervisor(w.system, pair_of(quick("a"), quick("b")), settings).error()) ==
        "c: there is a factory for it, but the tree has no such leaf. [no_such_child]");
}

TEST_CASE("supervision has one of each child up again, whatever fell and in whatever order the messages came") {
  const auto seed = GENERATE(range(1, 60));
  CAPTURE(seed);
  world w;
  w.shuffle = make_seeded_random(std::uint64_t(seed));
  auto tree = small_engine();
  tree.group->how = strategy(seed % 3);
  tree.group->at_most = tree.children[2].group->at_most = {1000, 1h};
  w.begin(tree, {"journal", "coordinator"});
  auto spec = quick("editor");
  spec.at_most = restart_limit{1000, 1h};
  w.order(add_child{"desk/roles", spec, w.factory()});
  const std::vector<std::string> paths{"journal", "coordinator", "desk", "desk/roles", "desk/roles/editor"};
  for (int step = 0; step < 30; ++step) {
    for (auto falls = w.shuffle->next() % 4; falls > 0; --falls) {
      const auto path = paths[std::size_t(w.shuffle->next() % paths.size())];
      const auto victim = caf::actor_cast<caf::actor>(w.handles.at(path));
      const bool is_supervisor = path == "desk" || path == "desk/roles";
      if (is_supervisor || w.shuffle->next() % 2) caf::anon_send_exit(victim, caf::exit_reason::kill);
      else caf::anon_send(victim, std::string("It fell."));
    }
    w.run();
    w.pass(duration(std::int64_t(w.shuffle->next() % 3'000'000)), 100ms);
    for (const auto& [path, count] : w.present) REQUIRE(count <= 1);
  }
  w.pass(2min);
  CHECK(w.present == std::map<std::string, int>{{"journal", 1}, {"coordinator", 1}, {"desk/roles/editor", 1}});
  for (const auto& path : paths) CHECK(w.ask<caf::strong_actor_ptr>(which_child{path}) == w.handles.at(path));
  w.stop();
  w.pass(1min);
  CHECK(w.ended());
  CHECK(w.present == std::map<std::string, int>{{"journal", 0}, {"coordinator", 0}, {"desk/roles/editor", 0}});
}

TEST_CASE("supervision on its own threads sees two handlers that really hang and gives the engine up") {
  constexpr auto deadline = 30s;  // for a busy machine; it takes a tenth of a second
  std::promise<void> release;
  std::promise<std::string> lost;
  std::promise<void> restarted;
  const auto released = release.get_future().share();
  {
    caf::actor_system_config config;
    config.set("scheduler.max-threads", 4);
    caf::actor_system system{config};
    auto a = quick("a"), b = quick("b");
    a.hangs_after = b.hangs_after = 50ms;
    a.waits.first = b.waits.first = 1ms;
    supervision_settings settings;
    settings.starts["a"] = settings.starts["b"] = [&](const start_context& at) {
      return caf::actor_cast<caf::strong_actor_ptr>(at.system.spawn([&](caf::event_based_actor* self, std::int64_t incarnation) -> caf::behavior {
        if (incarnation == 1) self->send(self, 1);
        return {[&](int) { released.wait(); }};
      }, at.incarnation));
    };
    std::atomic<int> second{0};
    settings.listener.child_started = [&](const std::string&, std::int64_t incarnation, const caf::strong_actor_ptr&) {
      if (incarnation == 2 && ++second == 2) restarted.set_value();
    };
    std::atomic<bool> told{false};
    settings.on_engine_lost = [&](const fault& why) {
      if (!told.exchange(true)) lost.set_value(why.sentence);
    };
    auto root = spawn_supervisor(system, pair_of(a, b, {1000, 1min}), settings).value();
    auto words = lost.get_future();
    REQUIRE(words.wait_for(deadline) == std::future_status::ready);
    CHECK(words.get().find("did not answer for 50ms: a handler hangs.") != std::string::npos);
    REQUIRE(restarted.get_future().wait_for(deadline) == std::future_status::ready);
    release.set_value();
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
    root = nullptr;
  }
}
