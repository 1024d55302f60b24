#include "runtime/journal/compact.hpp"

#include <SQLiteCpp/Database.h>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/journal/backup.hpp"
#include "runtime/journal/journal_test.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

constexpr auto then = time_point{std::chrono::seconds(1'800'000'000)};

/// Events of two runs, alternately, each with a long text.
void fill(journal& j, int count) {
  for (int i = 0; i < count; ++i) {
    auto d = note("text " + std::to_string(i) + " " + std::string(500, 'x'), "run-" + std::to_string(1 + i % 2), "key-" + std::to_string(i));
    d.header.correlation = d.header.stream;
    REQUIRE(j.append({{d}}));
  }
}

/// Shortens what belongs to run-1.
std::optional<std::string> shorten(std::int64_t, const record_header& header, const std::string& body) {
  if (header.correlation != "run-1") return {};
  return body.substr(0, 15) + "\"}";
}

void expect_whole(journal_bench& bench, std::int64_t events) {
  const auto r = bench.read();
  REQUIRE(r->verify());
  CHECK(r->verify()->seq == events);
  CHECK(r->check_structure());
}

}  // namespace

TEST_CASE("compaction shortens what it may, keeps the chain and every other event, and gives the space back") {
  journal_bench bench;
  { fill(*bench.open(), 400); }
  const auto before = *bench.read()->read({});
  const auto done = compact_journal(bench.folder.path, "notes", shorten, then);
  REQUIRE(done);
  CHECK(done->events == 200);
  CHECK(done->bytes_after < done->bytes_before * 7 / 10);
  expect_whole(bench, 400);
  const auto after = *bench.read()->read({});
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].chain == before[i].chain);
    CHECK(after[i].header == before[i].header);
    const bool mine = after[i].header.correlation == "run-1";
    CHECK(after[i].state == (mine ? body_state::compacted : body_state::whole));
    if (mine) CHECK(after[i].body.size() < 20);
    else CHECK(after[i].body == before[i].body);
  }
  const auto bytes = *make_system_disk()->read(bench.folder.file("journal.db"));
  CHECK(bytes.find("text 1 xxx") != bytes.npos);
  CHECK(bytes.find("text 2 xxx") == bytes.npos);
  // Again there is nothing to do, and the journal goes on.
  CHECK(compact_journal(bench.folder.path, "notes", shorten, then)->events == 0);
  fill(*bench.open(), 1);
  expect_whole(bench, 400);  // its key was there already
  REQUIRE(bench.open()->append({{note("new")}}));
  expect_whole(bench, 401);
}

TEST_CASE("compaction refuses a journal with a changed event instead of compacting the damage away") {
  journal_bench bench;
  { fill(*bench.open(), 10); }
  overwrite_in_file(bench.folder.file("journal.db"), "text 4 x", "test 4 x");
  const auto done = compact_journal(bench.folder.path, "notes", shorten, then);
  REQUIRE_FALSE(done);
  CHECK(done.error().where == "journal event 5");
}

TEST_CASE("a compacted body that changes later is found, as is one that no compaction left") {
  journal_bench bench;
  { fill(*bench.open(), 20); }
  REQUIRE(compact_journal(bench.folder.path, "notes", shorten, then));
  const auto path = bench.folder.file("journal.db");
  const auto honest = *make_system_disk()->read(path);
  // Who changes body and digest together is contradicted by the compaction's own digest.
  const std::string changes[] = {
      "UPDATE events SET body = body || ' ' WHERE seq = 3",
      "UPDATE events SET body_digest = substr(body_digest, 1, 32) || zeroblob(32) || substr(body_digest, -4) WHERE seq = 3",
      "UPDATE events SET body = NULL WHERE seq = 3",
      "UPDATE events SET body = (SELECT body FROM events WHERE seq = 5), body_digest = substr(body_digest, 1, 32) || (SELECT substr(body_digest, 33) FROM events WHERE seq = 5) WHERE seq = 3",
      "DELETE FROM compactions",
      "UPDATE compactions SET digest = zeroblob(32)",
  };
  for (const auto& change : changes) {
    {
      SQLite::Database file(path, SQLite::OPEN_READWRITE);
      REQUIRE(file.exec(change) == 1);
    }
    CAPTURE(change);
    {
      const auto r = bench.read();
      CHECK_FALSE((r->verify() && r->check_structure()));
    }
    for (const auto* log : {"journal.db-wal", "journal.db-shm"}) fs::remove(bench.folder.file(log));
    std::ofstream(path, std::ios::binary | std::ios::trunc).write(honest.data(), std::streamsize(honest.size()));
  }
  expect_whole(bench, 20);
}

TEST_CASE("compaction that is killed at any moment leaves the journal whole, and is finished by the next") {
  journal_bench bench;
  { fill(*bench.open(), 300); }
  const auto kept = bench.folder.file("kept.db");
  fs::copy_file(bench.folder.file("journal.db"), kept);
  for (int round = 0; round < 12; ++round) {
    for (const auto* name : {"journal.db-wal", "journal.db-shm"}) fs::remove(bench.folder.file(name));
    fs::copy_file(kept, bench.folder.file("journal.db"), fs::copy_options::overwrite_existing);
    int go[2];
    REQUIRE(::pipe(go) == 0);
    const auto child = ::fork();
    if (child == 0) {
      // Tells when so many events have been looked at, or at the end, and is killed then.
      std::int64_t left = round * 30;
      (void)compact_journal(bench.folder.path, "notes", [&](std::int64_t seq, const record_header& header, const std::string& body) {
        if (left-- == 0) (void)!::write(go[1], "x", 1);
        return shorten(seq, header, body);
      }, then);
      (void)!::write(go[1], "x", 1);
      ::_exit(0);
    }
    char said = 0;
    REQUIRE(::read(go[0], &said, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(go[0]);
    ::close(go[1]);
    CAPTURE(round);
    {
      const auto j = bench.open();
      CHECK(j->last().seq == 300);
    }
    expect_whole(bench, 300);
    REQUIRE(compact_journal(bench.folder.path, "notes", shorten, then));
    expect_whole(bench, 300);
    std::int64_t compacted = 0;
    for (const auto& e : *bench.read()->read({})) compacted += e.state == body_state::compacted;
    CHECK(compacted == 150);
  }
}

TEST_CASE("a journal of the first format is read as it is, refused for writing with the way out, and upgraded once") {
  journal_bench bench;
  { fill(*bench.open(), 10); }
  {
    SQLite::Database file(bench.folder.file("journal.db"), SQLite::OPEN_READWRITE);
    file.exec("DROP TABLE compactions; PRAGMA user_version=1");
  }
  const auto events = *bench.read()->read({});
  CHECK(events.size() == 10);
  CHECK(bench.read()->check_structure());
  CHECK(bench.open_error().code == "journal_outdated");
  CHECK(compact_journal(bench.folder.path, "notes", shorten, then).error().code == "journal_outdated");
  const auto once = upgrade_journal(bench.folder.path);
  REQUIRE(once);
  CHECK(once->from == 1);
  CHECK(once->to == 2);
  CHECK(upgrade_journal(bench.folder.path)->from == 2);
  CHECK(*bench.read()->read({}) == events);
  fill(*bench.open(), 1);
  expect_whole(bench, 10);
}
