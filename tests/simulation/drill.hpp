/// A drill: a story of what goes wrong, as a YAML file with `because:`, and what must come of it.
///
///   because:  which incident it keeps from happening again
///   company:  limits that differ, and workflows beside the usual ones
///   operator: how questions are taken: at_once (default), late, twice, never, reject, modify, while_dying
///   happens:  what people, clocks and machines do, each `after` so long
///   faults:   what goes wrong at the n-th call, flush or turn
///   expect:   what is counted at the end, beside all promises, which are checked at every event
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/yaml_reader.hpp"
#include "tests/simulation/week.hpp"

namespace steward::simulation {

/// One thing that happens, or several alike.
struct drill_moment {
  duration after{};
  std::optional<std::string> order;    // from whom
  std::optional<std::string> mail;     // from whom
  std::optional<std::string> run;      // a workflow, by hand
  std::optional<std::string> pause, resume;  // "company", "role/clerk"
  std::optional<std::string> retry;    // a run whose step failed
  std::optional<std::string> undo;     // an effect or a run, by the operator
  std::optional<std::string> judge;    // an effect that was only decided: the operator did the same
  std::optional<std::string> grant;    // the next rung: "clerk/world.pay/act"
  std::optional<std::string> operator_;      // how questions are taken from now on; `away`: nobody looks
  std::optional<bool> crash;           // kill -9
  std::optional<bool> stop;            // a clean stop, and a start
  std::optional<bool> wake;            // handlers that hang come back
  std::optional<std::string> network;  // away, back
  std::optional<std::string> disk;     // full, free
  std::optional<duration> off;         // the machine is off so long
  std::optional<std::string> clock;    // "+5h", "-5h"
  std::int64_t times = 1;
};
BOOST_DESCRIBE_STRUCT(drill_moment, (), (after, order, mail, run, pause, resume, retry, undo, judge, grant, operator_, crash, stop, wake, network, disk, off, clock, times))

struct drill_fault {
  std::optional<std::string> call;     // "world.mail", "look up world.mail", "model", "poll"
  std::optional<std::string> turn;     // of the agent whose text begins so
  std::optional<bool> flush;           // of the journal's disk
  std::int64_t nth = 1;
  std::optional<std::int64_t> to;      // the last one; default: only the nth
  std::string is;                      // misbehaviour, agent_fault or disk_fault
};
BOOST_DESCRIBE_STRUCT(drill_fault, (), (call, turn, flush, nth, to, is))

struct drill_expectation {
  std::optional<std::string> deeds;    // how often this action really happened
  std::optional<std::string> calls;    // how often it was tried
  std::optional<std::string> event;    // how many events of this kind
  std::optional<std::string> card;     // how many cards about this
  std::optional<std::string> outcome;  // how many runs ended so: "letter silence"
  std::optional<bool> open_runs;       // how many runs are open
  std::optional<bool> at_work;         // the most runs at work at any time
  std::optional<bool> cents;           // what the models have charged, in cents
  std::optional<bool> booked;          // what the journal says that models cost, with what is still reserved, in cents
  std::optional<std::string> says;     // the engine's last words contain this, so often
  std::optional<std::int64_t> is, at_least, at_most;
};
BOOST_DESCRIBE_STRUCT(drill_expectation, (), (deeds, calls, event, card, outcome, open_runs, at_work, cents, booked, says, is, at_least, at_most))

struct drill_company {
  std::optional<money> writer_per_day;
  std::optional<std::int64_t> running;
  std::optional<std::string> every;    // cron of a workflow `pulse` of one trivial step
  std::optional<bool> updates;         // the workflow `update` every morning at nine
  std::optional<duration> clerk_warns_after;  // the sla of the role `clerk`
  std::optional<duration> hold;        // of payments; default 0s
  std::map<std::string, autonomy> rungs;           // "clerk/world.pay": shadow
  std::optional<ladder_definition> autonomy_;      // when rungs are offered and taken back
  std::optional<bool> errands;         // workflows `errand` (the clerk pays) and `by_hand` (the operator pays the same)
};
BOOST_DESCRIBE_STRUCT(drill_company, (), (writer_per_day, running, every, updates, clerk_warns_after, hold, rungs, autonomy_, errands))

struct drill {
  std::string name;                    // its file's
  std::string because;
  std::uint64_t seed = 1;
  duration lasts = std::chrono::hours{24};
  std::optional<duration> quiet;       // afterwards, without faults and with a diligent operator; default: 0s
  std::optional<drill_company> company;
  std::optional<std::string> operator_;
  std::vector<drill_moment> happens;
  std::vector<drill_fault> faults;
  std::vector<drill_expectation> expect;
};
BOOST_DESCRIBE_STRUCT(drill, (), (name, because, seed, lasts, quiet, company, operator_, happens, faults, expect))

/// Errors with file, line and column: unknown keys and words, missing `because:` or `expect:`.
drill read_drill(const std::string& file, std::string text, errors& e);
/// The broken promises and expectations; empty: all is as it must be.
std::vector<std::string> play_drill(const drill& d, bool tell);

}  // namespace steward::simulation

namespace steward {
template <>
struct manifest_rules<simulation::drill> : plain_rules {
  static constexpr std::array<std::string_view, 2> required{"because", "expect"};
  static constexpr std::array<std::string_view, 1> hidden{"name"};
};
template <>
struct manifest_rules<simulation::drill_fault> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"is"};
};
template <>
struct manifest_rules<simulation::drill_moment> : plain_rules {
  static constexpr std::array<std::string_view, 1> required{"after"};
};
}  // namespace steward
