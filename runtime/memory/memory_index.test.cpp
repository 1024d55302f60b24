#include "runtime/memory/memory_index.hpp"

#include <filesystem>

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include "runtime/journal/journal.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

/// A journal with a few memories, and its index.
struct remembered {
  std::string folder = (fs::temp_directory_path() / ("steward-memory-" + std::to_string(::getpid()))).string();
  manual_clock now;
  ~remembered() { fs::remove_all(folder); }

  result<std::vector<memory_item>> asked(const recall& what, const std::vector<std::string>& about = {}) {
    event_kinds kinds;
    kinds.add("memory_added", 1);
    return memory_search::open(folder).value()->find(what, now.now(), *reader::open({.folder = folder}, kinds).value(), about);
  }

  std::vector<std::string> find(std::string scope, std::string about, std::string query) {
    auto found = asked(recall{.scope = std::move(scope), .about = std::move(about), .query = std::move(query)});
    REQUIRE(found);
    std::vector<std::string> ids;
    for (const auto& item : *found) ids.push_back(item.id);
    return ids;
  }

  remembered() {
    fs::remove_all(folder);
    event_kinds kinds;
    kinds.add("memory_added", 1);
    const auto random = make_system_random();
    auto written = journal::open({.folder = folder}, kinds, now, *random).value();
    batch all;
    for (const auto& item : {memory_item{.id = "mem-1", .scope = "company", .about = "voice", .text = "We write short sentences", .source = "a"},
                             memory_item{.id = "mem-2", .scope = "leads", .about = "lead-1", .text = "Ada writes about engines", .source = "b", .marks = label_untrusted | label_private},
                             memory_item{.id = "mem-3", .scope = "leads", .about = "lead-2", .text = "Prefers the morning", .source = "c", .until = now.now() - std::chrono::hours{1}}}) {
      draft d;
      d.header.stream = "memory";
      d.header.kind = "memory_added";
      d.header.actor = "operator";
      d.header.time = now.now();
      d.body = canonical(boost::json::object{{"item", to_json(item)}});
      all.drafts.push_back(std::move(d));
    }
    REQUIRE(written->append(std::move(all)));
    auto source = reader::open({.folder = folder}, kinds).value();
    std::vector<std::unique_ptr<projection>> projections;
    projections.push_back(make_memory_index());
    REQUIRE(derived::open(folder, std::move(projections)).value()->catch_up(*source));
  }
  /// As when derived.db was lost.
  void index_anew() {
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(folder + "/derived.db" + end);
    event_kinds kinds;
    kinds.add("memory_added", 1);
    auto source = reader::open({.folder = folder}, kinds).value();
    std::vector<std::unique_ptr<projection>> projections;
    projections.push_back(make_memory_index());
    REQUIRE(derived::open(folder, std::move(projections)).value()->catch_up(*source));
  }
};

}  // namespace

TEST_CASE("memory finds words in any form, within a scope or in all, about one thing or any") {
  remembered memory;
  CHECK(memory.find("company", "", "writing") == std::vector<std::string>{"mem-1"});  // Porter: write, writes, writing
  CHECK(memory.find("", "", "writing").size() == 2);
  CHECK(memory.find("leads", "lead-1", "engine") == std::vector<std::string>{"mem-2"});
  CHECK(memory.find("leads", "lead-2", "engine").empty());
  // A record that was merged goes by several names.
  const auto merged = memory.asked(recall{.scope = "leads", .about = "lead-7"}, {"lead-7", "lead-1"});
  REQUIRE(merged);
  REQUIRE(merged->size() == 1);
  CHECK(merged->front().id == "mem-2");
  CHECK(memory.find("leads", "", "") == std::vector<std::string>{"mem-2"});  // what is no longer valid is not recalled
}

TEST_CASE("memory finds nothing for a query that says nothing") {
  remembered memory;
  CHECK(memory.find("", "", "the of and").empty());
}

TEST_CASE("memory brings the labels back that it was given, also from an index that was made anew") {
  remembered memory;
  for (int i = 0; i < 2; ++i) {
    const auto found = memory.asked(recall{.scope = "leads", .query = "engine"});
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->front().marks == (label_untrusted | label_private));
    memory.index_anew();
  }
}

TEST_CASE("memory serves what the journal holds, whatever became of its index") {
  remembered memory;
  {
    SQLite::Database derived(memory.folder + "/derived.db", SQLite::OPEN_READWRITE);
    derived.exec("UPDATE memory_item SET body = replace(body, 'short sentences', 'whatever pays')");
    derived.exec("UPDATE memory_item SET scope = 'company' WHERE id = 'mem-2'");
  }
  const auto found = memory.asked(recall{.scope = "company"});
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().text == "We write short sentences");
}
