#include "bench/crowd.hpp"

#include <stdexcept>

namespace steward::bench {

void crowd::send(json command) {
  {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return open_ < at_once_; });
    ++open_;
  }
  engine_.send(std::move(command), [this](json answer) {
    std::lock_guard guard(mutex_);
    --open_;
    if (!at_path(answer, "ok")) trouble_ = canonical(answer);
    changed_.notify_all();
  });
}

void crowd::finish() {
  std::unique_lock guard(mutex_);
  changed_.wait(guard, [&] { return open_ == 0; });
  if (!trouble_.empty()) throw std::runtime_error(trouble_);
}

json run_that_asks() {
  return boost::json::object{{"do", "run"}, {"workflow", "ask"}, {"input", {{"text", "Dear Ada, here is what changed this week, three things, each with its source."}}}};
}

}  // namespace steward::bench
