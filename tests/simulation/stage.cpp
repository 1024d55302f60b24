#include "tests/simulation/stage.hpp"

#include <stdexcept>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif
#include <sys/mman.h>

namespace steward::simulation {
namespace {

// The address sanitizer must be told on which stack the thread goes on, and its frames are larger.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t stack_bytes = 8 * 1024 * 1024;
void tell_leaving(void** mine, const void* bottom, std::size_t size) { __sanitizer_start_switch_fiber(mine, bottom, size); }
void tell_arrived(void* mine, const void** from, std::size_t* size) { __sanitizer_finish_switch_fiber(mine, from, size); }
#else
constexpr std::size_t stack_bytes = 512 * 1024;  // SQLite, JSON and expressions in one handler; only touched pages cost memory
void tell_leaving(void**, const void*, std::size_t) {}
void tell_arrived(void*, const void**, std::size_t*) {}
#endif

duration to_duration(caf::actor_clock::duration_type d) { return std::chrono::duration_cast<duration>(d); }

}  // namespace

stage::stage(std::uint64_t seed) : random_(make_seeded_random(seed)) {}

stage::~stage() {
  for (const auto& s : strands_) ::munmap(s->stack, stack_bytes);
}

void stage::at(duration when, std::function<void()> what) { agenda_.emplace(std::max(when, now_), std::move(what)); }

void stage::play(caf::actor_system* system) {
  scheduler_ = nullptr;
  hand_.reset();
  if (!system) return;
  scheduler_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system->scheduler());
  if (!scheduler_) throw std::logic_error("the actor system has no deterministic scheduler");
  hand_ = std::make_unique<hand>(system, this);
  began_ = scheduler_->clock().now();
  began_at_ = now_;
}

void stage::enter(unsigned high, unsigned low) {
  auto* home = reinterpret_cast<stage*>(std::uintptr_t(high) << 32 | low);
  tell_arrived(nullptr, &home->outside_stack_, &home->outside_size_);
  for (;;) {
    auto& me = *home->current_;
    me.came_out = me.job->resume(home->hand_.get(), 1);
    auto* finished = std::exchange(me.job, nullptr);
    switch (me.came_out) {
      case caf::resumable::resume_later: home->scheduler_->jobs.push_back(finished); break;
      case caf::resumable::done:
      case caf::resumable::awaiting_message: intrusive_ptr_release(finished); break;
      default: break;
    }
    home->idle_.push_back(&me);
    home->leave();
  }
}

stage::strand& stage::fresh_strand() {
  if (!idle_.empty()) {
    auto* s = idle_.back();
    idle_.pop_back();
    return *s;
  }
  auto s = std::make_unique<strand>();
  s->stack = ::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (s->stack == MAP_FAILED) throw std::runtime_error("no memory for a stack");
  ::getcontext(&s->context);
  s->context.uc_stack.ss_sp = s->stack;
  s->context.uc_stack.ss_size = stack_bytes;
  s->context.uc_link = nullptr;
  const auto self = std::uintptr_t(this);
  ::makecontext(&s->context, reinterpret_cast<void (*)()>(&stage::enter), 2, unsigned(self >> 32), unsigned(self & 0xffffffff));
  strands_.push_back(std::move(s));
  return *strands_.back();
}

void stage::go_on(strand& with) {
  if (current_) throw std::logic_error("a handler can't let another one go on");
  current_ = &with;
  void* mine = nullptr;
  tell_leaving(&mine, with.stack, stack_bytes);
  ::swapcontext(&outside_, &with.context);
  tell_arrived(mine, nullptr, nullptr);
  current_ = nullptr;
}

void stage::leave() {
  void* mine = nullptr;
  tell_leaving(&mine, outside_stack_, outside_size_);
  ::swapcontext(&current_->context, &outside_);
  tell_arrived(mine, &outside_stack_, &outside_size_);
}

void stage::rest(duration how_long) {
  if (!current_) throw std::logic_error("only a handler can rest");
  auto* me = current_;
  at(now_ + how_long, [this, me] { go_on(*me); });
  leave();
}

void stage::hang() {
  if (!current_) throw std::logic_error("only a handler can hang");
  hung_.push_back(current_);
  leave();
}

void stage::wake_hung() {
  for (auto waking = std::exchange(hung_, {}); !waking.empty(); waking.pop_front()) go_on(*waking.front());
}

bool stage::pass_time(duration until) {
  auto next = until;
  bool somebody = false;
  if (!agenda_.empty() && agenda_.begin()->first <= next) {
    next = agenda_.begin()->first;
    somebody = true;
  }
  if (scheduler_) {
    const auto& timers = scheduler_->clock().schedule();
    if (!timers.empty()) {
      const auto due = began_at_ + to_duration(timers.begin()->first - began_);
      if (due < next || (due == next && !somebody)) {
        next = std::max(due, now_);
        somebody = true;
      }
    }
  }
  if (!somebody) return false;
  now_ = std::max(now_, next);
  if (scheduler_) {
    // A microsecond more than due: the actors' clock counts nanoseconds.
    const auto target = began_ + (now_ - began_at_) + std::chrono::microseconds{1};
    if (target > scheduler_->clock().now()) scheduler_->advance_time(std::chrono::duration_cast<caf::timespan>(target - scheduler_->clock().now()));
  }
  if (!agenda_.empty() && agenda_.begin()->first <= now_) {
    auto what = std::move(agenda_.extract(agenda_.begin()).mapped());
    what();
  }
  return true;
}

bool stage::turn(duration until) {
  ++steps_;
  if (!scheduler_ || scheduler_->jobs.empty()) return pass_time(until);
  auto& jobs = scheduler_->jobs;
  const auto n = jobs.size() == 1 ? 0 : std::size_t(random_->next() % jobs.size());
  std::rotate(jobs.begin(), jobs.begin() + std::ptrdiff_t(n), jobs.begin() + std::ptrdiff_t(n) + 1);
  auto& with = fresh_strand();
  with.job = jobs.front();
  jobs.pop_front();
  go_on(with);
  return true;
}

void stage::drain(caf::actor_system& system) {
  wake_hung();
  for (int i = 0; system.registry().running() > 0; ++i) {
    if (i > 1'000'000) throw std::logic_error("actors do not come to an end");
    if (!turn(now_ + std::chrono::hours{1})) now_ += std::chrono::seconds{1};
    wake_hung();
  }
  while (!scheduler_->jobs.empty()) turn(now_);
  play(nullptr);
}

}  // namespace steward::simulation
