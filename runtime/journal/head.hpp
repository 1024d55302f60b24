/// The head file: how far the journal was, kept apart from it, so that a lost tail can't pass for the end.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "runtime/error.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/journal/watched_vfs.hpp"

namespace steward {

/// Two slots of text, each in a block of its own, written in turn: a torn write leaves the other one.
///   seq=00000000000000000042 chain=<64 hex digits> check=<16 hex digits>
/// A slot counts when its check (of what stands before it) is right; the higher seq wins.
class head_file {
public:
  /// Opens or creates `path`; a new file holds no head yet. `watch` is told its changes and must live longer.
  static result<head_file> open(std::string path, disk_watch* watch = nullptr);
  head_file(head_file&& other) noexcept;
  head_file& operator=(head_file&&) = delete;
  ~head_file();

  /// The last head that was written whole; none for a new file, or when both slots are unreadable.
  std::optional<journal_head> read() const;
  /// One pwrite; not synced. disk_full or disk_failed.
  result<void> write(const journal_head& head);
  result<void> sync();
  /// Forgets what both slots say and says this instead; synced.
  result<void> replace(const journal_head& head);

private:
  head_file(std::string path, int fd, disk_watch* watch) : path_(std::move(path)), fd_(fd), watch_(watch) {}
  void record(disk_change::what is, std::int64_t at = 0, std::string bytes = {}) const;
  std::string path_;
  int fd_;
  disk_watch* watch_;
  int next_slot_ = 0;
};

/// The last event that the head in `folder` names; 0: it names none, or is not there. Makes no file.
std::int64_t last_written_in(const std::string& folder);

}  // namespace steward
