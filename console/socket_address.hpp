/// Where the engine listens: `.steward/steward.sock`, reached through the folder's descriptor because a socket's path may
/// have 107 bytes at most and a workspace may lie deeper.
#pragma once
#include <string>

#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/error.hpp"

namespace steward {

inline constexpr auto socket_name = "steward.sock";

/// An open descriptor that closes itself.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

struct socket_address {
  descriptor folder;  // must stay open while the address is used
  sockaddr_un name{};
};

/// `folder` is `.steward`. no_such_file when it is not there.
result<socket_address> socket_address_in(const std::string& folder);

/// The system's sentence for the current errno.
std::string system_sentence();

}  // namespace steward
