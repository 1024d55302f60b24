/// One process per workspace: who holds `.steward/lock` is the only one who writes.
#pragma once
#include <string>

#include "runtime/error.hpp"

namespace steward {

/// Held from `take` to destruction, and let go by the system when the process dies, however it dies.
class process_lock {
public:
  /// Creates the file where it is missing and writes this process's id into it. already_running (with the id of the one
  /// who holds it), disk_failed.
  static result<process_lock> take(const std::string& path);
  /// The id of the process that holds it; 0 when nobody does.
  static int holder(const std::string& path);

  process_lock(process_lock&& other) noexcept;
  process_lock& operator=(process_lock&&) = delete;
  ~process_lock();

private:
  explicit process_lock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace steward
