/// Serves the engine's commands on a Unix socket: a line of JSON in, a line of JSON out. A client that is slow, rude or dead
/// hurts nobody but itself.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

class socket_server {
public:
  /// Answers one command; called on a thread of the server, one command at a time.
  using handler = std::function<json(const json&)>;

  /// Makes `folder`/steward.sock (0600), in place of one that a crash left; the caller holds the workspace's lock. disk_failed.
  static result<std::unique_ptr<socket_server>> listen(const std::string& folder, handler answer);
  /// Answers what it has begun, then closes and removes the socket.
  ~socket_server();

private:
  struct implementation;
  explicit socket_server(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
