// What the journal promises when its bytes change by themselves: every change of a stored event is found and named.
#include <SQLiteCpp/Database.h>

#include "runtime/journal/head.hpp"
#include "runtime/journal/journal_test.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

void fill(journal& j, int count) {
  for (int i = 0; i < count; ++i) {
    auto d = note("text " + std::to_string(i), "run-" + std::to_string(i % 3), i % 2 == 0 ? "key-" + std::to_string(i) : "");
    d.header.cause = i;
    d.header.labels = 2;
    REQUIRE(j.append({{d}}));
  }
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  REQUIRE(file.good());
}

/// What doctor asks: the first complaint's sentence, or nothing.
std::string complaint(journal_bench& bench) {
  reader_options options;
  options.folder = bench.folder.path;
  const auto r = reader::open(options, bench.kinds);
  if (!r) return to_sentence(r.error());
  if (const auto verified = (*r)->verify(); !verified) return to_sentence(verified.error());
  if (const auto whole = (*r)->check_structure(); !whole) return to_sentence(whole.error());
  const auto head = head_file::open(bench.folder.file("head"));
  REQUIRE(head);
  const auto said = head->read();
  if (!said) return "the head is unreadable";
  const auto there = (*r)->head_at(said->seq);
  return there && there->chain == said->chain ? "" : "the head names another event";
}

}  // namespace

TEST_CASE("a change of any column of any event is found, and names that event") {
  journal_bench bench;
  { fill(*bench.open(), 12); }
  const auto honest = bytes_of(bench.folder.file("journal.db"));
  // One change for each column, as far from the truth as a single bit would take it.
  const std::pair<std::string, std::string> changes[] = {
      {"stream", "stream || 'x'"}, {"kind", "kind + 1"},     {"version", "version + 1"}, {"actor", "'operator'"},           {"cause", "cause + 1"},
      {"correlation", "'run-2'"},  {"time", "time + 1"},     {"labels", "labels - 1"},   {"subject", "'lead-7'"},           {"key", "'key-x' || seq"},
      {"chain", "zeroblob(32)"},   {"body", "body || ' '"}, {"body", "NULL"},           {"body_digest", "zeroblob(32)"},
  };
  for (const auto& [column, value] : changes)
    for (std::int64_t seq = 1; seq <= 12; ++seq) {
      {
        SQLite::Database file(bench.folder.file("journal.db"), SQLite::OPEN_READWRITE);
        REQUIRE(file.exec("UPDATE events SET " + column + " = " + value + " WHERE seq = " + std::to_string(seq)) == 1);
      }
      CAPTURE(column, value, seq);
      const auto found = complaint(bench);
      CHECK(found.find("journal event " + std::to_string(seq) + ":") != std::string::npos);
      for (const auto* log : {"journal.db-wal", "journal.db-shm"}) fs::remove(bench.folder.file(log));
      put_bytes(bench.folder.file("journal.db"), honest);
    }
  CHECK(complaint(bench).empty());
}

TEST_CASE("events that were taken out, moved or put in are found") {
  journal_bench bench;
  { fill(*bench.open(), 12); }
  const auto honest = bytes_of(bench.folder.file("journal.db"));
  for (const auto* change : {"DELETE FROM events WHERE seq = 5", "DELETE FROM events WHERE seq > 7", "DELETE FROM events", "UPDATE events SET seq = -seq WHERE seq = 12",
                             "UPDATE events SET seq = seq + 100 WHERE seq = 3", "UPDATE kinds SET name = 'lead_arrived'", "DELETE FROM kinds"}) {
    {
      SQLite::Database file(bench.folder.file("journal.db"), SQLite::OPEN_READWRITE);
      file.exec(change);
    }
    CAPTURE(change);
    CHECK_FALSE(complaint(bench).empty());
    for (const auto* log : {"journal.db-wal", "journal.db-shm"}) fs::remove(bench.folder.file(log));
    put_bytes(bench.folder.file("journal.db"), honest);
  }
  CHECK(complaint(bench).empty());
}

TEST_CASE("a flipped bit anywhere in the journal's file is complained about, or no answer depends on it") {
  journal_bench bench;
  { fill(*bench.open(), 40); }
  const auto path = bench.folder.file("journal.db");
  const auto honest = bytes_of(path);
  const auto events = *bench.read()->read({});
  const std::uint64_t seed = 20261121;
  const auto chance = make_seeded_random(seed);
  int found = 0;
  for (int i = 0; i < 1500; ++i) {
    auto damaged = honest;
    const auto at = chance->next() % damaged.size();
    damaged[at] = char(damaged[at] ^ (1 << chance->next() % 8));
    put_bytes(path, damaged);
    if (!complaint(bench).empty()) {
      ++found;
      continue;
    }
    CAPTURE(seed, i, at);
    auto r = bench.read();
    const auto read = r->read({});
    REQUIRE(read);
    REQUIRE(*read == events);
    for (const auto& e : events)
      if (!e.header.key.empty()) REQUIRE(r->find_key(e.header.key) == e.seq);
  }
  CHECK(found > 150);
}

TEST_CASE("an event that rotted is never served, though its neighbours are") {
  journal_bench bench;
  { fill(*bench.open(), 12); }
  overwrite_in_file(bench.folder.file("journal.db"), "text 5", "test 5");
  const auto r = bench.read();
  CHECK(r->at(5));
  CHECK(r->at(6).error().code == "journal_chain_broken");
  CHECK(r->at(6).error().where == "journal event 6");
  CHECK(r->at(8));
  CHECK(r->read({.stream = "run-2"}).error().where == "journal event 6");
}

TEST_CASE("a log that was cut anywhere below the last written head is missed at the start") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 30);
  const auto last = j->last();
  const auto copy = bench.folder.file("copy");
  const auto log = bytes_of(bench.folder.file("journal.db-wal"));
  const auto frames = log.size() / 4120;
  const auto chance = make_seeded_random(5);
  int missed = 0;
  for (std::size_t frame = 0; frame <= frames; ++frame)
    for (const std::size_t more : {std::size_t(0), std::size_t(chance->next() % 4120)}) {
      fs::remove_all(copy);
      fs::create_directories(copy);
      for (const auto* name : {"journal.db", "head"}) fs::copy_file(bench.folder.file(name), copy + "/" + name);
      put_bytes(copy + "/journal.db-wal", log.substr(0, std::min(log.size(), 32 + frame * 4120 + more)));
      journal_options options;
      options.folder = copy;
      const auto opened = journal::open(options, bench.kinds, bench.now, *bench.random);
      CAPTURE(frame, more);
      if (opened) CHECK((*opened)->last() == last);
      else CHECK(opened.error().code == "journal_tail_missing");
      missed += !opened;
    }
  CHECK(missed > 30);
}
