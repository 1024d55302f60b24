#include "console/socket_client.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace steward {

result<socket_client> socket_client::connect(const std::string& folder) {
  const error nobody{"engine_not_running", folder, "no engine is running", "", "'steward up' starts it"};
  auto address = socket_address_in(folder);
  if (!address) return nobody;
  descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address->name), sizeof address->name) != 0) return nobody;
  return socket_client(std::move(fd));
}

result<json> socket_client::ask(const json& command, duration at_most) {
  const error lost{"engine_lost", "the engine", "it ended before it answered", "", "'steward up' starts it again; nothing that was on disk is lost"};
  auto line = canonical(command) + "\n";
  for (std::string_view rest = line; !rest.empty();) {
    const auto n = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return lost;
    rest.remove_prefix(std::size_t(n));
  }
  const auto wait_ms = int(std::chrono::duration_cast<std::chrono::milliseconds>(at_most).count());
  for (;;) {
    if (const auto end = in_.find('\n'); end != std::string::npos) {
      const auto reply = parse_json(std::string_view(in_).substr(0, end));
      in_.erase(0, end + 1);
      if (!reply) return error{"bad_reply", "the engine", "its answer is no JSON: " + reply.error().found, "", "Is it of another version? Restart it with 'steward stop' and 'steward up'"};
      return *reply;
    }
    pollfd watched{fd_.get(), POLLIN, 0};
    const int ready = ::poll(&watched, 1, wait_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0)
      return error{"engine_not_answering", "the engine", "it has not answered within " + to_text(at_most), "an answer", "'steward doctor' looks into it; the command may still be carried out"};
    char buffer[64 << 10];
    const auto n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return lost;
    in_.append(buffer, std::size_t(n));
  }
}

}  // namespace steward
