#include "runtime/journal/reader.hpp"

#include <SQLiteCpp/Database.h>

#include "runtime/journal/derived.hpp"
#include "runtime/journal/journal_test.hpp"

using namespace steward;
using namespace std::chrono_literals;

namespace {

constexpr auto start = time_point{std::chrono::seconds(1'800'000'000)};

/// 300 events: three streams in turn, a lead every tenth, a second apart.
void fill(journal& j, int from = 0, int to = 300) {
  for (int i = from; i < to; ++i) {
    auto d = note("text " + std::to_string(i), "run-" + std::to_string(i % 3));
    if (i % 10 == 0) d.header.kind = "lead_arrived";
    d.header.correlation = "run-" + std::to_string(i / 100);
    d.header.time = start + i * 1s;
    REQUIRE(j.append({{d}}));
  }
}

std::vector<std::int64_t> numbers(reader& r, const event_query& q) {
  const auto all = r.read(q);
  REQUIRE(all);
  std::vector<std::int64_t> seqs;
  for (const auto& e : *all) seqs.push_back(e.seq);
  return seqs;
}

event_query random_query(random_source& chance) {
  event_query q;
  const auto some = [&] { return chance.next() % 2 == 0; };
  if (some()) q.stream = "run-" + std::to_string(chance.next() % 4);  // run-3 does not exist
  if (some()) q.kind = some() ? "lead_arrived" : "note_taken";
  if (some()) q.correlation = "run-" + std::to_string(chance.next() % 4);
  if (some()) q.from = start + std::int64_t(chance.next() % 300) * 1s;
  if (some()) q.until = start + std::int64_t(chance.next() % 300) * 1s;
  if (some()) q.from_seq = std::int64_t(chance.next() % 300);
  if (some()) q.to_seq = std::int64_t(chance.next() % 300);
  if (some()) q.order = read_order::newest_first;
  if (some()) q.limit = chance.next() % 20;
  return q;
}

/// The same question put to a plain loop over everything.
std::vector<std::int64_t> expected(const std::vector<record>& all, const event_query& q) {
  std::vector<std::int64_t> seqs;
  const auto look = [&](const record& e) {
    const bool fits = e.seq >= q.from_seq && (q.to_seq == 0 || e.seq <= q.to_seq) && (q.stream.empty() || q.stream == e.header.stream) && (q.kind.empty() || q.kind == e.header.kind) &&
                      (q.correlation.empty() || q.correlation == e.header.correlation) && (!q.from || e.header.time >= *q.from) && (!q.until || e.header.time < *q.until);
    if (fits && seqs.size() < q.limit) seqs.push_back(e.seq);
  };
  if (q.order == read_order::newest_first) std::for_each(all.rbegin(), all.rend(), look);
  else std::for_each(all.begin(), all.end(), look);
  return seqs;
}

std::unique_ptr<derived> open_index(const journal_bench& bench) {
  std::vector<std::unique_ptr<projection>> projections;
  projections.push_back(make_event_index());
  auto d = derived::open(bench.folder.path, std::move(projections));
  REQUIRE(d);
  return std::move(*d);
}

}  // namespace

TEST_CASE("reader finds the same events without the index, with half of it and with all of it") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j);
  auto r = bench.read();
  const auto all = *r->read({});
  REQUIRE(all.size() == 300);
  auto index = open_index(bench);
  const std::uint64_t seed = 20261121;
  CAPTURE(seed);
  const auto chance = make_seeded_random(seed);
  for (const std::size_t indexed : {0, 150, 300}) {
    while (std::size_t(*index->position("event_index")) < indexed) REQUIRE(index->catch_up(*r, 50));
    for (int i = 0; i < 200; ++i) {
      const auto q = random_query(*chance);
      CAPTURE(indexed, i, q.stream, q.kind, q.correlation, q.from_seq, q.to_seq, q.limit);
      REQUIRE(numbers(*r, q) == expected(all, q));
    }
  }
}

TEST_CASE("reader scans only what the index has not seen yet") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 0, 290);
  auto r = bench.read();
  event_query q;
  q.stream = "run-1";
  CHECK(numbers(*r, q).size() == 97);
  CHECK(r->scanned() == 290);
  auto index = open_index(bench);
  REQUIRE(index->catch_up(*r));
  fill(*j, 290, 300);
  CHECK(numbers(*r, q).size() == 100);
  CHECK(r->scanned() == 10);
}

TEST_CASE("reader serves the same when derived.db is deleted, damaged, or from another journal") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j);
  auto r = bench.read();
  event_query q;
  q.kind = "lead_arrived";
  const auto wanted = numbers(*r, q);
  REQUIRE(wanted.size() == 30);
  REQUIRE(open_index(bench)->catch_up(*r) == std::size_t(300));
  REQUIRE(numbers(*r, q) == wanted);
  REQUIRE(r->scanned() == 0);
  SECTION("deleted while it is open") { std::filesystem::remove(bench.folder.file("derived.db")); }
  SECTION("damaged") {
    std::filesystem::remove(bench.folder.file("derived.db"));
    std::ofstream(bench.folder.file("derived.db"), std::ios::binary) << std::string(9000, 'x');
  }
  SECTION("of another journal") {
    journal_bench other;
    auto k = other.open();
    fill(*k, 1, 300);
    REQUIRE(open_index(other)->catch_up(*other.read()));
    std::filesystem::rename(other.folder.file("derived.db"), bench.folder.file("derived.db"));
  }
  CHECK(numbers(*r, q) == wanted);
  CHECK(r->scanned() == 300);
  auto index = open_index(bench);
  REQUIRE(index->catch_up(*r) == std::size_t(300));
  CHECK(numbers(*r, q) == wanted);
  CHECK(r->scanned() == 0);
}

TEST_CASE("reader names the event that is not there") {
  journal_bench bench;
  auto j = bench.open();
  REQUIRE(j->append({{note("only one")}}));
  auto r = bench.read();
  CHECK(r->at(2).error().code == "event_not_found");
  CHECK(r->at(0).error().code == "event_not_found");
  CHECK(r->head_at(1)->chain == r->at(1)->chain);
  CHECK(*r->last() == j->last());
  reader_options nowhere;
  nowhere.folder = bench.folder.file("nowhere");
  CHECK(reader::open(nowhere, bench.kinds).error().code == "journal_not_found");
}

TEST_CASE("reader notices a missing event in the middle") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 0, 5);
  SQLite::Database db(bench.folder.file("journal.db"), SQLite::OPEN_READWRITE);
  db.exec("DELETE FROM events WHERE seq = 3");
  auto r = bench.read();
  CHECK(r->verify().error().found == "the event is missing");
  CHECK(r->verify().error().where == "journal event 3");
  CHECK(r->read({}).error().where == "journal event 3");
}
