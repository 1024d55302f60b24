/// The manifest of a workflow as plain data: what stands in YAML, in `manifest_adopted` events and in the JSON Schema.
/// config/ fills it from YAML; runtime/execution/workflow.hpp compiles it. Texts marked ${} are templates of CEL expressions.
///
/// Names that expressions of a run see: `input` and each top-level property of it; each constant; what earlier steps `gives`;
/// the for_each variable; `run` {id, workflow, visit, started_at}; `now` (RFC 3339 text); in starts_on and `where` also `event`.
/// A run that a signal started has the signal's body as its input. An effect step gives the action's answer; with `effects` or
/// for_each a list of {effect, action, how, reason, answer}; a wait for a signal gives its body, for a person {answer}; a record
/// gives the entity {entity, type, external_id, …fields}; a role step its result; with for_each each of them a list.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/execution/limit_definition.hpp"
#include "runtime/execution/service_definition.hpp"

namespace steward {

/// `ask:` of an effect step: how the operator is asked. One approval covers all effects of the step, in order.
struct approval_definition {
  std::vector<std::string> shows;         // names bound in the run that the card shows as evidence
  std::optional<duration> expires_in;     // absent: waits for ever
  std::optional<std::string> if_expired;  // discard (default: the effect is dropped) | ask_operator | a step's name
  std::optional<std::string> if_rejected; // step to go on with; default: if_fails where it names a step, else the run ends as rejected
};
BOOST_DESCRIBE_STRUCT(approval_definition, (), (shows, expires_in, if_expired, if_rejected))

/// One effect of a step that has several: `effects: [{effect: site.publish, …}, {for_each: {letter: "${letters}"}, effect: mailbox.send, …}]`.
struct effect_definition {
  std::string effect;                            // connector.action
  json with;                                     // ${} arguments
  std::map<std::string, std::string> for_each;   // {letter: "${letters}"}: one effect for each item, at most one key
  std::optional<std::string> when;               // CEL; with for_each it sees the item
  std::optional<std::string> undo;               // an action, or none; required unless the action is read-only
  std::optional<duration> hold;                  // longer than company.yaml says for the action's risk
};
BOOST_DESCRIBE_STRUCT(effect_definition, (), (effect, with, for_each, when, undo, hold))

/// `retry: {at_most: 3, first: 2s, most: 1m}`: provider faults and crashes of this step are tried again.
struct retry_definition {
  std::int64_t at_most = 3;
  std::optional<duration> first;  // default 1s
  std::optional<duration> most;   // default 5m
};
BOOST_DESCRIBE_STRUCT(retry_definition, (), (at_most, first, most))

/// A step; which of its keys stand there decides its kind, and exactly one kind must be told:
///   role      role: sales_assistant                    an agent instance does it; ends with finish{result}
///   effect    effect: mailbox.send  or  effects: […]   outside actions (a read-only action needs neither undo nor approval)
///   wait      for: mail_received | after: 3d | until: "${…}" | person: "Question?"
///   record    record: lead                             upserts an entity
///   remember  remember: company                        writes memory
///   end       as: answered                             ends the run with this outcome
struct step_definition {
  // role
  std::optional<std::string> role;
  // effect
  std::optional<std::string> effect;
  std::vector<effect_definition> effects;
  std::optional<std::string> undo;
  std::optional<duration> hold;         // how long its effects can be taken back once they are decided; the longest that is told counts
  std::optional<approval_definition> ask;
  // wait
  std::optional<std::string> for_;      // a signal's name; the newest unclaimed one that matches ends the wait
  std::optional<std::string> from;      // ${}: the signal's `from` must equal this
  std::optional<std::string> where;     // CEL over the run's names and `event`
  std::optional<duration> after;        // a timer
  std::optional<std::string> until;     // ${}: a time in RFC 3339
  std::optional<std::string> person;    // ${}: a question to the operator
  std::vector<std::string> options;     // of the person's answer; empty: free text
  std::optional<std::string> if_late;   // step to go on with when a wait's time is up (`at_most` of a wait is a duration)
  // record
  std::optional<std::string> record;    // entity type
  std::optional<std::string> id;        // ${}: external id "mailbox:ada@example.com"
  // remember
  std::optional<std::string> remember;  // scope
  std::optional<std::string> about;     // ${}: an entity's id, one of its external ids, or a topic
  std::optional<std::string> text;      // ${}
  std::optional<std::string> source;    // ${}; default: run/step
  std::optional<duration> keep_for;
  // end
  std::optional<std::string> as;
  // all kinds
  json with;                                    // ${} input of a role, arguments of an effect, fields of a record
  std::map<std::string, std::string> for_each;  // {letter: "${letters}"}: once for each item; gives a list; at most one key
  std::optional<std::string> when;              // CEL; false: the step is skipped
  std::optional<std::string> gives;             // name that the result is bound to
  std::optional<duration> within;               // the whole step, waiting for the operator not counted
  std::optional<retry_definition> retry;
  std::optional<std::string> then;              // step to go on with; default: the next in the list
  std::optional<std::string> at_most;           // visits of this step ("2"), or for a wait its longest time ("3d")
  std::optional<std::string> used_up;           // where to go when the visits are used up: ask_operator (default) or a step
  std::optional<std::string> if_fails;          // ask_operator | stop | a step's name; default: the workflow's if_a_step_fails
};
BOOST_DESCRIBE_STRUCT(step_definition, (),
                      (role, effect, effects, undo, hold, ask, for_, from, where, after, until, person, options, if_late, record, id, remember, about, text, source, keep_for,
                       as, with, for_each, when, gives, within, retry, then, at_most, used_up, if_fails))

/// `starts_on:`; the short form `starts_on: mail_received` is {event: mail_received}, `starts_on: by_hand` is {by_hand: true}.
struct start_definition {
  std::optional<std::string> event;     // a signal's name
  std::optional<std::string> key;       // ${} over `event`: the natural key; the same key starts one run. Default: the signal's own
  std::optional<std::string> when;      // CEL over `event`
  std::optional<std::string> schedule;  // cron, five fields: "0 9 * * MON"
  std::optional<std::string> zone;      // of the schedule; default: the company's
  std::optional<bool> by_hand;          // only `steward run` starts it (which it always may)
};
BOOST_DESCRIBE_STRUCT(start_definition, (), (event, key, when, schedule, zone, by_hand))

/// Caps of one run; a run that reaches one stops and asks.
struct caps_definition {
  std::int64_t events = 10'000;
  std::int64_t model_calls = 200;
  std::int64_t fan_out = 500;  // items of one for_each
  std::int64_t depth = 4;      // runs that start runs
};
BOOST_DESCRIBE_STRUCT(caps_definition, (), (events, model_calls, fan_out, depth))

/// How a new version is tried beside the one in force.
enum class trial_manner {
  shadow,  // beside each live run: decided and recorded, not done
  canary,  // in the place of some live runs
};
BOOST_DESCRIBE_ENUM(trial_manner, shadow, canary)

struct fall_back_definition {
  std::int64_t failures = 2;  // runs that failed and questions that were rejected, before the trial ends by itself
};
BOOST_DESCRIBE_STRUCT(fall_back_definition, (), (failures))

/// `trial:` of a workflow that is to take the place of another: `{of: answer_lead, as: canary, share: 10%}`. It starts by the other's starts.
struct trial_definition {
  std::string of;                    // the workflow in force
  trial_manner as = trial_manner::shadow;
  std::optional<std::string> share;  // of the live runs; default 100% in shadow, 10% as a canary
  std::optional<fall_back_definition> fall_back;
};
BOOST_DESCRIBE_STRUCT(trial_definition, (), (of, as, share, fall_back))

struct workflow_definition {
  std::string workflow;  // its name
  std::int64_t version = 1;
  std::optional<std::string> purpose;
  std::optional<start_definition> starts_on;
  std::optional<std::string> input;       // path of a JSON Schema, from the workspace
  json input_schema;                      // the schema itself, filled in when the workspace is loaded; not in YAML
  std::map<std::string, json> constants;  // names every step can use
  std::vector<named<step_definition>> steps;
  std::optional<spending_definition> limits;  // of its runs; they count as they are today, also for runs of an older version
  std::optional<caps_definition> caps;
  std::optional<sla_definition> sla;           // of each of its runs; counts as it is today
  std::optional<std::string> if_a_step_fails;  // ask_operator (default) | stop | undo (what the run did is taken back) | a step's name
  std::optional<trial_definition> trial;       // a new version of another workflow, tried beside it
};
BOOST_DESCRIBE_STRUCT(workflow_definition, (), (workflow, version, purpose, starts_on, input, input_schema, constants, steps, limits, caps, sla, if_a_step_fails, trial))

}  // namespace steward
