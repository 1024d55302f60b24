#include "bench/closed_loop.hpp"

#include "bench/resources.hpp"

namespace steward::bench {

void closed_loop::fill(std::vector<std::int64_t>& begun) {
  if (stopping_ || open_ > low_water_) return;
  for (; open_ < at_once_; ++open_) begun.push_back(begun_++);
}

void closed_loop::begin(std::int64_t number) {
  const double since = seconds_now();
  engine_.send(boost::json::object{{"do", "run"}, {"workflow", "ten"}, {"input", {{"number", number}, {"text", "Three things changed this week, each with its source."}}}, {"wait", true}},
               [this, since](json answer) { ended(since, answer); });
}

void closed_loop::start() {
  std::vector<std::int64_t> first;
  {
    std::lock_guard guard(mutex_);
    fill(first);
  }
  for (const auto number : first) begin(number);
}

void closed_loop::ended(double since, const json& answer) {
  std::vector<std::int64_t> next;
  {
    std::lock_guard guard(mutex_);
    --open_;
    ++so_far_.ended;
    const double now = seconds_now();
    so_far_.latencies.push_back((now - since) * 1e3);
    so_far_.ends.push_back(now);
    const auto* ok = at_path(answer, "ok");
    if (!ok || text_at(*ok, "status") != "finished") so_far_.trouble = canonical(answer);
    fill(next);
    if (open_ == 0) changed_.notify_all();
  }
  for (const auto number : next) begin(number);
}

void closed_loop::finish() {
  std::unique_lock guard(mutex_);
  stopping_ = true;
  changed_.wait(guard, [&] { return open_ == 0; });
}

closed_loop::progress closed_loop::look() {
  std::lock_guard guard(mutex_);
  auto seen = std::move(so_far_);
  so_far_ = {seen.ended, {}, {}, {}};
  return seen;
}

}  // namespace steward::bench
