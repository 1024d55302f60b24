/// One outside action, from the wish to the ledger entry. Its states and every way between them.
#pragma once
#include <optional>
#include <string>

#include "runtime/event.hpp"
#include "runtime/transition_table.hpp"

namespace steward {

enum class effect_state {
  proposed,     // prepared and judged
  awaiting,     // the operator is asked
  approved,     // may be dispatched as soon as every gate is open
  dispatching,  // on disk that it is about to leave; it may or may not have
  in_doubt,     // nobody knows whether it happened
  confirmed,    // it happened
  refused,      // the other side said no
  failed,       // it did not happen and is not tried again
  dropped,      // denied, rejected, discarded, shadowed or stopped: it never left
};
BOOST_DESCRIBE_ENUM(effect_state, proposed, awaiting, approved, dispatching, in_doubt, confirmed, refused, failed, dropped)

enum class effect_trigger { ask, allow, drop, modify, approve, reuse, dispatch, confirm, refuse, repeat, fail, doubt };
BOOST_DESCRIBE_ENUM(effect_trigger, ask, allow, drop, modify, approve, reuse, dispatch, confirm, refuse, repeat, fail, doubt)

// clang-format off
inline constexpr transition<effect_state, effect_trigger> effect_rows[] = {
    {effect_state::proposed,    effect_trigger::ask,      effect_state::awaiting},
    {effect_state::proposed,    effect_trigger::allow,    effect_state::approved},
    {effect_state::proposed,    effect_trigger::drop,     effect_state::dropped},
    {effect_state::awaiting,    effect_trigger::modify,   effect_state::awaiting},   // a new digest under the same question
    {effect_state::awaiting,    effect_trigger::approve,  effect_state::approved},
    {effect_state::awaiting,    effect_trigger::drop,     effect_state::dropped},    // rejected, expired, run stopped
    {effect_state::approved,    effect_trigger::dispatch, effect_state::dispatching},
    {effect_state::approved,    effect_trigger::reuse,    effect_state::confirmed},  // the run that this one is forked from did it
    {effect_state::approved,    effect_trigger::ask,      effect_state::awaiting},   // a rule that was edited since now asks
    {effect_state::approved,    effect_trigger::drop,     effect_state::dropped},    // a rule that was edited since now denies
    {effect_state::approved,    effect_trigger::doubt,    effect_state::in_doubt},   // a repetition that may not leave any more
    {effect_state::dispatching, effect_trigger::confirm,  effect_state::confirmed},
    {effect_state::dispatching, effect_trigger::refuse,   effect_state::refused},
    {effect_state::dispatching, effect_trigger::repeat,   effect_state::approved},   // certain that it did not happen, or keyed
    {effect_state::dispatching, effect_trigger::fail,     effect_state::failed},     // did not happen, attempts used up
    {effect_state::dispatching, effect_trigger::doubt,    effect_state::in_doubt},
    {effect_state::in_doubt,    effect_trigger::confirm,  effect_state::confirmed},  // looked up, or the operator knows
    {effect_state::in_doubt,    effect_trigger::repeat,   effect_state::approved},
    {effect_state::in_doubt,    effect_trigger::fail,     effect_state::failed},
};
// clang-format on
inline constinit transition_table effect_table{effect_rows};

/// In effect_settled: it was not done again, because the run that this one is forked from did it.
inline constexpr auto said_by_fork = "fork";

constexpr bool is_settled(effect_state s) {
  return s == effect_state::confirmed || s == effect_state::refused || s == effect_state::failed || s == effect_state::dropped;
}

/// What the fold keeps of an effect. The prepared bytes go from memory once it is settled; the journal has them.
struct effect {
  event::effect_proposed said;
  effect_state state = effect_state::proposed;
  std::int64_t attempts = 0;
  std::int64_t epoch = 0;              // of the last dispatch
  std::optional<std::string> approval; // the question that covers it
  std::optional<std::string> used;     // the decision that its dispatch consumed
  std::optional<time_point> not_before;
  std::optional<outcome> came_out;
  std::string drop_how, drop_reason;
  std::int64_t cause = 0;              // the event that proposed it
  time_point proposed_at, first_dispatched;
  time_point decided_at;               // by a rule when it was proposed, or by the operator
  std::optional<time_point> held_until;
  labels marks = 0;                    // of what it was made from, and of what it was answered
  bool doubted = false;                // one of its attempts may have done it, and neither a look-up nor the operator has said since
  bool modified = false;               // by the operator
};
BOOST_DESCRIBE_STRUCT(effect, (), (said, state, attempts, epoch, approval, used, not_before, came_out, drop_how, drop_reason, cause, proposed_at, first_dispatched, decided_at, held_until, marks, doubted, modified))

/// Decided, and not one byte has left: it can be taken back with nothing sent.
inline bool not_left_yet(const effect& e) { return e.state == effect_state::approved && e.attempts == 0; }

/// Whether the outside may know of it already: then it must neither be dropped nor done anew under another key.
constexpr bool may_have_happened(effect_state s, bool doubted) {
  return s == effect_state::confirmed || s == effect_state::dispatching || s == effect_state::in_doubt || (s == effect_state::approved && doubted);
}

/// The effect key: minted from where the effect stands in its run, hence the same when a lost turn is taken again.
/// Lower-case hexadecimal, 32 digits.
std::string mint_effect_key(std::string_view company_salt, std::string_view run, std::string_view step, std::int64_t visit, std::string_view instance, std::int64_t ordinal);

/// The digest that an approval is bound to: of everything that was prepared, which is what was judged and shown.
std::string effect_digest(const request& prepared);

}  // namespace steward
