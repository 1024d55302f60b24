/// What the engine has counted of one role and action, and whether it suffices for the next rung or is reason to fall. Pure.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "runtime/autonomy.hpp"

namespace steward {

/// `climb:` in company.yaml. All of it must hold before a card offers the next rung.
struct climb_definition {
  std::int64_t after = 20;               // decisions at least
  std::optional<std::string> at_least;   // "85%", the default: as much must be right, by the lower bound of the Wilson interval
  std::optional<duration> within;        // 30d, the default: older decisions count no more
  std::optional<duration> quiet_for;     // 14d, the default: no rejection, undo or failure
  std::optional<duration> ask_again;     // 30d, the default: so long it is not offered again after you left it
};
BOOST_DESCRIBE_STRUCT(climb_definition, (), (after, at_least, within, quiet_for, ask_again))

/// `fall:` in company.yaml. An undo is always one too many.
struct fall_definition {
  std::int64_t rejections = 3;  // in a row
  std::int64_t failures = 1;    // in a row, of a role's effects
};
BOOST_DESCRIBE_STRUCT(fall_definition, (), (rejections, failures))

/// `autonomy:` in company.yaml.
struct ladder_definition {
  std::optional<climb_definition> climb;
  std::optional<fall_definition> fall;
};
BOOST_DESCRIBE_STRUCT(ladder_definition, (), (climb, fall))

/// The same with every default in its place.
struct ladder_rules {
  std::int64_t after = 20, rejections = 3, failures = 1;
  double at_least = 0.85;
  duration within = std::chrono::hours{24 * 30}, quiet_for = std::chrono::hours{24 * 14}, ask_again = std::chrono::hours{24 * 30};
};
ladder_rules rules_of(const std::optional<ladder_definition>& said);

struct evidence {
  time_point at;
  evidence_kind what = evidence_kind::approved;
  std::string of;  // "apr-4", "eff-9"
};
BOOST_DESCRIBE_STRUCT(evidence, (), (at, what, of))

/// What a role on the rung `shadow` would have done, and what was done by hand. Of arguments and recipients only digests are kept.
struct shadowed_effect {
  std::string effect, run;
  time_point at;
  std::string meant, to;                 // digests of recipients and arguments, of recipients
  std::string done;                      // "eff-12": the same action, to the same recipients, within a week; empty: nothing yet
  bool alike = false;                    // that one's arguments are the very same
  std::optional<evidence_kind> verdict;  // same | different
};
BOOST_DESCRIBE_STRUCT(shadowed_effect, (), (effect, run, at, meant, to, done, alike, verdict))

/// Of one role and action.
struct ladder {
  std::optional<autonomy> rung;          // in force instead of the manifest's …
  std::optional<autonomy> manifest;      // … as long as that one says this
  std::string why, by;                   // of the last change
  time_point since;                      // of the last change; what was counted before it counts no more
  std::optional<time_point> incident;    // the last rejection, undo or failure
  std::optional<time_point> answered;    // when a card that offered the next rung was closed
  std::int64_t rejected_in_a_row = 0, failed_in_a_row = 0;
  std::deque<evidence> seen;             // the newest last
  std::deque<shadowed_effect> shadows;
};
BOOST_DESCRIBE_STRUCT(ladder, (), (rung, manifest, why, by, since, incident, answered, rejected_in_a_row, failed_in_a_row, seen, shadows))

/// By ladder_key.
using ladder_table = std::map<std::string, ladder>;
/// "sales_assistant/mailbox.send"; of the company itself "/mailbox.send".
std::string ladder_key(const std::string& role, const std::string& action);
std::string role_of_ladder(const std::string& key);
std::string action_of_ladder(const std::string& key);

/// How the card that offers a rung is closed when the operator doesn't want it.
inline constexpr auto offer_left = "you left it as it is";
inline constexpr std::size_t evidence_kept = 200;                  // of one role and action: a busy month, and a bounded state
inline constexpr duration matched_within = std::chrono::hours{24 * 7};  // what is done by hand later than that is about something else

void add_evidence(ladder& l, evidence e);
/// Since `since` and since the last change.
evidence_count count_of(const ladder& l, time_point since);

/// The lower bound of the Wilson score interval at 95 % (z = 1.96) for `right` of `all`: how good it is at least, given how few were
/// seen. Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927. 0 where nothing was seen.
double wilson_lower_bound(std::int64_t right, std::int64_t all);

/// What the evidence is worth on this rung.
struct weight {
  evidence_count counted;
  std::int64_t right = 0, all = 0;
  double at_least = 0;       // the Wilson bound
  std::string missing;       // in words, for the next rung; empty: it suffices
};
weight weigh(const ladder& l, autonomy rung, const ladder_rules& rules, time_point now);

/// Why the newest piece of evidence is one too many; nothing: it isn't. A workflow's own effects don't fall by failing: their run says
/// it already, and nobody's judgement was wrong.
std::optional<std::string> reason_to_fall(const ladder& l, const ladder_rules& rules, bool of_a_role);

/// The rung after a fall: one down, never below the manifest's, save that who may act falls to ask. Nothing where it can't fall: on
/// `ask` nothing leaves without the operator, and a rung below would only hide what is wanted.
std::optional<autonomy> fallen(autonomy rung, autonomy manifest);

/// "24 approved as they were, 1 modified"
std::string to_words(const evidence_count& c);

}  // namespace steward
