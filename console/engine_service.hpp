/// The engine in this process together with its socket, and the signals that end it.
#pragma once
#include <memory>
#include <optional>

#include "console/socket_server.hpp"
#include "runtime/hosting/engine.hpp"

namespace steward {

class engine_service {
public:
  /// Blocks SIGINT, SIGTERM and SIGHUP for this process (see `wait_for_signal`), starts the engine and listens.
  static result<std::unique_ptr<engine_service>> start(engine_parts parts);
  /// Ends cleanly.
  ~engine_service();

  /// A command of the desk. Beyond those it knows {"do": "shutdown"}, which tells what is in flight, and the views `tree` and
  /// `figures`.
  json command(const json& what);
  /// Its end takes no longer than this from now on: what has not come back by then is cut off, as by a crash, and the next start
  /// looks into it. Without it there are some seconds of grace, and what hangs is waited for.
  void end_within(duration at_most) { ends_within_ = at_most; }

  /// The signal that came within `at_most`, or 0. Less than nothing waits without end.
  static int wait_for_signal(duration at_most);

private:
  explicit engine_service(std::unique_ptr<engine> e) : engine_(std::move(e)) {}
  std::unique_ptr<engine> engine_;
  std::unique_ptr<socket_server> server_;
  std::optional<duration> ends_within_;
};

}  // namespace steward
