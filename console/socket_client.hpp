/// Talks to a running engine over its socket.
#pragma once
#include <string>

#include "console/socket_address.hpp"
#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

class socket_client {
public:
  /// engine_not_running when nobody listens.
  static result<socket_client> connect(const std::string& folder);
  /// Sends one command and waits for its answer, {"ok": …} or {"error": …}. engine_lost, engine_not_answering, bad_reply.
  result<json> ask(const json& command, duration at_most = std::chrono::seconds{30});

private:
  explicit socket_client(descriptor fd) : fd_(std::move(fd)) {}
  descriptor fd_;
  std::string in_;
};

}  // namespace steward
