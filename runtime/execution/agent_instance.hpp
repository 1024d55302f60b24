/// One agent at work on one step: what has been said to it, what it waits for, and what it must remember.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"
#include "runtime/json.hpp"
#include "runtime/labels.hpp"

namespace steward {

/// An event as its agent gets it.
struct agent_event {
  std::int64_t seq = 0;
  std::string kind;                         // "model_answered"
  std::shared_ptr<const std::string> body;  // JSON of the struct in runtime/agent.hpp
};
BOOST_DESCRIBE_STRUCT(agent_event, (), (seq, kind, body))

/// A turn that is on disk: the event and the digests of what the agent said.
struct past_turn {
  agent_event handled;
  std::vector<std::string> kinds;    // of the intents
  std::vector<std::string> digests;  // of the intents
};
BOOST_DESCRIBE_STRUCT(past_turn, (), (handled, kinds, digests))

struct agent_instance {
  std::string id, role, run, step;
  std::int64_t visit = 1;
  std::optional<std::size_t> item;
  bool done = false;
  std::deque<agent_event> pending;              // front: being handled when `busy`
  std::int64_t attempt = 1;                     // of the front event
  bool busy = false;                            // a delivery is under way (not folded: lost with the process)
  std::optional<time_point> not_before;         // backoff of the next attempt (not folded: a new process tries at once)
  std::map<std::string, std::string> awaits;    // "recall:tag" -> what it waits for; an answer that nobody awaits is dropped
  std::shared_ptr<const std::vector<past_turn>> turns = std::make_shared<std::vector<past_turn>>();
  std::optional<json> snapshot;                 // the last one on disk …
  std::size_t snapshot_turns = 0;               // … and how many turns it covers
  std::size_t bytes_since_snapshot = 0;
  std::int64_t agent_version = 0;               // of the last turn; 0: none yet
  labels marks = 0;
};
BOOST_DESCRIBE_STRUCT(agent_instance, (),
                      (id, role, run, step, visit, item, done, pending, attempt, awaits, turns, snapshot, snapshot_turns, bytes_since_snapshot, agent_version, marks))

}  // namespace steward
