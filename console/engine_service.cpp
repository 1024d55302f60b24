#include "console/engine_service.hpp"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <thread>

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
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::thread watch;
  if (ends_within_)
    watch = std::thread([&] {
      std::unique_lock guard(mutex);
      if (changed.wait_for(guard, *ends_within_, [&] { return over; })) return;
      std::fputs("Stopped. What did not come back in time is looked into at the next start.\n", stderr);
      std::_Exit(0);  // Nothing that was acknowledged waits to be written, and whoever hangs would be waited for.
    });
  server_.reset();  // first, so that no command meets an engine that ends
  if (ends_within_) engine_->stop(*ends_within_ * 2 / 3);
  engine_.reset();
  if (!watch.joinable()) return;
  {
    std::lock_guard guard(mutex);
    over = true;
  }
  changed.notify_all();
  watch.join();
}

json engine_service::command(const json& what) {
  if (text_at(what, "do") == "shutdown") {
    const auto in_flight = engine_->command(boost::json::object{{"do", "view"}, {"view", "in_flight"}});
    ::kill(::getpid(), SIGTERM);  // the same way out as for a signal from outside
    const auto* told = at_path(in_flight, "ok");
    return boost::json::object{{"ok", boost::json::object{{"process", std::int64_t(::getpid())}, {"in_flight", told ? *told : json(nullptr)}}}};
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
