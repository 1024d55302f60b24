/// The journal's view of the disk: counts every flush, gives the write-ahead log its room in advance, and fails on purpose in tests.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace steward {

/// One change of a file, as it was made.
struct disk_change {
  enum class what { created, written, truncated, flushed, removed } is = what::written;
  std::string file;          // its path
  std::int64_t at = 0;       // written: the offset; truncated: the new size; removed: 1 when the folder was flushed as well
  std::string bytes;         // written
};

/// Counters and the seam for faults of one journal's files. Counters may be read from any thread.
struct disk_watch {
  enum class operation { write, flush };
  std::atomic<std::uint64_t> flushes{0};        // fdatasync calls
  std::atomic<std::uint64_t> bytes_written{0};  // without the room made in advance
  /// Asked before each write and flush; anything but 0 (SQLITE_OK) is what the operation then answers, undone.
  std::function<int(operation)> fault;
  /// Told each change in its order, so that a test can build what a power cut would have left.
  std::function<void(disk_change)> recorded;
};

/// Registers a VFS that passes everything on to SQLite's own and reports to `watch`; unregistered with the last owner.
/// Every connection that uses it must be closed before.
class watched_vfs {
public:
  explicit watched_vfs(disk_watch& watch);
  ~watched_vfs();
  watched_vfs(const watched_vfs&) = delete;
  watched_vfs& operator=(const watched_vfs&) = delete;
  const std::string& name() const;

private:
  struct registration;
  std::unique_ptr<registration> registration_;
};

}  // namespace steward
