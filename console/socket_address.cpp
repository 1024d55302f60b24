#include "console/socket_address.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace steward {

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string system_sentence() { return std::strerror(errno); }

result<socket_address> socket_address_in(const std::string& folder) {
  socket_address address;
  address.folder = descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!address.folder) return error{"no_such_file", folder, "it can't be opened: " + system_sentence(), "the folder .steward of a workspace", ""};
  address.name.sun_family = AF_UNIX;
  const auto path = fmt::format("/proc/self/fd/{}/{}", address.folder.get(), socket_name);
  std::memcpy(address.name.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace steward
