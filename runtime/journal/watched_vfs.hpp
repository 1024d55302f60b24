/// The journal's view of the disk: counts every flush, gives the write-ahead log its room in advance, and fails on purpose in tests.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace steward {

/// Counters and the seam for faults of one journal's files. Counters may be read from any thread.
struct disk_watch {
  enum class operation { write, flush };
  std::atomic<std::uint64_t> flushes{0};        // fdatasync calls
  std::atomic<std::uint64_t> bytes_written{0};  // without the room made in advance
  /// Asked before each write and flush; anything but 0 (SQLITE_OK) is what the operation then answers, undone.
  std::function<int(operation)> fault;
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
