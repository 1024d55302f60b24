/// A durable unit of a run. Its states and every way between them.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/event.hpp"
#include "runtime/transition_table.hpp"

namespace steward {

enum class step_state {
  queued,       // wants to work, a gate is shut (pause, concurrency, breaker)
  working,      // an agent, an effect or a wait is under way
  backing_off,  // an attempt failed, another follows
  stuck,        // the operator is asked
  finished,
  failed,       // given up; the run went on elsewhere or ended
};
BOOST_DESCRIBE_ENUM(step_state, queued, working, backing_off, stuck, finished, failed)

enum class step_trigger { admit, finish, back_off, stick, release, give_up };
BOOST_DESCRIBE_ENUM(step_trigger, admit, finish, back_off, stick, release, give_up)

// A run that is stopped leaves memory with its step as it is: that is the run's transition, not the step's.
// clang-format off
inline constexpr transition<step_state, step_trigger> step_rows[] = {
    {step_state::queued,      step_trigger::admit,    step_state::working},
    {step_state::queued,      step_trigger::stick,    step_state::stuck},        // it can't even begin (its expression is wrong)
    {step_state::queued,      step_trigger::give_up,  step_state::failed},       // the run's cap of events is reached
    {step_state::working,     step_trigger::finish,   step_state::finished},
    {step_state::working,     step_trigger::back_off, step_state::backing_off},
    {step_state::working,     step_trigger::stick,    step_state::stuck},
    {step_state::working,     step_trigger::give_up,  step_state::failed},
    {step_state::backing_off, step_trigger::admit,    step_state::working},
    {step_state::stuck,       step_trigger::release,  step_state::queued},       // the operator says retry
};
// clang-format on
inline constinit transition_table step_table{step_rows};

/// What the fold keeps of the step at which a run stands.
struct step {
  std::string name;
  std::int64_t visit = 1;
  std::int64_t attempt = 1;
  step_state state = step_state::queued;
  bool waits = false;                  // for a signal, a time or a person
  bool records = false;                // an entity, which the run is about from then on
  std::string role;                    // of a role step
  duration clock_at{};                 // what the run's clock showed when the first attempt of this visit began
  json input;
  time_point started_at;
  std::optional<time_point> due;       // `within`, or the end of a wait
  std::optional<time_point> retry_at;
  std::optional<fault> trouble;
  std::string how;                     // finished: done, late, rejected, …; it decides with the manifest where the run goes on
  std::vector<std::string> instances;  // role steps: one, or one for each item
  std::vector<json> results;           // of the instances, by item
  std::vector<bool> done;              // of the instances
  std::vector<std::string> evidence;
  std::vector<std::string> effects;    // effect steps, in order
  std::string approval;                // the newest question about its effects …
  bool asks = false;                   // … which is still open
  std::string card;
  std::int64_t began = 0;              // sequence number of its step_started; 0: it never came so far
};
BOOST_DESCRIBE_STRUCT(step, (),
                      (name, visit, attempt, state, waits, records, role, clock_at, input, started_at, due, retry_at, trouble, how, instances, results, done, evidence, effects, approval, asks, card, began))

std::string instance_name(std::string_view run, std::string_view step, std::int64_t visit, std::int64_t attempt, std::optional<std::size_t> item);

}  // namespace steward
