#include "runtime/journal/watched_vfs.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <sqlite3.h>

namespace steward {
namespace {

// A log that grows makes each flush write the file's new length too, which doubles its price (measured on ext4: 290 us
// against 125 us). So the log is filled with zeros a piece ahead; SQLite takes zeros after the last frame for its end.
constexpr std::int64_t room_ahead = 256 * 1024;  // about 25 small commits a piece

struct watched_file {
  sqlite3_file base;  // must be first: SQLite sees only this
  disk_watch* watch;
  const char* path;   // SQLite keeps it until the file is closed; none: a temporary file
  bool is_log;
  std::int64_t room;  // bytes of the log that exist on disk
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

watched_file& self(sqlite3_file* file) { return *reinterpret_cast<watched_file*>(file); }
sqlite3_file* real(sqlite3_file* file) { return self(file).real(); }

using what = disk_change::what;
void record(const watched_file& file, what is, std::int64_t at = 0, std::string bytes = {}) {
  if (file.watch->recorded && file.path) file.watch->recorded({is, file.path, at, std::move(bytes)});
}

int fault_of(disk_watch& watch, disk_watch::operation operation) { return watch.fault ? watch.fault(operation) : SQLITE_OK; }

void make_room(watched_file& log, std::int64_t end) {
  static const std::array<char, 64 * 1024> zeros{};
  const std::int64_t wanted = end + room_ahead;
  for (std::int64_t at = log.room; at < wanted; at += std::int64_t(zeros.size())) {
    const auto piece = std::min<std::int64_t>(wanted - at, std::int64_t(zeros.size()));
    if (log.real()->pMethods->xWrite(log.real(), zeros.data(), int(piece), at) != SQLITE_OK) break;  // Only a favour: the write itself will say what is wrong.
    if (log.watch->recorded) record(log, what::written, at, std::string(std::size_t(piece), '\0'));
  }
  log.room = wanted;
}

int file_close(sqlite3_file* f) {
  const int rc = real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
  f->pMethods = nullptr;
  return rc;
}
int file_read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); }
int file_write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  auto& me = self(f);
  if (const int rc = fault_of(*me.watch, disk_watch::operation::write); rc != SQLITE_OK) return rc;
  if (me.is_log && at + n > me.room) make_room(me, at + n);
  me.watch->bytes_written.fetch_add(std::uint64_t(n), std::memory_order_relaxed);
  const int rc = real(f)->pMethods->xWrite(real(f), from, n, at);
  if (rc == SQLITE_OK && me.watch->recorded) record(me, what::written, at, std::string(static_cast<const char*>(from), std::size_t(n)));
  return rc;
}
int file_truncate(sqlite3_file* f, sqlite3_int64 size) {
  const int rc = real(f)->pMethods->xTruncate(real(f), size);
  if (rc == SQLITE_OK) self(f).room = size;
  if (rc == SQLITE_OK) record(self(f), what::truncated, size);
  return rc;
}
int file_sync(sqlite3_file* f, int flags) {
  auto& watch = *self(f).watch;
  if (const int rc = fault_of(watch, disk_watch::operation::flush); rc != SQLITE_OK) return rc;
  watch.flushes.fetch_add(1, std::memory_order_relaxed);
  const int rc = real(f)->pMethods->xSync(real(f), flags);
  if (rc == SQLITE_OK) record(self(f), what::flushed);
  return rc;
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int file_lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int file_unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int file_check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int file_control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int file_sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int file_characteristics(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int file_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int file_shm_lock(sqlite3_file* f, int offset, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); }
void file_shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int file_shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

// Version 2: shared memory for the log's index, but no memory-mapped pages, which this engine never uses.
const sqlite3_io_methods methods = {2,
                                    file_close,
                                    file_read,
                                    file_write,
                                    file_truncate,
                                    file_sync,
                                    file_size,
                                    file_lock,
                                    file_unlock,
                                    file_check_lock,
                                    file_control,
                                    file_sector_size,
                                    file_characteristics,
                                    file_shm_map,
                                    file_shm_lock,
                                    file_shm_barrier,
                                    file_shm_unmap,
                                    nullptr,
                                    nullptr};

}  // namespace

struct watched_vfs::registration {
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;
  disk_watch* watch = nullptr;
  std::string name;

  static registration& of(sqlite3_vfs* vfs) { return *static_cast<registration*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto& mine = of(vfs);
    auto* me = new (file) watched_file{{nullptr}, mine.watch, path, (flags & SQLITE_OPEN_WAL) != 0, 0};
    me->real()->pMethods = nullptr;
    int there = 0;
    if (mine.watch->recorded && path) mine.system->xAccess(mine.system, path, SQLITE_ACCESS_EXISTS, &there);
    const int rc = mine.system->xOpen(mine.system, path, me->real(), flags, out_flags);
    if (rc != SQLITE_OK) return rc;
    if (there == 0) record(*me, what::created);
    if (me->is_log) {
      sqlite3_int64 size = 0;
      if (me->real()->pMethods->xFileSize(me->real(), &size) == SQLITE_OK) me->room = size;
    }
    file->pMethods = &methods;
    return rc;
  }
};

watched_vfs::watched_vfs(disk_watch& watch) : registration_(std::make_unique<registration>()) {
  static std::atomic<unsigned> counter{0};
  auto& r = *registration_;
  sqlite3_initialize();
  r.system = sqlite3_vfs_find(nullptr);
  r.watch = &watch;
  r.name = "steward-journal-" + std::to_string(++counter);
  r.vfs = *r.system;  // Everything but opening a file is the system's own affair.
  r.vfs.szOsFile = int(sizeof(watched_file)) + r.system->szOsFile;
  r.vfs.pNext = nullptr;
  r.vfs.zName = r.name.c_str();
  r.vfs.pAppData = &r;
  r.vfs.xOpen = &registration::open;
  // The others are handed the system's VFS, whose pAppData they may look at.
  r.vfs.xDelete = [](sqlite3_vfs* v, const char* path, int sync) {
    auto& mine = registration::of(v);
    const int rc = mine.system->xDelete(mine.system, path, sync);
    if (rc == SQLITE_OK && mine.watch->recorded) mine.watch->recorded({what::removed, path, sync, {}});
    return rc;
  };
  r.vfs.xAccess = [](sqlite3_vfs* v, const char* path, int flags, int* out) { auto* s = registration::of(v).system; return s->xAccess(s, path, flags, out); };
  r.vfs.xFullPathname = [](sqlite3_vfs* v, const char* path, int n, char* out) { auto* s = registration::of(v).system; return s->xFullPathname(s, path, n, out); };
  sqlite3_vfs_register(&r.vfs, 0);
}

watched_vfs::~watched_vfs() { sqlite3_vfs_unregister(&registration_->vfs); }

const std::string& watched_vfs::name() const { return registration_->name; }

}  // namespace steward
