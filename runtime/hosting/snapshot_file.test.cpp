#include "runtime/hosting/snapshot_file.hpp"

#include <filesystem>

#include <SQLiteCpp/Database.h>

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/hosting/engine.hpp"
#include "runtime/hosting/open_company.hpp"
#include "tests/support/small_company.hpp"

namespace steward {
namespace {

using boost::json::object;

struct company_folder {
  company_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "steward-snapshot-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~company_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// One workflow of one step, which asks before it writes.
engine_parts asking_company(const std::string& folder, std::shared_ptr<test::test_connector> works) {
  engine_parts p;
  p.folder = folder;
  step_definition s;
  s.effect = "test.keyed";
  s.with = object{{"to", "ada"}, {"text", "${input.text}"}};
  s.undo = "none";
  s.ask = approval_definition{};
  workflow_definition w;
  w.workflow = "asks";
  w.steps.push_back({"send", s});
  p.manifests.workflows["asks"] = w;
  p.manifests.company.running = 1000;
  p.manifests.company.waiting = 1000;
  p.connectors = {std::move(works)};
  p.now = make_system_clock();
  p.files = make_system_disk();
  p.version = "test";
  return p;
}

json inbox(engine& e) { return e.command(object{{"do", "view"}, {"view", "inbox"}}).at("ok"); }

result<company_state> folded(const std::string& folder, fold_from start) { return fold_journal(folder, *all_event_kinds(), "UTC", start); }

}  // namespace

TEST_CASE("three hundred runs that wait are packed, come through a restart, and each is decided on its own bytes") {
  company_folder folder;
  auto works = std::make_shared<test::test_connector>();
  constexpr int many = 300;
  {
    auto e = engine::start(asking_company(folder.path, works));
    REQUIRE(e);
    for (int i = 0; i < many; ++i)
      REQUIRE(at_path((*e)->command(object{{"do", "run"}, {"workflow", "asks"}, {"input", {{"text", "letter " + std::to_string(i)}}}}), "ok.run"));
    CHECK(inbox(**e).get_array().size() == many);
    CHECK((*e)->command(object{{"do", "view"}, {"view", "status"}}).at("ok").at("runs").to_number<int>() == many);
    CHECK((*e)->command(object{{"do", "view"}, {"view", "run"}, {"run", "run-1"}}).at("ok").at("parked").as_bool());
    // One that is packed for long, and one that is not.
    for (const auto* approval : {"apr-1", "apr-300"}) CHECK(at_path((*e)->command(object{{"do", "approve"}, {"approval", approval}}), "ok"));
    REQUIRE(at_path((*e)->command(object{{"do", "wait"}, {"run", "run-1"}}), "ok"));  // until then it is decided, and still open
    CHECK(text_at((*e)->command(object{{"do", "approve"}, {"approval", "apr-1"}}).at("error"), "code") == "not_open");
  }
  REQUIRE(std::filesystem::exists(folder.path + "/snapshot"));
  const auto quick = folded(folder.path, fold_from::snapshot), whole = folded(folder.path, fold_from::first_event);
  REQUIRE(quick);
  REQUIRE(whole);
  CHECK(quick->parked.size() > 200);
  CHECK(whole->parked.size() == 0);
  CHECK(digest_of_state(*quick) == digest_of_state(*whole));

  auto e = engine::start(asking_company(folder.path, works));
  REQUIRE(e);
  CHECK(inbox(**e).get_array().size() == many - 2);
  CHECK(at_path((*e)->command(object{{"do", "reject"}, {"approval", "apr-2"}}), "ok"));
  for (int i = 3; i < 300; ++i) CHECK(at_path((*e)->command(object{{"do", "approve"}, {"approval", "apr-" + std::to_string(i)}}), "ok"));
  for (int i = 0; i < 1'000'000 && (*e)->command(object{{"do", "view"}, {"view", "status"}}).at("ok").at("runs").to_number<int>() > 0; ++i) {}
  (*e)->stop();
  std::set<std::string> letters;
  for (const auto& r : works->ledger) letters.insert(r.bytes.substr(0, r.bytes.find(" at ")));
  CHECK(works->ledger.size() == many - 1);
  CHECK(letters.size() == many - 1);
}

TEST_CASE("a company whose past was changed below its snapshot starts, finds it in the background, and is paused with the event's number") {
  company_folder folder;
  auto works = std::make_shared<test::test_connector>();
  {
    auto e = engine::start(asking_company(folder.path, works));
    REQUIRE(e);
    for (int i = 0; i < 250; ++i) (*e)->command(object{{"do", "run"}, {"workflow", "asks"}, {"input", {{"text", "x"}}}});
  }
  REQUIRE(std::filesystem::exists(folder.path + "/snapshot"));
  {
    SQLite::Database file(folder.path + "/journal.db", SQLite::OPEN_READWRITE);
    REQUIRE(file.exec("UPDATE events SET actor = 'somebody' WHERE seq = 7") == 1);
  }
  auto e = engine::start(asking_company(folder.path, works));
  REQUIRE(e);
  std::string reason;
  for (int i = 0; i < 1'000'000 && reason.empty(); ++i) {
    const auto status = (*e)->command(object{{"do", "view"}, {"view", "status"}}).at("ok");
    if (const auto* paused = at_path(status, "paused.company")) reason = paused->as_string();
  }
  CHECK(reason.find("journal event 7:") != std::string::npos);
  CHECK(reason.find("[journal_chain_broken]") != std::string::npos);
}

TEST_CASE("a snapshot that is damaged, or of another journal, is passed over") {
  company_folder folder;
  auto works = std::make_shared<test::test_connector>();
  {
    auto e = engine::start(asking_company(folder.path, works));
    REQUIRE(e);
    for (int i = 0; i < 250; ++i) (*e)->command(object{{"do", "run"}, {"workflow", "asks"}, {"input", {{"text", "x"}}}});
  }
  auto files = make_system_disk();
  const auto path = folder.path + "/snapshot";
  const auto sound = files->read(path).value();
  const auto truth = digest_of_state(folded(folder.path, fold_from::first_event).value());
  const auto seen = [&] {
    reader_options options;
    options.folder = folder.path;
    const auto kinds = all_event_kinds();
    auto source = std::move(reader::open(options, *kinds).value());
    return read_snapshot(folder.path, *files, *source, "UTC").has_value();
  };
  CHECK(seen());
  for (const std::size_t at : {std::size_t(0), std::size_t(30), sound.size() / 2, sound.size() - 1}) {
    auto flipped = sound;
    flipped[at] = char(flipped[at] ^ 1);
    REQUIRE(files->write(path, flipped));
    CHECK(!seen());
    CHECK(digest_of_state(folded(folder.path, fold_from::snapshot).value()) == truth);
  }
  REQUIRE(files->write(path, sound.substr(0, sound.size() - 10)));
  CHECK(!seen());
  // The same workspace, begun anew: its journal is another one.
  REQUIRE(files->write(path, sound));
  for (const auto* name : {"journal.db", "journal.db-wal", "journal.db-shm", "head", "derived.db"}) std::filesystem::remove(folder.path + "/" + name);
  {
    auto e = engine::start(asking_company(folder.path, works));
    REQUIRE(e);
    CHECK(inbox(**e).get_array().empty());
  }
}

}  // namespace steward
