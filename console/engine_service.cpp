#include "console/engine_service.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>

#include <unistd.h>

#include "runtime/hosting/desk.hpp"

namespace steward {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, s);
  return set;
}

}  // namespace

result<std::unique_ptr<engine_service>> engine_service::start(engine_parts parts) {
  // Before any thread exists, so that all of them inherit it and the signals wait for whoever asks for them.
  const auto set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const auto folder = parts.folder;
  auto started = engine::start(std::move(parts));
  if (!started) return started.error();
  std::unique_ptr<engine_service> service(new engine_service(std::move(*started)));
  auto* raw = service.get();
  auto server = socket_server::listen(folder, [raw](const json& what) { return raw->command(what); });
  if (!server) return server.error();
  service->server_ = std::move(*server);
  return service;
}

engine_service::~engine_service() {
  server_.reset();  // first, so that no command meets an engine that ends
  engine_->stop();
}

json engine_service::command(const json& what) {
  if (text_at(what, "do") == "shutdown") {
    ::kill(::getpid(), SIGTERM);  // the same way out as for a signal from outside
    return boost::json::object{{"ok", boost::json::object{{"process", std::int64_t(::getpid())}}}};
  }
  if (text_at(what, "do") == "view") {
    if (text_at(what, "view") == "tree") return boost::json::object{{"ok", engine_->tree()}};
    if (text_at(what, "view") == "figures") return boost::json::object{{"ok", engine_->figures()}};
  }
  return engine_->command(what);
}

int engine_service::wait_for_signal(duration at_most) {
  const auto set = ending_signals();
  if (at_most < duration::zero()) {
    int got = 0;
    return sigwait(&set, &got) == 0 ? got : 0;
  }
  const timespec span{time_t(at_most.count() / 1'000'000), long(at_most.count() % 1'000'000 * 1000)};
  const int got = sigtimedwait(&set, nullptr, &span);
  return got > 0 ? got : 0;
}

}  // namespace steward
