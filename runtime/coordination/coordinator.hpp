/// Decides what happens next. Pure: events and answers in, events and errands out; it calls no clock, no chance and no I/O.
///
/// Every method folds the events that it decides at once, so that the next decision sees them, and leaves them in `take()`
/// for the journal. The errands that come with them must wait until the journal says "on disk".
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/coordination/action_book.hpp"
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/company_state.hpp"
#include "runtime/coordination/entity_mapping.hpp"
#include "runtime/coordination/fork.hpp"
#include "runtime/coordination/gate.hpp"
#include "runtime/coordination/remap.hpp"
#include "runtime/coordination/standing.hpp"
#include "runtime/coordination/undo.hpp"
#include "runtime/coordination/errand.hpp"
#include "runtime/entities/relation.hpp"
#include "runtime/execution/run_names.hpp"
#include "runtime/execution/workflow.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/execution/breaker.hpp"
#include "runtime/rules/rule_limit.hpp"
#include "runtime/schedule.hpp"

namespace steward {

struct lesson;

struct coordinator_parts {
  company_manifests manifests;
  std::shared_ptr<const action_book> actions;
  policy_catalog policies;
  std::map<std::string, std::shared_ptr<model_provider>> models;  // by name; only worst_case is called here
  std::map<std::string, agent_facts> agents;                      // by class name
  std::string salt;                                               // of the workspace: keys and digests differ from company to company
  std::string version;                                            // of Steward
  std::size_t unpacked_at_most = 64;                              // runs that wait for the operator and yet stay unpacked
};

/// A question as the operator has seen it.
struct seen_question {
  std::string approval;
  std::string digest;  // of what it is about
};
BOOST_DESCRIBE_STRUCT(seen_question, (), (approval, digest))

class coordinator {
public:
  /// `state` has been folded from the journal up to its head.
  coordinator(coordinator_parts parts, company_state state);

  struct output {
    std::vector<draft> events;
    std::vector<errand> errands;
  };
  /// What the calls since the last `take` decided.
  output take();

  /// Compiles the workflows, without deciding anything: enough for the operator's commands while no engine runs.
  result<void> get_ready();
  /// Begins a new epoch: adopts the manifests and takes up what was left open, through the same gates as new work.
  /// Errors: what a workflow's compilation says.
  result<void> start(time_point now);
  void stop_cleanly(time_point now);

  /// Does whatever is due. `next_due` says when to call again.
  void tick(time_point now);
  std::optional<time_point> next_due() const;

  // ---- what comes back from the outside
  void on_turn(const turn_report& report, time_point now);
  void on_recalled(const std::string& instance, const std::string& tag, std::vector<memory_item> items, time_point now);
  void on_looked_up(const look_up_action& asked, const outcome& came_out, time_point now);
  void on_model(const std::string& call, std::int64_t attempt, const result<model_reply>& reply, time_point now);
  /// Its provider was lost with the question: nobody will hear whether it was answered and charged.
  void on_model_lost(const std::string& call, std::int64_t attempt, const std::string& sentence, time_point now);
  void on_effect(const std::string& effect, std::int64_t attempt, const outcome& came_out, bool looked_up, time_point now);
  /// Something arrived. Whether it is new or not, its connector may forget it once the events are on disk.
  void on_signal(const std::string& connector, const signal& what, time_point now);
  /// A connector looked for what has arrived, and could not; or, after it could not, it can again.
  void on_polled(const std::string& connector, const std::optional<error>& trouble, time_point now);
  /// The day in a page, as it was asked for.
  void on_digest(const digest_page& made, time_point now);
  /// A supervised child ended; beyond its window the role stands still and a card says so.
  void on_child_ended(const std::string& path, const fault& why, bool gave_up, time_point now);

  // ---- what the operator says
  /// With a `key` at most one run is started for it: the same command said again names the run that it started the first time.
  result<std::string> start_run(const std::string& workflow, const json& input, const std::string& because, bool stepwise, const std::string& key, time_point now);
  /// A new run of today's workflow that begins at a step of another run, with what the steps before it gave there; `input`: instead
  /// of the other run's. With a `key` at most one fork of that run is begun for it, as with start_run. Errors: unknown_workflow,
  /// unknown_step, and those of start_run.
  result<std::string> fork_run(const fork_from& from, const std::optional<json>& input, bool stepwise, const std::string& key, time_point now);
  result<void> approve(const std::string& approval, const std::string& reason, time_point now);
  /// The same without a hold. `what` may be approved already, or be an effect: then the rest of the hold is over. Errors: not_held.
  result<void> approve_at_once(const std::string& what, const std::string& reason, time_point now);
  /// Decides several questions at once, each bound to what the operator has seen of it; all of them, or none. Errors: not_alike,
  /// approval_changed, and those of approve.
  result<void> decide_alike(bool yes, const std::vector<seen_question>& seen, const std::string& reason, time_point now);
  /// A card is out of sight until then. `what` may be the question it asks. Errors: not_open, bad_snooze.
  result<void> snooze_card(const std::string& what, time_point until, time_point now);
  /// Approves, and lets what is just like it (action, recipients, role, workflow) go without a question for that long, by a rule
  /// that can be seen and revoked; gives its name. Errors: those of approve, bad_grant, which_effect.
  result<std::string> approve_always(const std::string& approval, const std::string& reason, duration for_, time_point now);
  /// A rule that was given by a decision ends. Errors: unknown_policy.
  result<void> revoke_policy(const std::string& name, time_point now);
  result<void> reject(const std::string& approval, const std::string& reason, time_point now);
  /// Changes arguments of an effect that is asked about (`effect` may be empty where the question is about one); the new bytes
  /// are prepared, judged and digested again, and the question stays open.
  result<void> modify(const std::string& approval, std::string effect, const json& changes, time_point now);
  result<void> answer(const std::string& card, const std::string& answer, time_point now);
  result<void> pause(const std::string& scope, const std::string& name, const std::string& reason, time_point now);
  result<void> resume(const std::string& scope, const std::string& name, time_point now);
  result<void> stop_run(const std::string& run, time_point now);
  result<void> retry(const std::string& what, time_point now);       // "run-3": its stuck step
  result<void> step_on(const std::string& run, time_point now);      // a stepwise run
  result<void> add_memory(memory_item item, time_point now);
  /// Drops what of it has not left yet, and begins a run that takes back what can be of `done`. `what`: the effect or run that was
  /// named. Errors: already_undone, nothing_to_undo, effect_not_done.
  result<undo_begun> undo(const std::string& what, const std::vector<done_effect>& done, time_point now);
  /// Puts an action on the next rung, or on a lower one. `role` empty: for what workflows do themselves. Errors: unknown_role,
  /// unknown_action, not_next_rung.
  result<void> grant_rung(const std::string& role, const std::string& action, autonomy rung, time_point now);
  result<void> lower_rung(const std::string& role, const std::string& action, autonomy rung, const std::string& reason, time_point now);
  /// Whether a shadowed effect comes to the same as what the operator did by hand. Errors: not_shadowed.
  result<void> judge_shadow(const std::string& effect, evidence_kind verdict, time_point now);
  /// `cause` and `run`: the event that led to it, and the run it happened in.
  /// `cause` and `run`: the event that led to it, and the run it happened in. `mapped`: by which mapping; `entity`: of which record,
  /// where its external id does not say it.
  result<std::string> record(const std::string& type, const std::string& external_id, const json& fields, time_point now, std::int64_t cause = 0, const std::string& run = {}, labels marks = 0,
                             std::optional<std::string> mapped = {}, std::string entity = {});
  /// Carries today's mapping of a type back over what the journal holds; `dry_run` only says what would change. Errors:
  /// those of record, unknown_entity, entity_not_mapped.
  result<remap_report> remap(const std::string& type, const remap_told& told, bool dry_run, time_point now);
  /// `other` turns out to be `entity`: what leads to one leads to the other, and fields that `entity` lacks are filled.
  result<void> merge_entities(const std::string& entity, const std::string& other, const std::string& because, time_point now);
  /// Takes the merge of `other` back.
  result<void> split_entity(const std::string& other, const std::string& because, time_point now);

  const company_state& state() const { return state_; }
  const company_manifests& manifests() const { return parts_.manifests; }
  const action_book& actions() const { return *parts_.actions; }
  /// Instances being handled right now; for tests and the console.
  std::int64_t at_work(const std::string& role) const;

private:
  // Names are taken by value wherever an event may be emitted: the caller's may stand in what the event erases.

  // coordinator.cpp: events, timers, recovery
  std::int64_t emit(event::any e, std::string stream, std::string actor, std::int64_t cause, std::string correlation, labels marks = 0, std::string key = {});
  std::int64_t emit_for_run(const run& r, event::any e, std::string actor, std::int64_t cause);
  std::int64_t emit_for_card(const card& c, event::any e, std::string actor, std::int64_t cause);
  void errand_after(errand o) { out_.errands.push_back(std::move(o)); }
  void wake(time_point at, std::string key) { timers_.emplace(at, std::move(key)); }
  void due(const std::string& key);
  void pump(const std::string& key);
  void pump_blocked();
  void raise_card(event::card_raised card, const std::string& correlation, std::int64_t cause);
  /// After a reservation: one card for each limit that has come to its soft mark in this period.
  void tell_marks(const expense& what, std::int64_t cause);
  void mark_is_due(const std::string& card);
  void close_cards_about(const std::string& subject, const std::string& how, std::int64_t cause);
  void adopt(const workflow_definition& definition);
  result<std::string> adopt_own(const workflow_definition& made);
  void adopt_policies();
  std::shared_ptr<const workflow> workflow_of(const run& r);
  std::shared_ptr<const workflow> workflow_of(const std::string& digest, const std::string& who);
  void recover(bool crashed);
  void admit_waiting();
  void park_waiting();
  void fetch(const std::string& id);

  // coordinator_sla.cpp: how long work takes. Called after every event.
  void see_to_clocks(const event::any& e, const std::string& run);
  struct watched;
  std::vector<watched> watched_of(const run& r) const;
  void watch_sla(const std::string& run);
  void sla_is_due(std::string run);
  bool must_wait_with(const run& r, const std::string& threshold) const;
  std::string why_no_fresh_attempt(const run& r);
  void miss(std::string run, const watched& w, const std::string& threshold, duration limit);

  // coordinator_escalation.cpp: cards that nobody answers, and the daily digest
  result<void> get_ready_to_tell();
  void watch_card(const card& c);
  void card_is_due(const std::string& card);
  void tell_of_climbed();
  bool is_urgent(const card& c) const;
  result<std::string> begin_telling(const std::string& workflow, const std::string& subject, const std::string& body, const std::string& because, std::string key, boost::json::object more);
  void digest_is_due();

  // coordinator_entities.cpp: records from outside, and entities
  void map_records(const std::string& source, const json& raw, std::int64_t cause, const std::string& run, labels marks);

  // coordinator_runs.cpp: runs and their steps
  result<std::string> begin_run(std::shared_ptr<const workflow> w, const std::string& digest, json input, std::string because, std::int64_t cause, std::string key, labels marks,
                                std::int64_t depth, std::optional<std::string> parent, std::optional<std::string> tag, bool stepwise, std::optional<event::forked_run> forked = {}, std::optional<event::trial_run> trial = {});
  result<std::string> current_of(const std::string& workflow) const;
  std::string key_by_hand(const std::string& what, const std::string& key) const;
  void pump_run(std::string run);
  void go_on(std::string run, std::int64_t cause);
  void begin_step(std::string run, const compiled_step& s, std::int64_t cause);
  void enter_step(const std::string& run, const compiled_step& s, std::int64_t cause);
  bool may_enter(const std::string& run, const compiled_step& s, std::int64_t visit, std::int64_t cause);
  void work_on_step(const std::string& run, const compiled_step& s, std::int64_t visit, std::int64_t attempt, std::int64_t cause);
  result<void> begin_kind(run& r, const compiled_step& s, event::step_started started, std::int64_t cause);
  /// The list of a for_each, no longer than the run's cap; `step` is named in errors. `marks`: what the list was made from.
  result<boost::json::array> items_of(const run& r, const each_item& each, const std::string& step, labels* marks = nullptr);
  void finish_step(std::string run, std::string how, json result, std::vector<std::string> evidence, std::int64_t cause, std::string actor = "coordinator",
                   labels marks = 0);
  std::vector<std::string> leave_instances(const run& r);
  void withdraw(std::string run, const std::vector<std::string>& effects, const std::string& because, std::int64_t cause);
  void ask_about(std::string run, const compiled_step& s, const fault& why, std::int64_t cause);
  void could_not_start(const std::string& workflow, const error& why, std::int64_t cause);
  void fail_step(std::string run, fault why, std::int64_t cause);
  std::string after_failure(const workflow& w, const compiled_step& s) const;
  bool stops_when_it_fails(const std::string& role) const;
  error role_is_stopped(const std::string& role) const;
  result<undo_begun> begin_undo(const std::string& what, std::vector<done_effect> done, std::int64_t cause);
  void unwind(const std::string& run, const std::string& workflow, const std::string& why, std::vector<done_effect> done, std::int64_t cause);
  result<void> may_be_recorded(const std::string& type, const json& fields) const;
  result<void> leads_somewhere(const std::string& where, const relation& to, const json& value) const;
  void end_run(std::string run, std::string status, std::string outcome, json result, std::int64_t cause);
  void step_is_due(std::string run);
  bool is_waited_for(const run& r, const compiled_step& s, const unclaimed_signal& signal);
  bool try_claim(run& r, const compiled_step& s, const unclaimed_signal& signal);
  bool has_no_room_for(const unclaimed_signal& signal);
  void schedule_is_due(const std::string& workflow);

  // coordinator_turns.cpp: agents
  void pump_instance(std::string instance);
  void release_role(std::string role);
  std::int64_t places_of(const std::string& role) const;
  void turn_failed(agent_instance& a, std::int64_t attempt, const fault& why, std::int64_t cause);
  /// Everything an intent of this turn may be refused for, asked before any of them leaves a trace.
  result<void> may_say(const agent_instance& a, const intents& said);
  result<event::model_asked> question_for(const agent_instance& a, const ask_model& wish, std::int64_t asked_before, const budget& spending);
  result<void> carry_out(agent_instance& a, const intent& wish, std::int64_t cause, std::int64_t ordinal);
  result<void> ask_the_model(agent_instance& a, const ask_model& wish, std::int64_t cause);
  result<void> ask_another_role(agent_instance& a, const ask_role& wish, std::int64_t cause);
  void pump_call(std::string call);
  bool may_call(const std::string& role, const std::string& model, const std::string& run);
  result<model_question> whole_question(const model_call& c) const;
  void lose_call(std::string call, const std::string& sentence);
  recall_memory recall_for(const std::string& instance, const recall& wish) const;
  void send_look_up(look_up_action asked);
  std::string look_up_key(const agent_instance& a, const std::string& tag) const;

  // coordinator_autonomy.cpp: the ladder
  void stand_by_manifests();
  void weigh_anew(std::int64_t cause);
  void offer_rung(const std::string& key, const standing& stands, const weight& has, std::int64_t cause);
  void fall(const std::string& role, const std::string& action, const standing& stands, const std::string& why, std::int64_t cause);
  void fall_with(const std::string& role, const std::string& why, std::int64_t cause);
  std::int64_t change_rung(const std::string& role, const std::string& action, const standing& stands, autonomy to, std::string why, const std::string& by, std::int64_t cause);
  result<standing> standing_named(const std::string& role, const std::string& action) const;
  event::effect_dropped shadow_of(const effect& e, std::string reason, std::vector<ruling> rulings) const;
  void match_shadows(const effect& e, std::int64_t cause);
  result<void> answer_offer(const event::card_raised& c, const std::string& text);

  // coordinator_trials.cpp: new versions beside those in force
  /// The run, or the one whose role asked for it, only decides and records.
  bool shadowed(const std::string& run) const;
  const workflow_definition* canary_for(const std::string& workflow, const std::string& run) const;
  void begin_shadows(std::string run, const std::string& workflow, const json& input, labels marks, std::int64_t cause);
  /// What the live run waited for has come: it has come for its shadows as well.
  void tell_shadows(std::string run, const step& of, const std::string& how, const json& result, std::int64_t cause);
  void weigh_trials(std::int64_t cause);

  // coordinator_proposals.cpp: what an effect meets before it may leave; coordinator_effects.cpp: on its way
  static constexpr auto each_tag = "each";  // marks an effect of a for_each: one of many, which the others don't depend on
  struct proposal {
    std::string run, step;
    std::int64_t visit = 1;
    std::string instance, tag, role, undo, why;
    std::vector<std::string> evidence;
    action_call call;
    std::int64_t ordinal = 0;
    bool step_asks = false;
    labels marks = 0;
  };
  result<std::string> propose(const proposal& p, std::int64_t cause);
  result<void> propose_for_step(run& r, const compiled_step& s, std::int64_t cause);
  void ask_for(std::string run, const std::string& step, std::vector<std::string> effects, const step_definition* said, std::int64_t cause);
  void pump_effect(std::string effect);
  // coordinator_holds.cpp: decided, and not left yet
  duration hold_of(const effect& e);
  bool is_held(std::string effect);
  void hold_until(std::string effect, time_point until, std::int64_t cause);
  std::vector<done_effect> take_back(const std::string& what);
  // coordinator_attention.cpp: what is put before the operator, and when
  void heed_attention(std::string card, bool urgent, std::int64_t cause);
  void attention_is_due();
  bool is_urgent(const approval& asked) const;
  time_point tomorrow() const;
  result<void> say_yes(std::string approval, const std::string& reason, bool at_once);
  // coordinator_lessons.cpp: what the operator's corrections teach
  void learn_rejection(const approval& a, const std::string& reason, std::int64_t cause);
  void learn_change(const effect& before, const event::effect_modified& after, std::int64_t cause);
  void keep_lesson(const lesson& l, const std::string& run, std::int64_t cause);
  void settle(std::string effect, outcome came_out, std::optional<time_point> retry_at, std::string said_by);
  void resolve_doubt(std::string effect);
  bool doubted(const effect& e) const;
  bool key_is_remembered(const effect& e) const;
  void leave_to_operator(std::string effect, const std::string& why);
  void drop_effects(const approval& a, const std::string& how, const std::string& reason, std::int64_t cause);
  void after_settling(std::string effect);
  void advance_effect_step(std::string run);
  void approval_is_due(std::string approval);
  void ask_whether(std::string effect, std::string text);
  judgement judge(const effect& e, bool step_asks) const;
  policy_question question_about(const effect& e, const action_manifest& action) const;
  /// Where the data of this run comes from, and which private data this role (empty: the workflow itself) could reach beside it.
  std::shared_ptr<const data_origin> origin_of(const run& r, const std::string& role) const;
  /// What the run that this one is forked from did for just this call, and is not done again; nullptr otherwise.
  const event::left_effect* recorded_of(const run& r, const action_call& call) const;
  bool admits(const std::string& breaker_name);
  bool is_resting(const std::string& breaker_name) const;
  /// `trouble`: what the provider's fault was, for the card.
  void record_breaker(const std::string& name, bool provider_fault, const std::string& trouble);
  void tell_breaker(const std::string& name, const breaker& b, const std::string& trouble = {});

  run_names names_of(const run& r);
  /// Does the value fit what an agent's class takes or gives? `source` stands in parts_ and is compiled once.
  result<void> fits(const json& source, const json& value, const std::string& what);

  coordinator_parts parts_;
  std::unordered_map<const json*, result<schema>> shapes_;           // of the agents' inputs and results
  gate gate_;
  company_state state_;
  counts_with_batch counts_{state_};
  output out_;
  time_point now_;
  std::map<std::string, std::shared_ptr<const workflow>> compiled_;  // by digest
  std::set<std::pair<time_point, std::string>> timers_;              // what is to be looked at again, and when
  std::set<std::string> blocked_;                                    // what a shut gate turned away
  std::map<std::string, std::set<std::string>> at_work_;             // role -> instances
  std::map<std::string, std::deque<std::string>> role_queue_;        // role -> instances that wait for a place
  std::map<std::string, breaker> breakers_;                          // of connectors and models, shared by all runs
  std::set<std::string> polls_answer_;                               // connectors that answered a look while their breaker rested
  std::set<std::string> under_way_;                                  // calls whose errands are out
  std::set<std::pair<std::int64_t, std::string>> waiting_runs_;      // queued for a place in the company, the oldest first
  std::deque<std::string> asking_;                                   // runs that asked the operator, the oldest first
  std::set<std::string> suspects_;                                   // instances whose event may have been under way when the engine crashed
  std::map<std::string, look_up_action> parked_look_ups_;            // by key in blocked_
  std::map<std::string, std::int64_t> doubts_looked_up_;             // effect -> look-ups that brought no answer
  struct step_to_begin {
    std::string run;
    const compiled_step* step;
    std::int64_t cause;
  };
  bool has_slas_ = false;
  std::optional<quiet_hours> quiet_;                                 // of the ladder …
  std::optional<schedule> quiet_ends_;
  std::map<std::string, std::int64_t> climbed_;                      // cards that climb now -> so many rungs are behind them then
  std::optional<schedule> digest_at_;
  bool digest_asked_ = false;                                        // its errand is out
  std::vector<entity_mapping> mappings_;
  std::deque<step_to_begin> to_begin_;                               // a step that ends at once begins the next: a queue, so that a
  bool beginning_ = false;                                           // long chain of such steps needs no deep stack
};

}  // namespace steward
