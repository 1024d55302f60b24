/// One thread, one order: CAF's deterministic scheduler with virtual time, and handlers that can rest or hang like real ones.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <ucontext.h>

#include "runtime/clock.hpp"
#include "runtime/random.hpp"

namespace steward::simulation {

/// Every handler runs on a stack of its own, so that one that blocks (a slow provider, an agent that hangs) can be left in the
/// middle while the others work on, as it would be with threads.
class stage {
public:
  explicit stage(std::uint64_t seed);
  ~stage();
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  /// Virtual time since the beginning; it never runs backwards. The wall clock that the company sees is another matter.
  duration now() const { return now_; }
  /// Something outside happens then.
  void at(duration when, std::function<void()> what);

  /// The system that turns from now on; nullptr: none.
  void play(caf::actor_system* system);
  /// Lets the next thing happen: a message is handled, in an order of the seed's choice, or else time passes until something is
  /// due. False when nothing can happen before `until`.
  bool turn(duration until);
  /// Lets all actors come to their end.
  void drain(caf::actor_system& system);

  /// For handlers: blocks the one that calls it, on virtual time.
  void rest(duration how_long);
  /// For handlers: blocks until `wake_hung`.
  void hang();
  void wake_hung();
  std::size_t hung() const { return hung_.size(); }

  std::uint64_t steps() const { return steps_; }

private:
  struct hand final : caf::execution_unit {
    hand(caf::actor_system* system, stage* home) : execution_unit(system), home(home) {}
    void exec_later(caf::resumable* job) override { home->scheduler_->jobs.push_back(job); }
    stage* home;
  };
  struct strand {
    ucontext_t context;
    void* stack = nullptr;
    caf::resumable* job = nullptr;
    caf::resumable::resume_result came_out{};
  };

  static void enter(unsigned high, unsigned low);
  strand& fresh_strand();
  void go_on(strand& with);  // until it has finished its job or blocks
  void leave();              // from inside a strand: back to `go_on`
  bool pass_time(duration until);

  std::unique_ptr<random_source> random_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  std::unique_ptr<hand> hand_;
  duration now_{};
  caf::actor_clock::time_point began_{};  // the actors' clock when this system began to play
  duration began_at_{};
  std::multimap<duration, std::function<void()>> agenda_;
  std::vector<std::unique_ptr<strand>> strands_;
  std::vector<strand*> idle_;
  std::deque<strand*> hung_;
  strand* current_ = nullptr;
  ucontext_t outside_;
  const void* outside_stack_ = nullptr;  // told by the address sanitizer, which wants it back
  std::size_t outside_size_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace steward::simulation
