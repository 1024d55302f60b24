#include "runtime/supervision/supervision_tree.hpp"

#include "tests/support/catch.hpp"

using namespace steward;
using namespace std::chrono_literals;

TEST_CASE("supervision tree of the engine reads as it is drawn") {
  CHECK(to_text(engine_tree()) ==
        "engine  rest_for_one, gives up after 3 in 10m, hangs after 30s (ends the engine), stops within 15s\n"
        "├─ journal  permanent, hangs after 1m (ends the engine), stops within 10s\n"
        "├─ coordinator  permanent, hangs after 30s (ends the engine), stops within 5s\n"
        "└─ desk  one_for_one, gives up after 3 in 10m, hangs after 30s (ends the engine), stops within 15s\n"
        "   ├─ connectors  one_for_one, gives up after 3 in 10m, hangs after 30s (ends the engine), stops within 15s\n"
        "   │  └─ (each connector)  permanent, stays down after 5 in 10m, hangs after 1m, stops within 5s\n"
        "   ├─ memory  one_for_one, gives up after 3 in 10m, hangs after 30s (ends the engine), stops within 15s\n"
        "   │  └─ (each store)  permanent, stays down after 3 in 10m, hangs after 1m, stops within 5s\n"
        "   └─ roles  one_for_one, gives up after 3 in 10m, hangs after 30s (ends the engine), stops within 15s\n"
        "      └─ (each role lane)  permanent, stays down after 3 in 10m, hangs after 10s, stops within 5s\n");
}

TEST_CASE("supervision tree of the engine passes its own check") { CHECK(check(engine_tree())); }

TEST_CASE("supervision tree gives the pattern of a new child by the path of its supervisor") {
  const auto lane = child_of(engine_tree(), "desk/roles", "researcher");
  REQUIRE(lane);
  CHECK(lane->id == "researcher");
  CHECK(lane->at_most == restart_limit{3, 10min});
  CHECK(child_of(engine_tree(), "desk/nobody", "x").error().found == "there is no 'nobody'");
  CHECK(child_of(engine_tree(), "journal", "x").error().found == "nothing is added here while it runs");
}

TEST_CASE("supervision tree that can't work is refused with the child's path") {
  auto tree = engine_tree();
  auto& coordinator = tree.children[1].child;
  const auto says = [&] {
    const auto r = check(tree);
    return r ? std::string("nothing") : r.error().code + " " + to_sentence({"", r.error().where, r.error().found, r.error().expected});
  };
  SECTION("two of one name") {
    coordinator.id = "journal";
    CHECK(says() == "bad_supervision_tree engine: two children are called 'journal'. Expected a name for each.");
  }
  SECTION("a name that is a path") {
    coordinator.id = "a/b";
    CHECK(says() == "bad_supervision_tree engine/a/b: a child is called 'a/b'. Expected a name without '/'.");
  }
  SECTION("an own window where siblings fall together") {
    coordinator.at_most = restart_limit{};
    CHECK(says() == "bad_supervision_tree engine/coordinator: it has its own window under rest_for_one. Expected its own window only under one_for_one.");
  }
  SECTION("no time to stop") {
    coordinator.stop_within = 0s;
    CHECK(says() == "bad_supervision_tree engine/coordinator: it has no time to stop. Expected stop_within above 0s.");
  }
  SECTION("hung at once") {
    coordinator.hangs_after = 0s;
    CHECK(says() == "bad_supervision_tree engine/coordinator: it would count as hung at once. Expected hangs_after above 0s, or none.");
  }
  SECTION("waits that shrink") {
    coordinator.waits.factor = 0.1;
    CHECK(says() == "bad_supervision_tree engine/coordinator: factor is 0.1. Expected a number from 1 to 100.");
  }
  SECTION("children of a worker") {
    tree.children[1].children = tree.children[2].children;
    CHECK(says() == "bad_supervision_tree engine/coordinator: it has children but is no supervisor. Expected a group.");
  }
  SECTION("a pattern is checked too") {
    tree.children[2].children[2].group->each->stop_within = 0s;
    CHECK(says() == "bad_supervision_tree engine/desk/roles/role lane: it has no time to stop. Expected stop_within above 0s.");
  }
}
