#include "runtime/journal/journal.hpp"

#include <cerrno>

#include <sqlite3.h>

#include "runtime/journal/journal_test.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

journal_options with_fault(std::function<int(disk_watch::operation)> fault) {
  journal_options options;
  options.fault = std::move(fault);
  return options;
}

}  // namespace

TEST_CASE("journal gives events numbers without gaps, in the order of their arrival") {
  journal_bench bench;
  auto j = bench.open();
  const std::vector<batch> batches{{{note("a"), note("b")}}, {{note("c")}}};
  const auto outcomes = j->append(batches);
  REQUIRE(outcomes);
  CHECK(*(*outcomes)[0] == receipt{1, 2, false});
  CHECK(*(*outcomes)[1] == receipt{3, 1, false});
  CHECK(j->append({{note("d")}})->first_seq == 4);
  const auto all = bench.read()->read({});
  REQUIRE(all);
  REQUIRE(all->size() == 4);
  CHECK((*all)[3].body == R"({"text":"d"})");
  CHECK((*all)[3].seq == 4);
}

TEST_CASE("journal flushes once for a commit, however many callers share it") {
  journal_bench bench;
  auto j = bench.open();
  REQUIRE(j->append({{note("the first commit of a log also flushes the log's own header")}}));
  const auto before = j->flushes();
  for (int i = 0; i < 200; ++i) REQUIRE(j->append({{note("alone")}}));
  CHECK(j->flushes() - before == 200);
  const std::vector<batch> group(100, batch{{note("together")}});
  REQUIRE(j->append(group));
  CHECK(j->flushes() - before == 201);
}

TEST_CASE("journal stays below 1.05 flushes a commit with its checkpoints counted") {
  journal_bench bench;
  auto j = bench.open();
  for (int i = 0; i < 2000; ++i) REQUIRE(j->append({{note("a step")}}));
  CHECK(j->commits() == 2000);
  CHECK(j->flushes() < 2000 * 1.05);
  CHECK(j->head_flushes() == 0);  // The clock stood still.
}

TEST_CASE("journal syncs the head at most once a second") {
  journal_bench bench;
  auto j = bench.open();
  for (int i = 0; i < 50; ++i) {
    bench.now.advance(100ms);
    REQUIRE(j->append({{note("a step")}}));
    REQUIRE(j->idle());
  }
  CHECK(j->head_flushes() == 5);
}

TEST_CASE("journal appends a key once and answers with the seq of the original") {
  journal_bench bench;
  auto j = bench.open();
  REQUIRE(j->append({{note("before")}}));
  const batch mail{{note("read the mail", "run-1"), note("start the run", "run-1", "mail/17")}};
  CHECK(*j->append(mail) == receipt{2, 2, false});
  CHECK(*j->append(mail) == receipt{3, 0, true});
  CHECK(j->last().seq == 3);
  SECTION("within one group") {
    const std::vector<batch> twice{{{note("x", "run-2", "mail/18")}}, {{note("y", "run-2", "mail/18")}}};
    const auto outcomes = j->append(twice);
    REQUIRE(outcomes);
    CHECK(*(*outcomes)[0] == receipt{4, 1, false});
    CHECK(*(*outcomes)[1] == receipt{4, 0, true});
  }
  SECTION("after a restart") {
    j.reset();
    j = bench.open();
    CHECK(*j->append(mail) == receipt{3, 0, true});
  }
  SECTION("a batch that repeats and brings something new appends neither") {
    CHECK(*j->append({{note("new", "run-2", "mail/19"), note("old", "run-1", "mail/17")}}) == receipt{3, 0, true});
    CHECK(*bench.read()->find_key("mail/19") == 0);
  }
  CHECK(*bench.read()->find_key("mail/17") == 3);
}

TEST_CASE("journal refuses a faulty batch alone and appends the others of the group") {
  journal_bench bench;
  auto j = bench.open();
  auto unknown = note("x");
  unknown.header.kind = "note_take";
  auto future = note("x");
  future.header.version = 2;
  auto no_json = note("x");
  no_json.body = "text";
  auto nobody = note("x");
  nobody.personal = {"text"};
  auto early = note("x");
  early.header.cause = -1;
  const std::vector<batch> group{{{note("good"), unknown}}, {{future}}, {{no_json}}, {{nobody}}, {{note("a", "r", "k"), note("b", "r", "k")}}, {{early}}, {{note("good")}}};
  const auto outcomes = j->append(group);
  REQUIRE(outcomes);
  CHECK((*outcomes)[0].error().code == "unknown_event_kind");
  CHECK((*outcomes)[0].error().advice.find("'note_taken'") != std::string::npos);
  CHECK((*outcomes)[1].error().code == "event_from_the_future");
  CHECK((*outcomes)[2].error().code == "body_not_json");
  CHECK((*outcomes)[3].error().code == "subject_missing");
  CHECK((*outcomes)[4].error().code == "append_key_twice");
  CHECK((*outcomes)[5].error().code == "cause_unknown");
  CHECK(*(*outcomes)[6] == receipt{1, 1, false});
  CHECK(j->last().seq == 1);
}

TEST_CASE("journal lets a draft name an earlier draft of its batch as its cause") {
  journal_bench bench;
  auto j = bench.open();
  REQUIRE(j->append({{note("before")}}));
  auto effect = note("effect");
  effect.header.cause = -1;
  auto later = note("later");
  later.header.cause = 1;
  REQUIRE(j->append({{note("intent"), effect, later}}));
  const auto all = bench.read()->read({});
  CHECK((*all)[2].header.cause == 2);
  CHECK((*all)[3].header.cause == 1);
}

TEST_CASE("journal tells a full disk apart and appends nothing after it") {
  bool full = false;
  journal_bench bench;
  auto j = bench.open(with_fault([&](disk_watch::operation o) { return full && o == disk_watch::operation::write ? SQLITE_FULL : SQLITE_OK; }));
  REQUIRE(j->append({{note("kept")}}));
  full = true;
  const auto refused = j->append({{note("lost")}});
  REQUIRE(!refused);
  CHECK(refused.error().code == "disk_full");
  full = false;
  CHECK(j->append({{note("later")}}).error().code == "disk_full");
  CHECK(j->idle().error().code == "disk_full");
  REQUIRE(j->broken());
  j.reset();
  j = bench.open();
  CHECK(j->last().seq == 1);
  CHECK(j->append({{note("after the restart")}})->first_seq == 2);
}

TEST_CASE("journal never repeats a flush that failed") {
  int flushes_failed = 0;
  bool failing = false;
  journal_bench bench;
  auto j = bench.open(with_fault([&](disk_watch::operation o) {
    if (!failing || o != disk_watch::operation::flush) return SQLITE_OK;
    ++flushes_failed;
    return SQLITE_IOERR_FSYNC;
  }));
  REQUIRE(j->append({{note("kept")}}));
  failing = true;
  const auto refused = j->append({{note("unknown"), note("fate")}});
  REQUIRE(!refused);
  CHECK(refused.error().code == "journal_failed");
  CHECK(j->append({{note("later")}}).error() == refused.error());
  j.reset();  // Closing must not flush either: it would vouch for pages that the disk has dropped.
  CHECK(flushes_failed == 1);
  failing = false;
  j = bench.open();
  CHECK((j->last().seq == 1 || j->last().seq == 3));  // Nobody was told; whole or not at all.
  CHECK(bench.read()->verify());
}

TEST_CASE("journal that ends below its head names both numbers and the way out") {
  journal_bench bench;
  {
    auto j = bench.open();
    for (int i = 0; i < 5; ++i) REQUIRE(j->append({{note("kept")}}));
  }
  std::filesystem::copy_file(bench.folder.file("journal.db"), bench.folder.file("older"));
  {
    auto j = bench.open();
    for (int i = 0; i < 3; ++i) REQUIRE(j->append({{note("lost")}}));
  }
  SECTION("an older file in its place") { std::filesystem::rename(bench.folder.file("older"), bench.folder.file("journal.db")); }
  SECTION("no file in its place") { std::filesystem::remove(bench.folder.file("journal.db")); }
  const auto e = bench.open_error();
  CHECK(e.code == "journal_tail_missing");
  CHECK(to_sentence(e).find("event 8") != std::string::npos);
  CHECK(e.advice.find("--accept-loss") != std::string::npos);
  journal_options accept;
  accept.accept_loss = true;
  const auto reached = bench.open(accept)->last().seq;
  CHECK(reached < 8);
  CHECK(bench.open()->append({{note("after it")}})->first_seq == reached + 1);
}

TEST_CASE("journal without a readable head is not taken for whole") {
  journal_bench bench;
  REQUIRE(bench.open()->append({{note("kept")}}));
  SECTION("deleted") { std::filesystem::remove(bench.folder.file("head")); }
  SECTION("unreadable") { std::ofstream(bench.folder.file("head")) << "seq="; }
  CHECK(bench.open_error().code == "journal_head_missing");
}

TEST_CASE("journal that goes on without its lost tail takes nothing that is unsound") {
  journal_bench bench;
  REQUIRE(bench.open()->append({{note("paid 10 EUR"), note("kept")}}));
  std::filesystem::remove(bench.folder.file("head"));
  overwrite_in_file(bench.folder.file("journal.db"), "paid 10", "paid 99");
  journal_options accept;
  accept.folder = bench.folder.path;
  accept.accept_loss = true;
  CHECK(journal::open(accept, bench.kinds, bench.now, *bench.random).error().code == "journal_chain_broken");
  overwrite_in_file(bench.folder.file("journal.db"), "paid 99", "paid 10");
  CHECK(bench.open(accept)->last().seq == 2);
  CHECK(bench.open()->last().seq == 2);
}

TEST_CASE("journal survives a head whose last write was torn") {
  journal_bench bench;
  {
    auto j = bench.open();
    for (int i = 0; i < 4; ++i) REQUIRE(j->append({{note("kept")}}));
  }
  overwrite_in_file(bench.folder.file("head"), "seq=00000000000000000004", "seq=00000000000000000009");
  auto j = bench.open();
  CHECK(j->last().seq == 4);
}

TEST_CASE("journal whose events were exchanged names the event") {
  journal_bench bench;
  {
    auto j = bench.open();
    REQUIRE(j->append({{note("paid 10 EUR"), note("more"), note("last word")}}));
  }
  SECTION("in the tail, at the start") {
    overwrite_in_file(bench.folder.file("journal.db"), "last word", "lost word");
    const auto e = bench.open_error();
    CHECK(e.code == "journal_chain_broken");
    CHECK(e.where == "journal event 3");
  }
  SECTION("anywhere, when it is read") {
    overwrite_in_file(bench.folder.file("journal.db"), "paid 10", "paid 99");
    auto r = bench.read();
    CHECK(r->at(1).error().where == "journal event 1");
    CHECK(r->at(2));
    CHECK(r->verify().error().where == "journal event 1");
    CHECK(r->verify(2));
  }
}

TEST_CASE("journal of a newer program is left alone") {
  journal_bench bench;
  REQUIRE(bench.open()->append({{note("kept")}}));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(bench.folder.file("journal.db").c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "PRAGMA user_version=99", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  CHECK(bench.open_error().code == "journal_from_the_future");
}

TEST_CASE("journal keeps the chain whole over bodies that were erased or compacted later") {
  journal_bench bench;
  REQUIRE(bench.open()->append({{note("one"), note("two"), note("three")}}));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(bench.folder.file("journal.db").c_str(), &db) == SQLITE_OK);
  const auto digest = [](const char* body) { return hex_digest(body); };
  const std::string sql = "UPDATE events SET body_digest = x'" + digest(R"({"text":"one"})") + "', body = NULL WHERE seq = 1;" +
                          "UPDATE events SET body_digest = x'" + digest(R"({"text":"two"})") + digest(R"({"text":"t."})") + "01000000', body = '{\"text\":\"t.\"}' WHERE seq = 2;";
  REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  auto r = bench.read();
  CHECK(r->verify()->seq == 3);
  CHECK(r->at(1)->state == body_state::erased);
  CHECK(r->at(1)->body.empty());
  CHECK(r->at(2)->state == body_state::compacted);
  CHECK(r->at(2)->body == R"({"text":"t."})");
}

TEST_CASE("journal looks up append keys by its one index") {
  journal_bench bench;
  auto j = bench.open();
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(bench.folder.file("journal.db").c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  REQUIRE(sqlite3_prepare_v2(db, "EXPLAIN QUERY PLAN SELECT seq FROM events WHERE key = ?", -1, &s, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(s) == SQLITE_ROW);
  CHECK(std::string(reinterpret_cast<const char*>(sqlite3_column_text(s, 3))).find("COVERING INDEX events_key") != std::string::npos);
  sqlite3_finalize(s);
  REQUIRE(sqlite3_prepare_v2(db, "SELECT count(*) FROM sqlite_master WHERE type = 'index'", -1, &s, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(s) == SQLITE_ROW);
  CHECK(sqlite3_column_int(s, 0) == 1);
  sqlite3_finalize(s);
  sqlite3_close(db);
}

TEST_CASE("journal writes nothing while nothing happens") {
  journal_bench bench;
  auto j = bench.open();
  REQUIRE(j->append({{note("kept")}}));
  bench.now.advance(2s);
  REQUIRE(j->idle());
  const auto flushes = j->flushes();
  const auto head_flushes = j->head_flushes();
  for (int i = 0; i < 100; ++i) {
    bench.now.advance(1s);
    REQUIRE(j->idle());
  }
  CHECK(j->flushes() == flushes);
  CHECK(j->head_flushes() == head_flushes);
}
