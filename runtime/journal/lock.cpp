#include "runtime/journal/lock.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace steward {
namespace {

int written_id(int fd) {
  char text[24] = {};
  return ::pread(fd, text, sizeof text - 1, 0) > 0 ? std::atoi(text) : 0;
}

// A lock of the open file, not of the process (fcntl's older kind is lost as soon as any other descriptor of the file is
// closed); unlike flock's it can be asked about without being taken.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

result<process_lock> process_lock::take(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return error{"disk_failed", path, std::strerror(errno), "", "Check that the workspace exists and is yours"};
  process_lock lock(fd);
  auto wanted = whole_file();
  if (::fcntl(fd, F_OFD_SETLK, &wanted) != 0) {
    if (errno != EAGAIN && errno != EACCES) return error{"disk_failed", path, std::strerror(errno), "a file system that can lock files", ""};
    const int id = written_id(fd);
    return error{"already_running", path, id > 0 ? "process " + std::to_string(id) + " is at work in this workspace" : "another process is at work in this workspace", "one process at a time",
                 "Stop it with 'steward stop', or let it do the work"};
  }
  const std::string id = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, id.data(), id.size(), 0) != ssize_t(id.size())) return error{"disk_failed", path, std::strerror(errno), "", ""};
  return lock;
}

int process_lock::holder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const process_lock closes(fd);
  auto asked = whole_file();
  return ::fcntl(fd, F_OFD_GETLK, &asked) != 0 || asked.l_type == F_UNLCK ? 0 : written_id(fd);
}

process_lock::process_lock(process_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

process_lock::~process_lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace steward
