/// Facts about outside actions and the operator's decisions: effects, approvals and cards. Part of the journal's vocabulary (event.hpp).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/connector.hpp"
#include "runtime/described.hpp"
#include "runtime/policy.hpp"

namespace steward::event {

// ---- effects and approvals

struct effect_proposed {
  static constexpr auto kind = "effect_proposed";
  std::string effect;  // "eff-9"
  std::string run;
  std::string step;
  std::int64_t visit = 1;
  std::string instance;      // empty: the workflow proposed it
  std::string tag;
  std::string role;          // empty: the workflow
  std::string undo;          // as declared
  std::string why;
  std::vector<std::string> evidence;
  json arguments;
  request prepared;
  std::string digest;        // of action and prepared bytes
  verdict decided = verdict::ask;
  std::vector<ruling> rulings;  // every rule that spoke
  money worst_cost;
};
BOOST_DESCRIBE_STRUCT(effect_proposed, (),
                      (effect, run, step, visit, instance, tag, role, undo, why, evidence, arguments, prepared, digest, decided, rulings, worst_cost))

/// The operator changed it: prepared again, judged again, a new digest.
struct effect_modified {
  static constexpr auto kind = "effect_modified";
  std::string effect;
  json arguments;
  request prepared;
  std::string digest;
};
BOOST_DESCRIBE_STRUCT(effect_modified, (), (effect, arguments, prepared, digest))

/// On disk before the first byte leaves.
struct effect_dispatched {
  static constexpr auto kind = "effect_dispatched";
  std::string effect;
  std::int64_t attempt = 1;
  std::int64_t epoch = 0;
  std::optional<std::string> approval;  // the decision that this consumes
  money reserved;
  std::optional<std::vector<std::string>> counts;  // what rules with a limit count it as
};
BOOST_DESCRIBE_STRUCT(effect_dispatched, (), (effect, attempt, epoch, approval, reserved, counts))

struct effect_settled {
  static constexpr auto kind = "effect_settled";
  std::string effect;
  std::int64_t attempt = 1;
  outcome came_out;
  std::optional<time_point> retry_at;  // it did not happen and is tried again then
  std::string said_by;                 // connector | look_up | operator | fork: another run did it, nothing left here
};
BOOST_DESCRIBE_STRUCT(effect_settled, (), (effect, attempt, came_out, retry_at, said_by))

/// It will never leave.
struct effect_dropped {
  static constexpr auto kind = "effect_dropped";
  std::string effect;
  std::string how;  // denied | rejected | discarded | shadowed | stopped
  std::string reason;
  std::vector<ruling> rulings;
  std::optional<std::string> meant;  // of one that its rung shadowed: a digest of recipients and arguments, to know it again when it is done by hand
  std::optional<std::string> to;     // the same of the recipients alone
};
BOOST_DESCRIBE_STRUCT(effect_dropped, (), (effect, how, reason, rulings, meant, to))

/// Decided, and not to leave before then: until then the operator can take it back. Told again, the new time counts.
struct effect_held {
  static constexpr auto kind = "effect_held";
  std::string effect;
  time_point until;
};
BOOST_DESCRIBE_STRUCT(effect_held, (), (effect, until))

struct approval_asked {
  static constexpr auto kind = "approval_asked";
  std::string approval;  // "apr-4"
  std::string run;
  std::string step;
  std::vector<std::string> effects;  // in the order of execution
  std::vector<std::string> digests;  // one for each effect
  json shows;                        // evidence for the card
  std::optional<time_point> expires_at;
  std::string if_expired;
  bool only_suggest = false;         // autonomy `suggest`: a draft; approving it is what lets it go
  std::string card;                  // "card-2", which it raises; empty where a card_raised follows, as in older journals
  std::string title;                 // of the card
  std::string text;
};
BOOST_DESCRIBE_STRUCT(approval_asked, (), (approval, run, step, effects, digests, shows, expires_at, if_expired, only_suggest, card, title, text))

struct approval_decided {
  static constexpr auto kind = "approval_decided";
  std::string approval;
  std::string decision;              // approved | rejected | expired
  std::vector<std::string> digests;  // what was decided on
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(approval_decided, (), (approval, decision, digests, reason))

// ---- the inbox

struct card_raised {
  static constexpr auto kind = "card_raised";
  std::string card;  // "card-2"
  std::string about; // approval | question | person | step_stuck | effect_in_doubt | event_parked | role_stopped | run_failed | some_missed | could_not_start | breaker | budget |
                     // budget_mark | used_up | autonomy | autonomy_fell | trial_ended | sla_warned | sla_escalated | not_mapped
  std::string title;
  std::string text;
  std::vector<std::string> actions;  // commands that the operator can type
  std::string run;
  std::string subject;               // approval, effect, instance or role it is about
  std::string tag;                   // of the agent's question
  std::vector<std::string> options;
  json shows;
};
BOOST_DESCRIBE_STRUCT(card_raised, (), (card, about, title, text, actions, run, subject, tag, options, shows))

struct card_closed {
  static constexpr auto kind = "card_closed";
  std::string card;
  std::string how;
};
BOOST_DESCRIBE_STRUCT(card_closed, (), (card, how))

/// A card is out of sight until then; a moment that has come brings it back.
struct card_snoozed {
  static constexpr auto kind = "card_snoozed";
  std::string card;
  time_point until;
  std::string by;  // operator | attention: the day's questions were used up
};
BOOST_DESCRIBE_STRUCT(card_snoozed, (), (card, until, by))

}  // namespace steward::event
