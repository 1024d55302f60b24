/// The only door to files for connectors and projections; tests replace it by one that fails on purpose.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"

namespace steward {

/// Paths are as the caller gives them; the implementation refuses nothing by itself (see `inside` for fences).
/// Every error carries the path in `where` and the system's sentence in `found`; codes: disk_full, no_such_file, disk_failed.
class disk {
public:
  virtual ~disk() = default;
  virtual result<std::string> read(const std::string& path) = 0;
  /// Bytes in a file, so that a reader can turn down one that is too large before it fills the memory.
  virtual result<std::uint64_t> size(const std::string& path) {
    const auto bytes = read(path);
    if (!bytes) return bytes.error();
    return bytes->size();
  }
  /// Creates parent folders, writes `path`.tmp-…, syncs it, renames it over `path`, syncs the folder.
  virtual result<void> write(const std::string& path, std::string_view bytes) = 0;
  /// Writes and syncs a new file, as open to others as its folder is; `already_there` when one of that name exists.
  virtual result<void> create(const std::string& path, std::string_view bytes) = 0;
  /// A second name for the same file (link(2)), synced; replaces nothing: `already_there` when `to` exists.
  virtual result<void> link(const std::string& from, const std::string& to) = 0;
  /// Atomic rename; both folders are synced.
  virtual result<void> move(const std::string& from, const std::string& to) = 0;
  virtual result<void> remove(const std::string& path) = 0;  // no error when it is not there
  virtual bool exists(const std::string& path) = 0;
  /// Names (not paths) of the entries of a folder, sorted; empty when the folder is not there.
  virtual std::vector<std::string> list(const std::string& folder) = 0;
  virtual bool is_folder(const std::string& path) = 0;
};

std::unique_ptr<disk> make_system_disk();

/// `folder`/`relative` when that stays inside `folder`: no absolute path, no "..", no NUL, no symbolic link that leads out.
/// Otherwise error `path_climbs_out`.
result<std::string> inside(const std::string& folder, std::string_view relative);

}  // namespace steward
