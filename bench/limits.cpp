/// The physical limits: what disk, SQLite and CAF give by themselves, in the same process and on the same disk.
#include <stdexcept>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "bench/raw_actors.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {
namespace {

constexpr double measured_for = 1.0;  // seconds; the figures agree within a few percent

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + " failed");
}

/// One page and a header, as a small commit writes them, appended and flushed.
double flushes_a_second(const std::string& folder) {
  const auto path = folder + "/raw";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(fd >= 0, "open");
  const std::string page(4120, 'x');
  constexpr int places = 1000;  // The file is as long as it will be: a log that is written again from its start.
  for (int i = 0; i < places; ++i) must(::pwrite(fd, page.data(), page.size(), off_t(i) * off_t(page.size())) == ssize_t(page.size()), "pwrite");
  must(::fsync(fd) == 0, "fsync");
  std::int64_t done = 0;
  const double start = seconds_now();
  for (; seconds_now() - start < measured_for; ++done) {
    must(::pwrite(fd, page.data(), page.size(), (done % places) * off_t(page.size())) == ssize_t(page.size()), "pwrite");
    must(::fdatasync(fd) == 0, "fdatasync");
  }
  const double rate = double(done) / (seconds_now() - start);
  ::close(fd);
  return rate;
}

/// Rows a second into the plainest table, `rows` in each commit.
double rows_a_second(const std::string& folder, int rows) {
  const auto path = folder + "/raw.db";
  for (const auto* tail : {"", "-wal", "-shm"}) ::unlink((path + tail).c_str());
  sqlite3* database = nullptr;
  must(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "sqlite3_open");
  must(sqlite3_exec(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE events(seq INTEGER PRIMARY KEY, header TEXT, body TEXT)", nullptr, nullptr, nullptr) == SQLITE_OK, "pragma");
  sqlite3_stmt *begin = nullptr, *insert = nullptr, *commit = nullptr;
  sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, nullptr);
  sqlite3_prepare_v2(database, "INSERT INTO events(header, body) VALUES(?, ?)", -1, &insert, nullptr);
  sqlite3_prepare_v2(database, "COMMIT", -1, &commit, nullptr);
  const std::string header(40, 'h'), body(150, 'b');
  const auto step = [&](sqlite3_stmt* s) {
    must(sqlite3_step(s) == SQLITE_DONE, "sqlite3_step");
    sqlite3_reset(s);
  };
  std::int64_t done = 0;
  const double start = seconds_now();
  for (; seconds_now() - start < measured_for; done += rows) {
    step(begin);
    for (int i = 0; i < rows; ++i) {
      sqlite3_bind_text(insert, 1, header.data(), int(header.size()), SQLITE_STATIC);
      sqlite3_bind_text(insert, 2, body.data(), int(body.size()), SQLITE_STATIC);
      step(insert);
    }
    step(commit);
  }
  const double rate = double(done) / (seconds_now() - start);
  for (auto* s : {begin, insert, commit}) sqlite3_finalize(s);
  sqlite3_close(database);
  return rate;
}

}  // namespace

measurement measure_limits(const bench_options& options) {
  const scratch folder(options.folder + "/limits");
  const double flushes = flushes_a_second(folder.path);
  return {"limits", {}, {{"fdatasync_per_s", flushes}, {"flush_ms", 1000 / flushes}, {"commits_per_s", rows_a_second(folder.path, 1)},
                         {"grouped_events_per_s", rows_a_second(folder.path, 100)}, {"caf_requests_per_s", raw_requests_a_second(measured_for)}}};
}

}  // namespace steward::bench
