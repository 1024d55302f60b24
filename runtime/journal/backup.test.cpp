#include "runtime/journal/backup.hpp"

#include <sys/stat.h>
#include <thread>

#include "runtime/journal/journal_test.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/journal/seal.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

void fill(journal& j, int count) {
  for (int i = 0; i < count; ++i) REQUIRE(j.append({{note("text " + std::to_string(i))}}));
}

/// A disk that makes so many changes and then no more, as if the process had ended.
class ending_disk final : public disk {
public:
  explicit ending_disk(int changes) : left_(changes) {}
  result<std::string> read(const std::string& path) override { return real_->read(path); }
  result<void> write(const std::string& path, std::string_view bytes) override { return over() ? gone() : real_->write(path, bytes); }
  result<void> create(const std::string& path, std::string_view bytes) override { return over() ? gone() : real_->create(path, bytes); }
  result<void> link(const std::string& from, const std::string& to) override { return over() ? gone() : real_->link(from, to); }
  result<void> move(const std::string& from, const std::string& to) override { return over() ? gone() : real_->move(from, to); }
  result<void> remove(const std::string& path) override { return over() ? gone() : real_->remove(path); }
  bool exists(const std::string& path) override { return real_->exists(path); }
  std::vector<std::string> list(const std::string& folder) override { return real_->list(folder); }
  bool is_folder(const std::string& path) override { return real_->is_folder(path); }

private:
  bool over() { return left_-- <= 0; }
  static result<void> gone() { return error{"disk_failed", "", "the process has ended", "", ""}; }
  std::unique_ptr<disk> real_ = make_system_disk();
  int left_;
};

struct backup_bench : journal_bench {
  std::unique_ptr<disk> files = make_system_disk();
  journal_folder shelf;
  backup_order order(const std::string& name = "monday") { return {folder.path, shelf.file(name), "0.1.0", {}}; }
  result<backup_label> copy(const std::string& name = "monday") { return back_up(order(name), kinds, now, *random); }
  result<restored> bring_back(bool replace = true, const std::string& name = "monday") { return restore_backup(shelf.file(name), folder.path, replace, kinds, now, *files); }
  void put_salt(const std::string& text) { std::ofstream(folder.file("salt"), std::ios::trunc) << text; }
};

}  // namespace

TEST_CASE("backup of a journal that is being written holds everything that was acknowledged before it, and its chain is whole") {
  backup_bench bench;
  bench.put_salt("salt");
  auto j = bench.open();
  fill(*j, 20);
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> acknowledged{j->last().seq};
  std::atomic<int> wrong{0};
  std::thread writer([&] {
    while (!stop) {
      if (!j->append({{note("more"), note("and more")}})) ++wrong;
      acknowledged = j->last().seq;
    }
  });
  for (int i = 0; i < 5; ++i) {
    const auto before = acknowledged.load();
    const auto made = bench.copy("copy-" + std::to_string(i));
    if (!made || made->events < before || !check_backup(bench.shelf.file("copy-" + std::to_string(i)), bench.kinds)) ++wrong;
    if (made && made->events % 2 != 0) ++wrong;  // a batch of two is whole or not there
  }
  stop = true;
  writer.join();
  CHECK(wrong == 0);
}

TEST_CASE("backup appears only when the copy was restored, opened and proven") {
  backup_bench bench;
  auto j = bench.open();
  fill(*j, 10);
  auto order = bench.order();
  std::int64_t proven = 0;
  order.prove = [&](const std::string& trial) -> result<void> {
    reader_options options;
    options.folder = trial;
    const auto r = reader::open(options, bench.kinds);
    REQUIRE(r);
    proven = (*r)->last()->seq;
    CHECK_FALSE(fs::exists(order.to));
    return error{"logic_slip", "", "the proof fails", "", ""};
  };
  CHECK(back_up(order, bench.kinds, bench.now, *bench.random).error().code == "logic_slip");
  CHECK(proven == 10);
  CHECK(fs::is_empty(bench.shelf.path));
  order.prove = {};
  REQUIRE(back_up(order, bench.kinds, bench.now, *bench.random));
  CHECK_FALSE(fs::exists(order.to + "/trial"));
  for (const auto& file : fs::directory_iterator(order.to)) {
    struct stat info;
    REQUIRE(::stat(file.path().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
  CHECK(back_up(order, bench.kinds, bench.now, *bench.random).error().code == "backup_exists");
}

TEST_CASE("backup of a journal with a changed event is refused with the event's number") {
  backup_bench bench;
  { fill(*bench.open(), 10); }
  overwrite_in_file(bench.folder.file("journal.db"), "text 5", "test 5");
  const auto made = bench.copy();
  REQUIRE_FALSE(made);
  CHECK(to_sentence(made.error()).find("journal event 6") != std::string::npos);
  CHECK(fs::is_empty(bench.shelf.path));
}

TEST_CASE("restore brings back the very events of the backup, and sets aside what was there") {
  backup_bench bench;
  bench.put_salt("old salt");
  auto j = bench.open();
  fill(*j, 10);
  const auto honest = *bench.read()->read({});
  REQUIRE(bench.copy());
  bench.put_salt("new salt");
  fill(*j, 5);
  CHECK(bench.bring_back(false).error().code == "restore_in_the_way");
  {
    const auto lock = process_lock::take(bench.folder.file("lock"));
    REQUIRE(lock);
    CHECK(bench.bring_back().error().code == "already_running");
  }
  j.reset();
  const auto back = bench.bring_back();
  REQUIRE(back);
  CHECK(back->label.events == 10);
  CHECK(back->replaced == 15);
  for (const auto* name : {"journal.db", "head", "salt"}) CHECK(fs::exists(back->set_aside + "/" + name));
  j = bench.open();
  CHECK(j->last().seq == 10);
  CHECK(*bench.read()->read({}) == honest);
  CHECK(*bench.files->read(bench.folder.file("salt")) == "old salt");
  fill(*j, 1);
  // And what was set aside is a journal, too.
  journal_options options;
  options.folder = back->set_aside;
  const auto old = journal::open(options, bench.kinds, bench.now, *bench.random);
  REQUIRE(old);
  CHECK((*old)->last().seq == 15);
}

TEST_CASE("restore that ends anywhere leaves the old journal, the new one, or one that no engine opens, and can be repeated") {
  int refused = 0, still_old = 0;
  bool came_through = false;
  for (int ends_after = 0; !came_through; ++ends_after) {
    CAPTURE(ends_after);
    backup_bench bench;
    bench.put_salt("salt");
    auto j = bench.open();
    fill(*j, 10);
    REQUIRE(bench.copy());
    fill(*j, 5);
    // The files as kill -9 leaves them: the last events stand in the log alone.
    const auto killed = bench.shelf.file("killed");
    fs::create_directories(killed);
    for (const auto* name : {"journal.db", "journal.db-wal", "head", "salt"}) fs::copy_file(bench.folder.file(name), killed + "/" + name);
    j.reset();
    for (const auto* name : {"journal.db", "journal.db-wal", "head", "salt"}) fs::copy_file(killed + "/" + name, bench.folder.file(name), fs::copy_options::overwrite_existing);

    ending_disk ends(ends_after);
    came_through = bool(restore_backup(bench.shelf.file("monday"), bench.folder.path, true, bench.kinds, bench.now, ends));
    {
      journal_options options;
      options.folder = bench.folder.path;
      const auto opened = journal::open(options, bench.kinds, bench.now, *bench.random);
      if (opened) {
        still_old += (*opened)->last().seq == 15;
        CHECK((*opened)->last().seq == (came_through ? 10 : 15));
        CHECK(bench.read()->verify());
      } else {
        ++refused;
        CHECK(opened.error().code == "journal_tail_missing");
      }
    }
    REQUIRE(bench.bring_back());
    CHECK(bench.open()->last().seq == 10);
  }
  CHECK(refused >= 2);
  CHECK(still_old >= 3);
}

TEST_CASE("restore refuses a backup with any flipped byte in an event, head, salt or label, and changes nothing") {
  backup_bench bench;
  bench.put_salt("salt");
  { fill(*bench.open(), 10); }
  REQUIRE(bench.copy());
  const auto refused = [&](const std::string& name, const std::string& from, const std::string& to) {
    overwrite_in_file(bench.shelf.file("monday/" + name), from, to);
    const auto back = bench.bring_back();
    overwrite_in_file(bench.shelf.file("monday/" + name), to, from);
    REQUIRE_FALSE(back);
    return back.error().code;
  };
  CHECK(refused("journal.db", "text 5", "test 5") == "backup_damaged");
  overwrite_in_file(bench.shelf.file("monday/head"), "seq=0", "sea=0");  // one slot: the other still counts
  CHECK(refused("head", "seq=0", "sea=0") == "backup_damaged");          // both
  CHECK(refused("salt", "salt", "palt") == "backup_damaged");
  CHECK(refused("backup.json", "\"events\":10", "\"events\":11") == "backup_damaged");
  CHECK(restore_backup(bench.shelf.file("tuesday"), bench.folder.path, true, bench.kinds, bench.now, *bench.files).error().code == "backup_not_found");
  CHECK_FALSE(fs::exists(bench.folder.file("replaced")));
  CHECK(bench.bring_back());
}

TEST_CASE("who was erased after a backup stays erased when it is restored") {
  backup_bench bench;
  auto j = bench.open();
  auto d = note("");
  d.header.kind = "lead_arrived";
  d.header.subject = "lead-7";
  d.body = R"({"address":"ada@example.org","name":"Ada"})";
  d.personal = {"address"};
  REQUIRE(j->append({{d}}));
  REQUIRE(bench.copy());
  REQUIRE(seals(bench.folder.file("keys"), bench.random.get()).destroy("lead-7"));
  j.reset();
  REQUIRE(bench.bring_back());
  CHECK(bench.read()->at(1)->body == R"({"address":{"erased":true},"name":"Ada"})");
  const auto bytes = *bench.files->read(bench.shelf.file("monday/journal.db"));
  CHECK(bytes.find("ada@example.org") == std::string::npos);
}
