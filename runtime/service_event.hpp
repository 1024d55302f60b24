/// Facts about how long work took and how the operator was told of it. Part of the journal's vocabulary (event.hpp).
#pragma once
#include <string>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"

namespace steward::event {

/// A step or a run took longer than its role's or workflow's `sla` allows; once for each of its thresholds.
struct sla_missed {
  static constexpr auto kind = "sla_missed";
  std::string run;
  std::string step;       // at which the run stood; empty: none yet
  std::int64_t visit = 0;
  std::string of;         // "role/editor": of the step, or "workflow/answer_lead": of the run
  std::string threshold;  // warn | retry | escalate | fail
  duration limit{};
  duration took{};        // time in which the company was busy with it
  std::string did;        // what came of it: "a card", "a fresh attempt", "no fresh attempt: …", "the step failed"
};
BOOST_DESCRIBE_STRUCT(sla_missed, (), (run, step, visit, of, threshold, limit, took, did))

/// Nobody answered a card, and it climbed the ladder of company.yaml.
struct card_escalated {
  static constexpr auto kind = "card_escalated";
  std::string card;
  std::int64_t rung = 0;  // so many rungs are behind it now
  std::string to;         // mail
  std::string told_by;    // the run that sends the mail; empty: it could not start
};
BOOST_DESCRIBE_STRUCT(card_escalated, (), (card, rung, to, told_by))

}  // namespace steward::event
