#include "runtime/hosting/rebuild.hpp"

#include <SQLiteCpp/Database.h>

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/observation/state_json.hpp"
#include "tests/support/kept_company.hpp"

namespace steward {

using test::kept_company;

TEST_CASE("rebuild derives every projection and the fold again, and proves each equal by its digest") {
  kept_company company;
  company.live();
  const auto all = rebuild_all(company.path, *company.kinds, "UTC");
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  for (const auto& one : *all) {
    CAPTURE(one.name);
    CHECK(one.equal());
    CHECK(one.events == 11);
    CHECK(one.before.size() == 64);
  }
}

TEST_CASE("rebuild names the projection that was not what the journal says, and mends it") {
  kept_company company;
  company.live();
  REQUIRE(company.of("memory").equal());
  {
    SQLite::Database tables(company.path + "/derived.db", SQLite::OPEN_READWRITE);
    REQUIRE(tables.exec("UPDATE memory_item SET importance = 0.123 WHERE seq = 4") == 1);
  }
  const auto all = rebuild_all(company.path, *company.kinds, "UTC");
  REQUIRE(all);
  for (const auto& one : *all) CHECK(one.equal() == (one.name != "memory"));
  CHECK(company.of("memory").equal());
}

TEST_CASE("rebuild names what a wrong snapshot of the fold says, and mends it") {
  kept_company company;
  company.live();
  auto state = company.as_of({});
  REQUIRE(state);
  state->pauses["company"] = "nobody ever said so";
  auto source = reader::open({.folder = company.path}, *company.kinds);
  REQUIRE(source);
  const auto files = make_system_disk();
  REQUIRE(write_snapshot(company.path, *files, **source, state->head, snapshot_bytes(*state)));
  company.append(event::resumed{"role", "editor"}, "company");
  const auto wrong = company.of("fold");
  CHECK_FALSE(wrong.equal());
  CHECK(wrong.stood_at == 11);
  CHECK(wrong.differs == std::vector<std::string>{"company.pauses.company"});
  const auto right = company.of("fold");
  CHECK(right.equal());
  CHECK(right.stood_at == 12);
  CHECK(company.as_of({})->pauses.empty());
}

TEST_CASE("the state as of any event is the fold of the events up to it, with a snapshot or without") {
  kept_company company;
  company.live();
  std::vector<std::string> digests;
  for (std::int64_t seq = 1; seq <= 11; ++seq) {
    const auto state = company.as_of({.seq = seq});
    REQUIRE(state);
    CHECK(state->head == seq);
    digests.push_back(digest_of_state(*state));
  }
  auto source = reader::open({.folder = company.path}, *company.kinds);
  REQUIRE(source);
  const auto files = make_system_disk();
  REQUIRE(write_snapshot(company.path, *files, **source, 6, snapshot_bytes(company.as_of({.seq = 6}).value())));
  for (std::int64_t seq = 1; seq <= 11; ++seq) CHECK(digest_of_state(company.as_of({.seq = seq}).value()) == digests[std::size_t(seq) - 1]);
  CHECK(company.as_of({.seq = 3})->entities.all().size() == 2);
  CHECK(company.as_of({.seq = 12}).error().code == "event_not_found");
}

TEST_CASE("the state as of a time holds what had happened by then and nothing later") {
  kept_company company;
  const auto start = company.now.now();
  company.live();
  CHECK(company.as_of({.time = start - std::chrono::seconds{1}})->head == 0);
  CHECK(company.as_of({.time = start})->head == 1);
  CHECK(company.as_of({.time = start + std::chrono::minutes{25}})->head == 3);
  CHECK(company.as_of({.time = start + std::chrono::hours{24}})->head == 11);
  const auto then = state_json(company.as_of({.time = start + std::chrono::minutes{25}}).value());
  CHECK(then.at("entities").as_object().size() == 2);
  CHECK(then.at("event").as_int64() == 3);
}

TEST_CASE("differences of two values are named by their paths") {
  const auto one = parse_json(R"({"a":{"b":[1,2],"c":1},"d":1})").value(), other = parse_json(R"({"a":{"b":[1,3],"c":1},"e":1})").value();
  CHECK(differences(one, one).empty());
  CHECK(differences(one, other) == std::vector<std::string>{"a.b.1", "d", "e"});
  CHECK(differences(one, other, 1) == std::vector<std::string>{"a.b.1"});
}

}  // namespace steward
