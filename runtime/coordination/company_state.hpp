/// Everything that is going on, folded from the journal. The same events always give the same state.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/coordination/parked_runs.hpp"
#include "runtime/entities/entity_table.hpp"
#include "runtime/event.hpp"
#include "runtime/execution/agent_instance.hpp"
#include "runtime/execution/approval.hpp"
#include "runtime/execution/budget.hpp"
#include "runtime/execution/effect.hpp"
#include "runtime/execution/evidence.hpp"
#include "runtime/execution/run.hpp"
#include "runtime/rules/policy_definition.hpp"
#include "runtime/text_less.hpp"

namespace steward {

struct card {
  event::card_raised said;
  time_point raised_at;
  std::int64_t rung = 0;  // of the ladder that it has climbed
};
BOOST_DESCRIBE_STRUCT(card, (), (said, raised_at, rung))

/// A language-model call under way.
struct model_call {
  event::model_asked said;
  std::int64_t attempt = 1;
  std::optional<time_point> retry_at;
  std::string run;
  bool out = false;  // it has left, as far as the disk knows, and no answer has come
  std::string whole; // the question as canonical JSON, where `said` tells only what is new in it
};
BOOST_DESCRIBE_STRUCT(model_call, (), (said, attempt, retry_at, run, out, whole))

/// A signal that no run has claimed.
struct unclaimed_signal {
  std::int64_t seq = 0;
  event::signal_arrived said;
  time_point at;
  labels marks = 0;
};
BOOST_DESCRIBE_STRUCT(unclaimed_signal, (), (seq, said, at, marks))

/// A run that has ended, for `steward runs`.
struct closed_run {
  std::string run, workflow, status, outcome;
  time_point started_at, ended_at;
  run_use used;
};
BOOST_DESCRIBE_STRUCT(closed_run, (), (run, workflow, status, outcome, started_at, ended_at, used))

/// All runs of a workflow that ended in one way.
struct outcome_total {
  std::int64_t runs = 0;
  run_use used;
};
BOOST_DESCRIBE_STRUCT(outcome_total, (), (runs, used))

/// An adopted manifest: its event, and since when.
struct adopted {
  event::manifest_adopted said;
  time_point since;
};
BOOST_DESCRIBE_STRUCT(adopted, (), (said, since))

/// Until when a card is out of sight, and who put it there: operator | attention.
struct snooze {
  time_point until;
  std::string by;
};
BOOST_DESCRIBE_STRUCT(snooze, (), (until, by))

/// How often in a row the operator let through what is just like it, unchanged.
struct unchanged_yes {
  std::int64_t count = 0;
  time_point last;
};
BOOST_DESCRIBE_STRUCT(unchanged_yes, (), (count, last))
/// A new version beside the one in force.
struct trial_record {
  std::string digest;  // of its manifest
  std::int64_t runs = 0;
  std::int64_t failures = 0;  // of a canary: runs that failed, questions that were rejected
  std::string ended;          // why; empty: it goes on
};
BOOST_DESCRIBE_STRUCT(trial_record, (), (digest, runs, failures, ended))

/// What is known of the company as a whole; the rest of the fold belongs to open runs.
struct company_facts {
  std::int64_t head = 0;   // sequence number of the last event applied
  std::int64_t epoch = 0;
  bool stopped_cleanly = true;  // the last engine was asked to stop: no turn was under way
  time_point now;          // of the last event
  std::deque<closed_run> closed;                    // the last `closed_kept`
  std::map<std::string, std::string> pauses;        // "role/editor" -> reason
  std::map<std::string, event::breaker_changed> breakers;
  std::map<std::string, adopted> manifests;         // by digest
  std::map<std::string, std::string> current;       // workflow -> digest of the newest
  std::map<std::string, time_point> scheduled;      // workflow -> the last due time that was considered
  std::set<std::string> seen_keys;                  // append keys of signals, schedules and starts
  std::map<std::string, std::string> started_by_hand;  // the append key of a start by hand -> its run
  std::deque<unclaimed_signal> unclaimed;           // the last `unclaimed_kept`
  std::set<std::string> stopped_roles;              // their supervisor gave up
  std::map<std::string, money> cost_by_run;         // of those that cost anything
  std::map<std::string, std::deque<closed_run>> finished;  // workflow -> its last `finished_kept`, for estimates
  std::map<std::string, std::map<std::string, outcome_total>> outcomes;  // workflow -> its outcome, or failed, or stopped
  std::map<std::string, time_point> warned;         // soft marks of limits that were told of -> when their period ends
  std::string budget_day;                           // of the last reservation
  std::map<std::string, std::int64_t> counters;     // "run" -> 12: the newest number of each kind of id
  std::map<std::string, std::int64_t> dispatched_in_minute;  // "mailbox.send/29384123" -> count, for the provider's limit
  std::string policies;                             // digest of the operator's rules that are in force; empty: there never was one
  std::map<std::string, policy_definition> granted; // rules that the operator gave by a decision, by name
  std::map<std::string, std::deque<time_point>> left;  // by count_key: when what rules count has left, the oldest first
  time_point left_swept;                            // when the old ones of all were dropped
  std::optional<time_point> digested;               // up to when the last daily digest told
  std::map<std::string, snooze> snoozed;            // open cards that are out of sight
  std::string question_day;                         // of the last question, in the company's zone
  std::int64_t questions_today = 0;                 // that were put before the operator on that day
  std::map<std::string, unchanged_yes> unchanged;   // by grant_key
  std::map<std::string, labels> scopes;             // memory scope -> the labels of all that was ever put there
  ladder_table ladders;                             // what was seen of each role and action, and the rung it brought
  std::map<std::string, trial_record> trials;       // by the workflow on trial
};
BOOST_DESCRIBE_STRUCT(company_facts, (), (head, epoch, stopped_cleanly, now, closed, pauses, breakers, manifests, current, scheduled, seen_keys, started_by_hand, unclaimed, stopped_roles,
                                          cost_by_run, finished, outcomes, warned, budget_day, counters, dispatched_in_minute, policies, granted, left, left_swept,
                                          digested,
                                          snoozed, question_day, questions_today, unchanged, scopes, ladders, trials))

expense expense_of(const event::model_asked& e, const std::string& run);
expense expense_of(const effect& e);
/// "undo run-3", "ask editor": one for the occasion, which has no manifest, no limits and no history of its own.
bool is_made_by_engine(std::string_view workflow);
/// The workflows in which the operator is told of cards that nobody answers, and of the day.
inline constexpr auto tell_workflow = "tell operator", digest_workflow = "daily digest";
inline bool tells_operator(std::string_view workflow) { return workflow == tell_workflow || workflow == digest_workflow; }
/// "workflow/warn", "draft.1/retry": what a run has missed, once.
std::string mark_of(const event::sla_missed& e);
/// Whether a card waits for the operator's decision, so that its run's clock stands; some only tell.
bool asks_operator(const event::card_raised& card);
/// What a run used with a question that was answered, or may have been.
run_use used_by(const model_usage& u);

class company_state : public company_facts, public count_source {
public:
  void apply(const event::header& h, const event::any& e);
  /// The same for an event that was read from the journal: what the fold refuses is an error that names it.
  result<void> apply_told(const event::header& h, const event::any& e);

  // The fold. Read freely; only apply() writes, save for `busy` marks, which die with the process.
  std::map<std::string, run, text_less> runs;                  // open ones, save those that are parked
  std::int64_t runs_at_work = 0, runs_queued = 0;   // of the open ones; counted as they change, so that nobody walks over all
  std::map<std::string, agent_instance, text_less> instances;  // of open runs
  std::map<std::string, effect, text_less> effects;            // of open runs
  std::map<std::string, approval, text_less> approvals;        // of open runs
  std::map<std::string, model_call> calls;          // under way
  std::map<std::string, card> cards;                // open ones
  std::map<std::string, std::set<std::string>> cards_about;   // subject -> open cards
  std::map<std::string, std::set<std::string>> cards_of_run;  // run -> open cards
  entity_table entities;
  budget spending;
  parked_runs parked;                               // runs that wait for the operator, and all that belongs to them
  std::set<std::string> weighed_anew, tried_anew;   // ladders and trials that the last event changed; whoever decides on them clears these

  std::int64_t left_since(std::string_view key, time_point since) const override;

  /// Packs a run that waits for the operator and for nothing else; false where it does anything but that.
  bool park(const std::string& run);
  /// Unpacks the run that `id` is, or that the approval or card `id` belongs to, and names it; empty where it is not parked.
  std::string unpark(const std::string& id);
  /// The parked run that `id` is or belongs to; 0: none.
  std::int64_t parked_owner(const std::string& id) const;
  /// A state that holds this parked run and what belongs to it, for looking at it.
  company_state peek(std::int64_t run) const;
  std::size_t open_runs() const { return runs.size() + parked.size(); }

  /// The id that the next thing of `kind` gets: "run-13". Counting up is part of the fold of the event that carries it.
  std::string next_id(const std::string& kind) const;
  static std::string run_of(std::string_view instance);  // "run-3/draft.1" -> "run-3"

  /// The operator's rules as they were adopted last, and those given by a decision.
  std::vector<policy_definition> policies_in_force() const;

  /// Accounts that a reservation made at `at` counts against; the operator's day decides the period.
  std::vector<budget::share> accounts_of(const expense& what, time_point at) const;
  /// The run whose limits per run count for this one.
  const std::string& payer_of(const std::string& run) const;
  /// The scopes that a run counts in besides the company: "workflow/answer_lead", "entity/customer-3".
  std::vector<std::string> scopes_of(const std::string& run) const;
  /// The entities among them: whom and what the run is about.
  std::vector<std::string> entities_of(const std::string& run) const;
  std::string zone = "UTC";  // of the company

  static constexpr std::size_t closed_kept = 1000;     // what `steward runs` can show without reading the journal
  static constexpr std::size_t finished_kept = 100;    // of a workflow: enough for a median, and last month's habits count no more
  static constexpr std::size_t unchanged_kept = 2000;  // of what the operator lets through again and again; the longest unheard goes first
  static constexpr std::size_t unclaimed_kept = 1000;  // a reply that comes before its wait is found among these

private:
  void count(std::string_view id);
  void count_left(const std::string& key, time_point at);
  void add_cost(const std::string& run, const money& cost);
  /// The run has used so much more, and so has the one that pays for it.
  void use(const std::string& run, const run_use& more);
  void reserve(const std::string& reservation, const model_usage& worst, const expense& what, time_point at);
  /// The run is about every entity that this value names: {"customer": "customer-3"}, {"entity": "lead-1", …}, or a list of these.
  void close(const run& r, const event::run_finished& e, time_point at);
  void count_for(run& r, std::string_view name, const json& told);
  void on(const event::header& h, const event::engine_started& e);
  void on(const event::header& h, const event::engine_stopped& e);
  void on(const event::header& h, const event::manifest_adopted& e);
  void on(const event::header& h, const event::paused& e);
  void on(const event::header& h, const event::resumed& e);
  void on(const event::header& h, const event::breaker_changed& e);
  void on(const event::header& h, const event::child_ended& e);
  void on(const event::header& h, const event::run_started& e);
  void on(const event::header& h, const event::run_finished& e);
  void on(const event::header& h, const event::step_started& e);
  void on(const event::header& h, const event::item_finished& e);
  void on(const event::header& h, const event::step_finished& e);
  void on(const event::header& h, const event::step_failed& e);
  void on(const event::header& h, const event::step_released& e);
  void on(const event::header& h, const event::step_held& e);
  void on(const event::header& h, const event::turn_taken& e);
  void on(const event::header& h, const event::turn_retried& e);
  void on(const event::header& h, const event::event_parked& e);
  void on(const event::header& h, const event::agent_upgraded& e);
  void on(const event::header& h, const event::memory_recalled& e);
  void on(const event::header& h, const event::looked_up& e);
  void on(const event::header& h, const event::model_asked& e);
  void on(const event::header& h, const event::model_called& e);
  void on(const event::header& h, const event::model_answered& e);
  void on(const event::header& h, const event::model_failed& e);
  void on(const event::header& h, const event::role_answered& e);
  void on(const event::header& h, const event::operator_answered& e);
  void on(const event::header& h, const event::woke& e);
  void on(const event::header& h, const event::signal_arrived& e);
  void on(const event::header& h, const event::schedule_fired& e);
  void on(const event::header& h, const event::effect_proposed& e);
  void on(const event::header& h, const event::effect_modified& e);
  void on(const event::header& h, const event::effect_dispatched& e);
  void on(const event::header& h, const event::effect_settled& e);
  void on(const event::header& h, const event::effect_dropped& e);
  void on(const event::header& h, const event::approval_asked& e);
  void on(const event::header& h, const event::approval_decided& e);
  void on(const event::header& h, const event::card_raised& e);
  void on(const event::header& h, const event::card_closed& e);
  void on(const event::header& h, const event::entity_recorded& e);
  void on(const event::header& h, const event::entity_merged& e);
  void on(const event::header& h, const event::entity_split& e);
  void on(const event::header& h, const event::memory_added& e);
  void on(const event::header& h, const event::sla_missed& e);
  void on(const event::header& h, const event::card_escalated& e);
  void on(const event::header& h, const event::effect_held& e);
  void on(const event::header& h, const event::card_snoozed& e);
  void note_question(time_point at, std::int64_t more);
  void note_answer(const approval& a, bool yes, time_point at);
  void on(const event::header& h, const event::autonomy_changed& e);
  void on(const event::header& h, const event::undo_asked& e);
  void on(const event::header& h, const event::shadow_matched& e);
  void on(const event::header& h, const event::shadow_judged& e);
  void on(const event::header& h, const event::trial_ended& e);

  // company_state_autonomy.cpp
  void count_evidence(const event::header& h, const std::string& role, const std::string& action, evidence_kind what, const std::string& of);
  void count_decision(const event::header& h, const approval& a, const std::string& decision);
  void count_outcome(const event::header& h, const effect& x, const event::effect_settled& e);
  void keep_shadow(const event::header& h, const effect& x, const event::effect_dropped& e);
  void count_trial_failure(run& r);

  /// Puts an answer before the agent that awaits it; an answer that nobody awaits (any more) changes nothing.
  void answer_to(const event::header& h, const std::string& instance, const std::string& awaited, std::string kind, std::string body, labels marks);
  void settle_for_agent(const event::header& h, effect& e, std::string how, std::string reason);
  /// The run has seen something with these labels; `what` names it on a card that asks because of them.
  void saw(const std::string& run, labels marks, const std::string& what);
  /// The run of this event (nullptr: it is gone) counts as what it is now, after what it was.
  void recount(const run* r, bool was_at_work, bool was_queued);
  /// Lets the run's clock go on or stand, as the run is now.
  void keep_clock(run& r, time_point at) const;
  run* find_run(const std::string& id);
  step* find_step(const std::string& run, const std::string& name, std::int64_t visit);
};

}  // namespace steward
