/// How fast the journal appends and reads: commits a second, events a second, flushes a commit. `journal_bench [folder]`.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "runtime/journal/derived.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/reader.hpp"

using namespace steward;

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

draft step_event(std::int64_t i) {
  draft d;
  d.header.stream = "run/run-" + std::to_string(i / 20);
  d.header.kind = "step_finished";
  d.header.actor = "role/editor";
  d.header.cause = i - i % 1000;  // some event before it
  d.header.correlation = "run-" + std::to_string(i / 20);
  d.header.time = time_point{std::chrono::seconds(1'800'000'000) + std::chrono::milliseconds(i)};
  d.body = R"({"attempt":1,"instance":"run-1234/draft.1","result":{"subject":"What changed this week","text":"Three things, each with its source."},"step":"draft","visit":1})";
  return d;
}

/// What the disk itself gives: one page overwritten and flushed.
double flushes_a_second(const std::string& folder) {
  const auto path = folder + "/raw";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string page(8240, 'x');
  constexpr int rounds = 1000;
  for (int i = 0; i < rounds; ++i)
    if (::pwrite(fd, page.data(), page.size(), off_t(i) * 8240) < 0) std::abort();
  ::fsync(fd);
  const double start = seconds();
  for (int i = 0; i < rounds; ++i)
    if (::pwrite(fd, page.data(), page.size(), off_t(i) * 8240) < 0 || ::fdatasync(fd) != 0) std::abort();
  const double rate = rounds / (seconds() - start);
  ::close(fd);
  return rate;
}

void append_groups(journal& j, int groups, int size, const char* what) {
  std::vector<batch> group(static_cast<std::size_t>(size));
  const auto flushes = j.flushes(), commits = j.commits(), bytes = j.bytes_written();
  double building = 0;
  const double start = seconds();
  for (int g = 0; g < groups; ++g) {
    const double before = seconds();
    for (std::int64_t i = j.last().seq; auto& one : group) one.drafts.assign(1, step_event(i++));
    building += seconds() - before;
    const auto outcomes = j.append(group);
    if (!outcomes || !outcomes->back()) std::abort();
  }
  const double took = seconds() - start - building;
  const double done = double(j.commits() - commits);
  std::printf("%-28s %8.0f commits/s %9.0f events/s  %.3f flushes/commit  %.0f bytes written/event\n", what, done / took, done * size / took, double(j.flushes() - flushes) / done,
              double(j.bytes_written() - bytes) / (done * size));
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : "journal_bench_data";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::printf("%-28s %8.0f flushes/s\n", "the disk alone", flushes_a_second(folder));
  const auto kinds = event_kinds().add("step_finished", 1);
  const auto now = make_system_clock();
  const auto random = make_seeded_random(1);
  auto j = journal::open({.folder = folder}, kinds, *now, *random);
  if (!j) return std::puts(to_sentence(j.error()).c_str()), 1;
  append_groups(**j, 1000, 1, "warming up");
  append_groups(**j, 3000, 1, "one event a commit");
  append_groups(**j, 1000, 10, "groups of 10");
  append_groups(**j, 1000, 100, "groups of 100");
  append_groups(**j, 200, 1000, "groups of 1000");
  const double count = double((*j)->last().seq);
  std::printf("%-28s %8.1f bytes/event on disk\n", "size", double(std::filesystem::file_size(folder + "/journal.db")) / count);

  auto r = reader::open({.folder = folder}, kinds);
  double start = seconds();
  if (!(*r)->verify()) return 1;
  std::printf("%-28s %8.0f events/s\n", "verify the chain", count / (seconds() - start));
  start = seconds();
  if (!(*r)->each({.limit = SIZE_MAX}, [](record) { return true; })) return 1;
  std::printf("%-28s %8.0f events/s\n", "read all", count / (seconds() - start));
  std::vector<std::unique_ptr<projection>> projections;
  projections.push_back(make_event_index());
  auto d = derived::open(folder, std::move(projections));
  start = seconds();
  while (*(*d)->catch_up(**r) > 0) {}
  std::printf("%-28s %8.0f events/s\n", "index", count / (seconds() - start));
  start = seconds();
  for (int i = 0; i < 1000; ++i)
    if ((*r)->read({.stream = "run/run-" + std::to_string(i * 7)})->size() != 20) return 1;
  std::printf("%-28s %8.0f streams/s of 20 events\n", "read by stream", 1000 / (seconds() - start));
  j->reset();
  start = seconds();
  if (!journal::open({.folder = folder}, kinds, *now, *random)) return 1;
  std::printf("%-28s %8.2f ms\n", "open", (seconds() - start) * 1e3);
  std::filesystem::remove_all(folder);
}
