/// What is to be done outside the fold, once the events that decided it are on disk. Errands die with the process; recovery
/// gives them again.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/connector.hpp"
#include "runtime/event.hpp"
#include "runtime/execution/agent_instance.hpp"
#include "runtime/intent.hpp"
#include "runtime/model.hpp"

namespace steward {

/// Give an event to an agent. The host answers with a turn_report of the same instance, event and attempt.
struct deliver_event {
  std::string instance, role;
  agent_event what;
  std::int64_t attempt = 1;
  std::shared_ptr<const std::vector<past_turn>> turns;  // to rebuild the agent where the host has not kept it
  std::optional<json> snapshot;
  std::size_t snapshot_turns = 0;
  std::int64_t recorded_version = 0;                    // of the last turn on disk; 0: none
  std::uint64_t ticket = 0;                             // the sender's, given back in the report
};

/// The step is over and its agent has not said so itself; the host may forget it.
struct forget_instance {
  std::string instance, role;
};

struct recall_memory {
  std::string instance;
  recall what;
  std::vector<std::string> about = {};  // every name that memory of `what.about` stands under; empty: that alone
};

/// A read-only action for an agent. No ledger entry: nothing leaves but a question.
struct look_up_action {
  std::string instance, tag;
  action_call call;
  request prepared;
  std::int64_t attempt = 1;
};

struct call_model {
  std::string call, provider;
  std::int64_t attempt = 1;
  model_question question;
};

struct perform_effect {
  std::string effect;
  std::int64_t attempt = 1;
  request prepared;
  bool only_look_up = false;  // in doubt: ask whether it happened, do nothing
};

/// The signal is on disk; its connector need not tell it again.
struct acknowledge_signal {
  std::string connector, receipt;
};

/// Read from the journal what the time brought, for the daily digest. What waits, and what does not answer, is known already.
struct make_digest {
  time_point from, until;
  std::vector<std::string> waits, trouble;  // sentences
};
struct digest_page {
  time_point from, until;
  std::string text;
};

using errand = std::variant<deliver_event, forget_instance, recall_memory, look_up_action, call_model, perform_effect, acknowledge_signal, make_digest>;

/// What a host says about one turn.
struct turn_report {
  std::string instance;
  std::int64_t handled = 0;
  std::int64_t attempt = 1;
  std::int64_t agent_version = 1;
  std::uint64_t ticket = 0;                   // of the delivery
  std::optional<std::int64_t> upgraded_from;  // the agent was rebuilt from a snapshot of this older version
  intents said;
  json state;                                 // the agent's state after the turn; null when the turn ends its step
  std::optional<fault> trouble;               // instead of all that
};

}  // namespace steward
