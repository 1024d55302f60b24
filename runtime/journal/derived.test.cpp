#include "runtime/journal/derived.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "runtime/journal/journal_test.hpp"

using namespace steward;

namespace {

/// How many events each stream has. Throws at event `throws_at`.
class stream_sizes final : public projection {
public:
  explicit stream_sizes(int version = 1, std::int64_t throws_at = 0) : version_(version), throws_at_(throws_at) {}
  std::string name() const override { return "stream_sizes"; }
  int version() const override { return version_; }
  std::vector<std::string> tables() const override { return {"stream_sizes"}; }
  std::string schema() const override { return "CREATE TABLE stream_sizes(stream TEXT PRIMARY KEY, events INTEGER NOT NULL)"; }
  void apply(SQLite::Database& database, const record& event) override {
    if (event.seq == throws_at_) throw error_thrown({"logic_slip", "stream_sizes", "no rule for event " + std::to_string(event.seq), "", ""});
    SQLite::Statement s(database, "INSERT INTO stream_sizes VALUES(?, 1) ON CONFLICT(stream) DO UPDATE SET events = events + 1");
    s.bind(1, event.header.stream);
    s.exec();
  }

private:
  int version_;
  std::int64_t throws_at_;
};

std::unique_ptr<derived> open_derived(const journal_bench& bench, int version = 1, std::int64_t throws_at = 0) {
  std::vector<std::unique_ptr<projection>> projections;
  projections.push_back(make_event_index());
  projections.push_back(std::make_unique<stream_sizes>(version, throws_at));
  auto d = derived::open(bench.folder.path, std::move(projections));
  REQUIRE(d);
  return std::move(*d);
}

void fill(journal& j, int count, const std::string& text = "x") {
  for (int i = 0; i < count; ++i) REQUIRE(j.append({{note(text, "run-" + std::to_string(i % 7))}}));
}

}  // namespace

TEST_CASE("derived catches up in pieces and remembers its place") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 100);
  auto r = bench.read();
  {
    auto d = open_derived(bench);
    CHECK(d->catch_up(*r, 30) == std::size_t(30));
    CHECK(d->position("stream_sizes") == std::int64_t(30));
  }
  auto d = open_derived(bench);
  CHECK(d->position("event_index") == std::int64_t(30));
  CHECK(d->catch_up(*r) == std::size_t(70));
  CHECK(d->catch_up(*r) == std::size_t(0));
  CHECK(d->position("stream_sized").error().advice == "Did you mean 'stream_sizes'?");
}

TEST_CASE("derived proves a rebuild equal, and shows one that is not") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 100);
  auto r = bench.read();
  auto d = open_derived(bench);
  REQUIRE(d->catch_up(*r));
  fill(*j, 5);  // Not taken in yet: a rebuild is proven at the position that was reached.
  for (const auto name : {"event_index", "stream_sizes"}) {
    const auto report = d->rebuild(*r, name);
    REQUIRE(report);
    CHECK(report->equal());
    CHECK(report->seq == 100);
  }
  const auto honest = d->digest("stream_sizes");
  SQLite::Database(bench.folder.file("derived.db"), SQLite::OPEN_READWRITE).exec("UPDATE stream_sizes SET events = events + 1 WHERE stream = 'run-3'");
  CHECK(d->digest("stream_sizes") != honest);
  CHECK_FALSE(d->rebuild(*r, "stream_sizes")->equal());
  CHECK(d->digest("stream_sizes") == honest);
}

TEST_CASE("derived starts over where a projection's version changed, and leaves the others") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 20);
  auto r = bench.read();
  REQUIRE(open_derived(bench)->catch_up(*r));
  auto d = open_derived(bench, 2);
  CHECK(d->position("stream_sizes") == std::int64_t(0));
  CHECK(d->position("event_index") == std::int64_t(20));
  CHECK(d->catch_up(*r) == std::size_t(20));
}

TEST_CASE("derived starts over when the journal was restored to another past") {
  journal_bench bench;
  {
    auto j = bench.open();
    fill(*j, 20);
    REQUIRE(open_derived(bench)->catch_up(*bench.read()));
  }
  for (const auto* file : {"journal.db", "head"}) std::filesystem::remove(bench.folder.file(file));
  auto j = bench.open();
  fill(*j, 30, "another past");
  auto r = bench.read();
  auto d = open_derived(bench);
  CHECK(d->catch_up(*r) == std::size_t(30));
  CHECK(d->rebuild(*r, "stream_sizes")->equal());
}

TEST_CASE("derived is made anew when its file was damaged or deleted under it") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 20);
  auto r = bench.read();
  auto d = open_derived(bench);
  REQUIRE(d->catch_up(*r));
  const auto digest = d->digest("event_index");
  SECTION("deleted while it is open") { std::filesystem::remove(bench.folder.file("derived.db")); }
  SECTION("damaged") {
    d.reset();
    std::ofstream(bench.folder.file("derived.db"), std::ios::binary) << std::string(9000, 'x');
    d = open_derived(bench);
  }
  CHECK(d->catch_up(*r) == std::size_t(20));
  CHECK(d->digest("event_index") == digest);
}

TEST_CASE("derived takes in nothing of a piece in which a projection fails, and says why") {
  journal_bench bench;
  auto j = bench.open();
  fill(*j, 20);
  auto r = bench.read();
  auto d = open_derived(bench, 1, 15);
  REQUIRE(d->catch_up(*r, 10));
  CHECK(d->catch_up(*r, 10).error().found == "no rule for event 15");
  CHECK(d->position("event_index") == std::int64_t(10));
  d = open_derived(bench);
  CHECK(d->catch_up(*r) == std::size_t(10));
  CHECK(d->rebuild(*r, "event_index")->equal());
}
