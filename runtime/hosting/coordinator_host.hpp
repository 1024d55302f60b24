/// The coordinator as an actor: decisions go to the journal, and the errands that came with them leave once they are on disk.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "runtime/coordination/coordinator.hpp"
#include "runtime/hosting/agent_host.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/protocol.hpp"
#include "runtime/supervision/actor_state.hpp"

namespace steward {

struct coordinator_host_parts {
  std::function<std::unique_ptr<coordinator>()> make;     // folds the journal; throws what it can't
  std::shared_ptr<const clock> now;
  duration look_at_clock_every{};                         // zero: sleep until something is due; else the clock is a test's and is asked this often
  std::map<std::string, agent_entry> agent_of_role;
  std::map<std::string, std::int64_t> lanes_of_role;
  journal_actor journal;
  std::function<void(const std::string& role)> restart_role;  // the operator resumed a role whose supervisor had given up
  std::function<void(const std::string& sentence)> lose_process;
  snapshot_pace snapshots;
  std::function<void()> on_ready;                         // recovery is on disk
  std::function<void(const company_state&)> keep;         // at a clean stop: the state, all of it on disk, for the next start
  std::function<void()> on_stopped;                       // the clean stop is on disk
};

struct coordinator_host_state {
  coordinator_host_state() = default;
  static inline const char* name = "coordinator";

  struct lane {
    caf::strong_actor_ptr handle;
    std::map<std::uint64_t, std::shared_ptr<const deliver_event>> in_flight;  // by ticket, hence in the order they were sent; kept until their reports come
  };
  struct pending {
    std::vector<errand> errands;
    std::vector<std::function<void()>> after;
  };
  std::unique_ptr<coordinator> decides;                   // nullptr until the journal has answered
  std::vector<std::function<void()>> early;               // what arrived before that
  coordinator_host_parts parts;
  std::map<std::string, lane> lanes;                      // by path: "roles/researcher.1"
  std::map<std::string, caf::strong_actor_ptr> outside;   // "connectors/mailbox", "connectors/model.local", "memory/store"
  std::map<std::string, std::deque<errand>> undelivered;  // for a part of the outside that is not up
  std::map<std::string, std::deque<errand>> given;        // to a part of the outside that has not answered; the first is in its hands
  std::map<std::uint64_t, pending> on_the_way;            // tickets that the journal has not answered
  std::unordered_map<std::string, std::vector<std::function<void(json)>>> awaited;  // run -> who wants to hear how it ended
  std::set<std::string> leaving;                          // effects that a connector has been given
  bool stopping = false;
  std::int64_t events_since_snapshot = 0;
  time_point next_snapshot{};
  std::vector<std::function<void()>> after;               // what the next commit brings about, besides its errands
  int decisions = 0;                                      // since the last commit
  bool flush_sent = false;
  std::uint64_t next_ticket = 1, next_delivery = 1;
  std::uint64_t timer_generation = 0;
  std::optional<time_point> timer_at;
};

coordinator_actor::behavior_type coordinator_behavior(coordinator_actor::stateful_pointer<coordinator_host_state> self, coordinator_host_parts parts);

}  // namespace steward
