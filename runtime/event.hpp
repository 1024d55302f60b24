/// The vocabulary of facts: every event that the journal holds. A closed, versioned list; an unknown kind stops the reader.
///
/// An `instance` is one agent at work on one step: "run-3/draft.1" (run, step, visit), with "#2" for an item of a for_each.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/autonomy_event.hpp"
#include "runtime/business_event.hpp"
#include "runtime/connector.hpp"
#include "runtime/described.hpp"
#include "runtime/effect_event.hpp"
#include "runtime/model.hpp"
#include "runtime/policy.hpp"
#include "runtime/question_change.hpp"
#include "runtime/service_event.hpp"

namespace steward::event {

// ---- the engine and its manifests

struct engine_started {
  static constexpr auto kind = "engine_started";
  std::int64_t epoch = 0;  // one more at every start; an effect that was dispatched in an older epoch is looked into first
  std::string version;
};
BOOST_DESCRIBE_STRUCT(engine_started, (), (epoch, version))

/// The engine was asked to stop and did: nothing was under way.
struct engine_stopped {
  static constexpr auto kind = "engine_stopped";
  std::int64_t epoch = 0;
};
BOOST_DESCRIBE_STRUCT(engine_stopped, (), (epoch))

/// A manifest's content, once for each digest; a run goes on with the one it started with.
struct manifest_adopted {
  static constexpr auto kind = "manifest_adopted";
  std::string what;  // workflow | policies: all rules of the workspace, from here on | grant: a rule that the operator gave by a decision | revoked
  std::string name;
  std::int64_t version = 1;
  std::string digest;
  json body;
};
BOOST_DESCRIBE_STRUCT(manifest_adopted, (), (what, name, version, digest, body))

struct paused {
  static constexpr auto kind = "paused";
  std::string scope;  // company | role | workflow | run
  std::string name;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(paused, (), (scope, name, reason))

struct resumed {
  static constexpr auto kind = "resumed";
  std::string scope;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(resumed, (), (scope, name))

struct breaker_changed {
  static constexpr auto kind = "breaker_changed";
  std::string name;   // connector or model
  std::string state;  // closed | open | half_open
  std::optional<time_point> until;
  std::int64_t opened = 0;  // times in a row
  std::string sentence;
};
BOOST_DESCRIBE_STRUCT(breaker_changed, (), (name, state, until, opened, sentence))

/// A supervised child ended; `gave_up` when its window is used up and the fault went up the tree.
struct child_ended {
  static constexpr auto kind = "child_ended";
  std::string path;  // "roles/researcher.1"
  fault why;
  bool gave_up = false;
};
BOOST_DESCRIBE_STRUCT(child_ended, (), (path, why, gave_up))

// ---- runs and steps

/// What a run did, or may have done, and another that is forked from it might do again.
struct left_effect {
  std::string effect;               // "eff-3"
  std::string action;
  std::string arguments;            // their digest
  std::optional<outcome> came_out;  // absent: nobody knows whether it happened, or the journal does not hold the whole answer any more
};
BOOST_DESCRIBE_STRUCT(left_effect, (), (effect, action, arguments, came_out))

/// Where a run that began in the middle comes from. The other run's events stay as they are, and its effects stay its own.
struct forked_run {
  std::string run;                // "run-3"
  std::string step;               // the new run begins with it …
  std::int64_t visit = 1;         // … where the other came to it for the nth time
  std::int64_t seq = 0;           // by this event
  json names;                     // what the steps before it gave, an object
  std::string effects;            // reuse | ask
  std::vector<left_effect> left;  // from there on
};
BOOST_DESCRIBE_STRUCT(forked_run, (), (run, step, visit, seq, names, effects, left))

struct run_started {
  static constexpr auto kind = "run_started";
  std::string run;
  std::string workflow;
  std::string digest;
  json input;
  std::string because;                // "by hand", "mail_received", "schedule 2026-11-23T08:00:00Z", "run-3/draft.1 asked"
  std::int64_t depth = 0;
  std::optional<std::string> parent;  // the instance that asked for it
  std::optional<std::string> tag;
  bool stepwise = false;              // stop before each step and each effect
  std::optional<forked_run> forked;   // absent: it begins at the beginning
  std::optional<trial_run> trial;     // of a new version; absent: it is the one in force
};
BOOST_DESCRIBE_STRUCT(run_started, (), (run, workflow, digest, input, because, depth, parent, tag, stepwise, forked, trial))

struct run_finished {
  static constexpr auto kind = "run_finished";
  std::string run;
  std::string status;   // finished | failed | stopped
  std::string outcome;  // the end step's `as`, or a sentence
  json result;
};
BOOST_DESCRIBE_STRUCT(run_finished, (), (run, status, outcome, result))

struct step_started {
  static constexpr auto kind = "step_started";
  std::string run;
  std::string step;
  std::int64_t visit = 1;
  std::int64_t attempt = 1;
  std::string what;               // role | effect | wait | record | remember | end
  std::string role;               // of a role step
  bool each = false;              // for_each: `input` is a list, one for each item
  json input;                     // role: its input; wait: the evaluated {for, from} or {person, options}; others: null
  std::optional<time_point> due;  // when `within` or the wait's time is up
};
BOOST_DESCRIBE_STRUCT(step_started, (), (run, step, visit, attempt, what, role, each, input, due))

/// One item of a for_each role step is done; the step is when all are.
struct item_finished {
  static constexpr auto kind = "item_finished";
  std::string instance;
  std::int64_t item = 0;
  json result;
  std::vector<std::string> evidence;
};
BOOST_DESCRIBE_STRUCT(item_finished, (), (instance, item, result, evidence))

struct step_finished {
  static constexpr auto kind = "step_finished";
  std::string run;
  std::string step;
  std::int64_t visit = 1;
  std::string how;  // done | skipped | late | arrived | answered | used_up | rejected | discarded
  json result;      // null for a for_each role step: its items' events hold the results
  std::optional<std::string> gives;  // the name that the result is bound to
  std::vector<std::string> evidence;
};
BOOST_DESCRIBE_STRUCT(step_finished, (), (run, step, visit, how, result, gives, evidence))

/// An attempt failed. With `retry_at` another follows; without, the step is stuck until the operator or `if_fails` moves on.
struct step_failed {
  static constexpr auto kind = "step_failed";
  std::string run;
  std::string step;
  std::int64_t visit = 1;
  std::int64_t attempt = 1;
  fault why;
  std::optional<time_point> retry_at;
  std::string then;  // retry | ask_operator | stop | go_on
};
BOOST_DESCRIBE_STRUCT(step_failed, (), (run, step, visit, attempt, why, retry_at, then))

/// The operator lets a stuck step, or a stepwise run, go on.
struct step_released {
  static constexpr auto kind = "step_released";
  std::string run;
  std::string step;
  std::int64_t visit = 1;
  std::string how;  // retry | go_on | skip
};
BOOST_DESCRIBE_STRUCT(step_released, (), (run, step, visit, how))

/// A stepwise run stands before this step until the operator lets it go on.
struct step_held {
  static constexpr auto kind = "step_held";
  std::string run;
  std::string step;
};
BOOST_DESCRIBE_STRUCT(step_held, (), (run, step))

// ---- turns

/// What an agent said, for comparison at replay; `body` only where no other event of the same append holds it.
struct said {
  std::string kind;
  std::string digest;
  std::optional<json> body;
};
BOOST_DESCRIBE_STRUCT(said, (), (kind, digest, body))

struct turn_taken {
  static constexpr auto kind = "turn_taken";
  std::string instance;
  std::int64_t handled = 0;  // the event (its sequence number)
  std::int64_t agent_version = 1;
  std::vector<said> intents;
  std::optional<json> state;  // the agent's snapshot after the turn
};
BOOST_DESCRIBE_STRUCT(turn_taken, (), (instance, handled, agent_version, intents, state))

/// On disk before an event is given to an agent again, so that a poison event can't hide behind restarts.
struct turn_retried {
  static constexpr auto kind = "turn_retried";
  std::string instance;
  std::int64_t handled = 0;
  std::int64_t attempt = 2;
  fault why;
};
BOOST_DESCRIBE_STRUCT(turn_retried, (), (instance, handled, attempt, why))

/// The same event faulted its agent too often: it is set aside and a card tells the operator.
struct event_parked {
  static constexpr auto kind = "event_parked";
  std::string instance;
  std::int64_t handled = 0;
  std::int64_t attempts = 0;
  fault why;
};
BOOST_DESCRIBE_STRUCT(event_parked, (), (instance, handled, attempts, why))

struct agent_upgraded {
  static constexpr auto kind = "agent_upgraded";
  std::string instance;
  std::int64_t from = 0;
  std::int64_t to = 0;
};
BOOST_DESCRIBE_STRUCT(agent_upgraded, (), (instance, from, to))

// ---- answers from outside an agent, on disk before their turn

struct memory_recalled {
  static constexpr auto kind = "memory_recalled";
  std::string instance;
  std::string tag;
  std::vector<memory_item> items;
};
BOOST_DESCRIBE_STRUCT(memory_recalled, (), (instance, tag, items))

struct looked_up {
  static constexpr auto kind = "looked_up";
  std::string instance;
  std::string tag;
  std::string action;
  json answer;
};
BOOST_DESCRIBE_STRUCT(looked_up, (), (instance, tag, action, answer))

struct model_asked {
  static constexpr auto kind = "model_asked";
  std::string call;  // "call-7"
  std::string instance;
  std::string tag;
  std::string role;
  std::string model;
  std::optional<model_question> question;  // or
  model_usage reserved;
  std::optional<bool> waits;  // a gate is shut: it leaves when `model_called` says so; else it leaves as soon as this is on disk
  std::optional<question_change> change;
  std::optional<std::string> model_class;  // beside a change; a question says it itself
};
BOOST_DESCRIBE_STRUCT(model_asked, (), (call, instance, tag, role, model, question, reserved, waits, change, model_class))

/// A question that had to wait, or is tried again, leaves now.
struct model_called {
  static constexpr auto kind = "model_called";
  std::string call;
  std::int64_t attempt = 1;
};
BOOST_DESCRIBE_STRUCT(model_called, (), (call, attempt))

struct model_answered {
  static constexpr auto kind = "model_answered";
  std::string call;
  std::string instance;
  std::string tag;
  model_reply reply;
};
BOOST_DESCRIBE_STRUCT(model_answered, (), (call, instance, tag, reply))

struct model_failed {
  static constexpr auto kind = "model_failed";
  std::string call;
  fault why;
  std::int64_t attempt = 1;
  std::optional<time_point> retry_at;
  std::optional<bool> lost;  // nobody will hear whether it was answered: its worst case counts as spent
};
BOOST_DESCRIBE_STRUCT(model_failed, (), (call, why, attempt, retry_at, lost))

struct role_answered {
  static constexpr auto kind = "role_answered";
  std::string instance;
  std::string tag;
  std::string role;
  std::string run;
  json result;
};
BOOST_DESCRIBE_STRUCT(role_answered, (), (instance, tag, role, run, result))

struct operator_answered {
  static constexpr auto kind = "operator_answered";
  std::string card;
  std::string instance;
  std::string tag;
  std::string answer;
};
BOOST_DESCRIBE_STRUCT(operator_answered, (), (card, instance, tag, answer))

struct woke {
  static constexpr auto kind = "woke";
  std::string instance;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(woke, (), (instance, tag))

/// Something arrived from outside (a mail). The append key makes it arrive once; it holds a digest, never an address.
struct signal_arrived {
  static constexpr auto kind = "signal_arrived";
  std::string name;
  std::string connector;
  json body;
};
BOOST_DESCRIBE_STRUCT(signal_arrived, (), (name, connector, body))

/// A schedule's time came.
struct schedule_fired {
  static constexpr auto kind = "schedule_fired";
  std::string workflow;
  time_point due;
  bool catch_up = false;  // it came while the company was down
};
BOOST_DESCRIBE_STRUCT(schedule_fired, (), (workflow, due, catch_up))

using any = std::variant<engine_started, engine_stopped, manifest_adopted, paused, resumed, breaker_changed, child_ended, run_started, run_finished, step_started, item_finished, step_finished,
                         step_failed, step_released, step_held, turn_taken, turn_retried, event_parked, agent_upgraded, memory_recalled, looked_up, model_asked,
                         model_called, model_answered, model_failed, role_answered, operator_answered, woke, signal_arrived, schedule_fired, effect_proposed, effect_modified,
                         effect_dispatched, effect_settled, effect_dropped, approval_asked, approval_decided, card_raised, card_closed, entity_recorded, entity_merged,
                         entity_split, memory_added,
                         sla_missed, card_escalated,
                         effect_held, card_snoozed,
                         autonomy_changed, undo_asked, shadow_matched, shadow_judged, trial_ended>;

/// Where an event stands and where it comes from; the journal stores it beside the body.
struct header {
  std::int64_t seq = 0;
  std::string stream;       // "run/run-3", "company", "entity/lead-3"
  std::string actor;        // who: "operator", "coordinator", "researcher", "mailbox"
  std::int64_t cause = 0;   // the event that led to it, 0: none
  std::string correlation;  // the run at the root of it all
  time_point time;
  labels marks = 0;
  std::string key;          // append key; empty: none
};

std::string_view kind_of(const any& e);
std::string body_text(const any& e);
/// The event of `kind` from its stored body, which has been upgraded to today's version. Unknown kinds are an error.
result<any> read(std::string_view kind, std::string_view body);
/// All kinds, for the journal's closed list.
const std::vector<std::string>& kinds();

}  // namespace steward::event
