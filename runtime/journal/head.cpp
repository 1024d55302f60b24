#include "runtime/journal/head.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace steward {
namespace {

constexpr std::size_t slot_bytes = 128;     // the text and spaces up to the line's end
constexpr off_t slot_distance = 4096;       // One physical sector apart, so that one torn write can't take both.
constexpr std::size_t chain_at = 24 + 1 + 6;  // "seq=" and 20 digits, a space, "chain="
constexpr std::size_t check_at = chain_at + 64 + 1 + 6;

error failed(const std::string& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return {full ? "disk_full" : "disk_failed", path, std::strerror(number), "", full ? "Free some space and start again; everything acknowledged is on disk" : ""};
}

std::string slot_text(const journal_head& head) {
  std::string digits = std::to_string(head.seq);
  std::string text = "seq=" + std::string(20 - digits.size(), '0') + digits + " chain=" + to_hex(head.chain);
  text += " check=" + hex_digest(text).substr(0, 16);
  text.resize(slot_bytes - 1, ' ');
  return text + '\n';
}

std::optional<journal_head> parse_slot(const std::string& text) {
  if (text.size() != slot_bytes || !text.starts_with("seq=")) return {};
  if (text.substr(check_at, 16) != hex_digest(text.substr(0, check_at - 7)).substr(0, 16)) return {};
  journal_head head;
  std::from_chars(text.data() + 4, text.data() + 24, head.seq);
  for (std::size_t i = 0; i < head.chain.size(); ++i) {
    const char* digits = text.data() + chain_at + 2 * i;
    std::from_chars(digits, digits + 2, head.chain[i], 16);
  }
  return head;
}

std::string read_slot(int fd, int slot) {
  std::string text(slot_bytes, '\0');
  const auto got = ::pread(fd, text.data(), text.size(), slot * slot_distance);
  text.resize(got < 0 ? 0 : std::size_t(got));
  return text;
}

result<void> sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const int fd = ::open(slash == path.npos ? "." : path.substr(0, slash + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(path, errno);
  const int number = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (number != 0) return failed(path, number);
  return {};
}

}  // namespace

result<head_file> head_file::open(std::string path, disk_watch* watch) {
  int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const bool is_new = fd < 0 && errno == ENOENT;
  if (is_new) fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failed(path, errno);
  head_file file(std::move(path), fd, watch);
  if (is_new) {  // Its name is on disk before anything that it shall vouch for.
    if (auto r = sync_folder_of(file.path_); !r) return r.error();
    file.record(disk_change::what::created, 1);
  }
  const auto first = parse_slot(read_slot(fd, 0));
  const auto second = parse_slot(read_slot(fd, 1));
  // The next write goes over the older slot, or over the one that is not readable.
  file.next_slot_ = first && (!second || first->seq > second->seq) ? 1 : 0;
  return file;
}

head_file::head_file(head_file&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), watch_(other.watch_), next_slot_(other.next_slot_) {}

head_file::~head_file() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<journal_head> head_file::read() const {
  const auto first = parse_slot(read_slot(fd_, 0));
  const auto second = parse_slot(read_slot(fd_, 1));
  if (!first) return second;
  if (!second) return first;
  return first->seq >= second->seq ? first : second;
}

result<void> head_file::write(const journal_head& head) {
  const auto text = slot_text(head);
  const auto put = ::pwrite(fd_, text.data(), text.size(), next_slot_ * slot_distance);
  if (put != ssize_t(text.size())) return failed(path_, put < 0 ? errno : ENOSPC);
  record(disk_change::what::written, next_slot_ * slot_distance, text);
  next_slot_ = 1 - next_slot_;
  return {};
}

result<void> head_file::sync() {
  if (::fdatasync(fd_) != 0) return failed(path_, errno);
  record(disk_change::what::flushed);
  return {};
}

std::int64_t last_written_in(const std::string& folder) {
  const auto path = folder + "/head";
  if (::access(path.c_str(), R_OK) != 0) return 0;
  const auto slots = head_file::open(path);
  const auto written = slots ? slots->read() : std::nullopt;
  return written ? written->seq : 0;
}

void head_file::record(disk_change::what is, std::int64_t at, std::string bytes) const {
  if (watch_ && watch_->recorded) watch_->recorded({is, path_, at, std::move(bytes)});
}

result<void> head_file::replace(const journal_head& head) {
  for (int slot = 0; slot < 2; ++slot)
    if (auto r = write(head); !r) return r;
  return sync();
}

}  // namespace steward
