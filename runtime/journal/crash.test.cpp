// What the journal promises when its process or its machine dies: nothing that was acknowledged is missing, nothing is half there.
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "runtime/journal/derived.hpp"
#include "runtime/journal/journal_test.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

/// A batch of 1 to 5 events, each of which says the batch's number, its own place and the batch's size.
batch numbered_batch(std::int64_t number) {
  batch b;
  const auto size = 1 + number % 5;
  for (std::int64_t i = 0; i < size; ++i) b.drafts.push_back(note(std::to_string(number) + " " + std::to_string(i) + "/" + std::to_string(size)));
  return b;
}

/// Every batch that begins in the journal is whole, and they come in order.
void require_whole_batches(reader& r) {
  std::int64_t number = -1, place = 0, size = 0;
  std::size_t wrong = 0;
  const auto seen = r.each({.limit = SIZE_MAX}, [&](record e) {
    long long n = 0, i = 0, s = 0;
    std::sscanf(e.body.c_str(), "{\"text\":\"%lld %lld/%lld\"}", &n, &i, &s);
    if (i == 0) wrong += place != size || n <= number;
    else wrong += n != number || i != place;
    number = n, place = i + 1, size = s;
    return true;
  });
  REQUIRE(seen);
  CHECK(wrong == 0);
  CHECK(place == size);
}

/// In a child: appends batches until it is killed; after each reply it writes the journal's last seq into the pipe.
[[noreturn]] void append_until_killed(journal_bench& bench, int acks) {
  journal_options options;
  options.folder = bench.folder.path;
  auto j = journal::open(options, bench.kinds, bench.now, *bench.random);
  if (!j) ::_exit(1);
  for (std::int64_t number = (*j)->last().seq;; ++number) {
    // Groups of one to three callers, as they come.
    std::vector<batch> group;
    for (int i = 0; i <= number % 3; ++i) group.push_back(numbered_batch(number * 4 + i));
    if (!(*j)->append(group)) ::_exit(2);
    const auto last = (*j)->last().seq;
    if (::write(acks, &last, sizeof last) != sizeof last) ::_exit(3);
    bench.now.advance(std::chrono::milliseconds(300));
  }
}

std::int64_t seq_of_next_ack(int acks) {
  std::int64_t seq = 0;
  return ::read(acks, &seq, sizeof seq) == sizeof seq ? seq : 0;
}

/// The files as a copy that another journal can be opened on; the log's index is memory, which a crash takes.
void copy_journal(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  for (const auto* name : {"journal.db", "journal.db-wal", "head"})
    if (fs::exists(from + "/" + name)) fs::copy_file(from + "/" + name, to + "/" + name, fs::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("no acknowledged event is missing after kill -9 at any moment, and no batch is half there") {
  const std::uint64_t seed = 4711;
  CAPTURE(seed);
  const auto chance = make_seeded_random(seed);
  journal_bench bench;
  for (int round = 0; round < 25; ++round) {
    int acks[2];
    REQUIRE(::pipe(acks) == 0);
    const auto child = ::fork();
    if (child == 0) {
      ::close(acks[0]);
      append_until_killed(bench, acks[1]);
    }
    ::close(acks[1]);
    std::int64_t acknowledged = 0;
    for (auto n = 1 + chance->next() % 40; n > 0; --n) {
      acknowledged = seq_of_next_ack(acks[0]);
      REQUIRE(acknowledged > 0);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (const auto seq = seq_of_next_ack(acks[0])) acknowledged = seq;  // Said before it died.
    ::close(acks[0]);
    auto j = bench.open();
    CAPTURE(round, acknowledged, j->last().seq);
    REQUIRE(j->last().seq >= acknowledged);
    auto r = bench.read();
    REQUIRE(r->verify());
    require_whole_batches(*r);
  }
}

TEST_CASE("what was flushed when the power went suffices: every acknowledged event is there, with a head that is older") {
  journal_bench bench;
  // The files as they stand at each flush are the least that a power cut leaves after it; the head is synced once a second.
  const auto kept = bench.folder.file("after-the-power-cut");
  bool watching = false;
  journal_options options;
  options.checkpoint_pages = 20;
  options.fault = [&](disk_watch::operation o) {
    if (!watching || o != disk_watch::operation::flush) return 0;
    const auto head = kept + "/head";
    if (fs::exists(head)) fs::rename(head, kept + "/old-head");
    copy_journal(bench.folder.path, kept);
    if (fs::exists(kept + "/old-head")) fs::rename(kept + "/old-head", head);
    return 0;
  };
  auto j = bench.open(options);
  watching = true;
  for (std::int64_t number = 0; number < 60; ++number) {
    REQUIRE(j->append(numbered_batch(number)));
    if (number % 6 != 5) continue;
    options = {};
    options.folder = kept;
    const auto recovered = journal::open(options, bench.kinds, bench.now, *bench.random);
    REQUIRE(recovered);
    CHECK((*recovered)->last() == j->last());
  }
}

TEST_CASE("journal whose log was cut or whose bits were flipped says that its tail is missing") {
  journal_bench bench;
  auto j = bench.open();
  for (std::int64_t number = 0; number < 30; ++number) REQUIRE(j->append(numbered_batch(number)));
  const auto last = j->last();
  const auto copy = bench.folder.file("copy");
  const auto log = copy + "/journal.db-wal";
  std::string bytes;
  {
    std::ifstream file(bench.folder.file("journal.db-wal"), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  // The page that the last commit wrote stands last in the log: only the newest frame holds the last event.
  const auto end = bytes.rfind("{\"text\":\"29 4/5\"}");
  REQUIRE(end != std::string::npos);
  journal_options options;
  options.folder = copy;
  const auto code_after = [&](const std::string& damaged) -> std::string {
    fs::remove_all(copy);
    copy_journal(bench.folder.path, copy);
    std::ofstream(log, std::ios::binary | std::ios::trunc) << damaged;
    const auto opened = journal::open(options, bench.kinds, bench.now, *bench.random);
    if (!opened) return opened.error().code;
    CHECK((*opened)->last() == last);
    return "";
  };
  CHECK(code_after(bytes) == "");
  CHECK(code_after(bytes.substr(0, end)) == "journal_tail_missing");
  CHECK(code_after("") == "journal_tail_missing");
  const std::uint64_t seed = 99;
  CAPTURE(seed);
  const auto chance = make_seeded_random(seed);
  for (int i = 0; i < 40; ++i) {
    auto damaged = bytes;
    const auto at = 32 + chance->next() % (end - 32);  // after the log's own header
    damaged[at] = char(damaged[at] ^ (1 << chance->next() % 8));
    CAPTURE(i, at);
    CHECK(code_after(damaged) == "journal_tail_missing");
  }
}

TEST_CASE("a flipped bit in the journal's file is found by the chain or by SQLite, wherever an event was hit") {
  journal_bench bench;
  {
    auto j = bench.open();
    for (std::int64_t number = 0; number < 30; ++number) REQUIRE(j->append(numbered_batch(number)));
  }
  const auto honest = *bench.read()->read({});
  const std::uint64_t seed = 7;
  CAPTURE(seed);
  const auto chance = make_seeded_random(seed);
  const auto path = bench.folder.file("journal.db");
  const auto size = fs::file_size(path);
  int found = 0;
  for (int i = 0; i < 100; ++i) {
    std::string bytes;
    {
      std::ifstream file(path, std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    auto damaged = bytes;
    const auto at = chance->next() % size;
    damaged[at] = char(damaged[at] ^ (1 << chance->next() % 8));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
    CAPTURE(i, at);
    reader_options options;
    options.folder = bench.folder.path;
    auto r = reader::open(options, bench.kinds);
    const bool complained = !r || !(*r)->verify();
    found += complained;
    // Either somebody complains, or every event reads as it was: the bit hit free space or a key's index.
    if (!complained) {
      const auto read = (*r)->read({});
      REQUIRE(read);
      REQUIRE(*read == honest);
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  CHECK(found > 20);
}

TEST_CASE("one writer, three readers and a projection work side by side, and readers see only whole batches") {
  journal_bench bench;
  constexpr std::int64_t batches = 400;
  auto j = bench.open({.folder = "", .checkpoint_pages = 50});
  std::atomic<std::int64_t> acknowledged{0};
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  const auto watch_over = [&] {
    reader_options options;
    options.folder = bench.folder.path;
    auto r = reader::open(options, bench.kinds);
    if (!r) return void(++wrong);
    std::int64_t seen = 0;
    for (bool last_round = false; !last_round;) {
      last_round = done;
      const auto promised = acknowledged.load();
      const auto end = (*r)->last();
      if (!end || end->seq < promised || end->seq < seen) return void(++wrong);
      const auto fresh = (*r)->read({.from_seq = seen + 1, .to_seq = end->seq, .limit = SIZE_MAX});
      if (!fresh) return void(++wrong);
      if (!fresh->empty()) {
        // The last one must be the last of its batch: a batch is visible whole or not at all.
        long long n = 0, i = 0, s = 0;
        std::sscanf(fresh->back().body.c_str(), "{\"text\":\"%lld %lld/%lld\"}", &n, &i, &s);
        if (i + 1 != s) ++wrong;
      }
      const auto mine = (*r)->read({.stream = "run-1", .order = read_order::newest_first, .limit = 10});
      if (!mine) ++wrong;
      seen = end->seq;
    }
    if (!(*r)->verify() || (*r)->last()->seq != acknowledged) ++wrong;
  };
  const auto derive = [&] {
    reader_options options;
    options.folder = bench.folder.path;
    auto r = reader::open(options, bench.kinds);
    std::vector<std::unique_ptr<projection>> projections;
    projections.push_back(make_event_index());
    auto d = derived::open(bench.folder.path, std::move(projections));
    if (!r || !d) return void(++wrong);
    for (bool last_round = false; !last_round;) {
      last_round = done;
      if (!(*d)->catch_up(**r, 100)) ++wrong;
    }
    while (*(*d)->catch_up(**r) > 0) {}
    if (*(*d)->position("event_index") != acknowledged) ++wrong;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(watch_over);
  threads.emplace_back(derive);
  for (std::int64_t number = 0; number < batches; ++number) {
    if (!j->append(numbered_batch(number))) ++wrong;
    acknowledged = j->last().seq;
  }
  done = true;
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(acknowledged == 1200);
}
