/// A durable question to the operator, bound to the digests of the exact payloads; a decision is used once.
#pragma once
#include <set>
#include <string>

#include "runtime/event.hpp"
#include "runtime/transition_table.hpp"

namespace steward {

enum class approval_state { asked, approved, rejected, expired, used };
BOOST_DESCRIBE_ENUM(approval_state, asked, approved, rejected, expired, used)

enum class approval_trigger { modify, approve, reject, expire, consume, consume_last };
BOOST_DESCRIBE_ENUM(approval_trigger, modify, approve, reject, expire, consume, consume_last)

// clang-format off
inline constexpr transition<approval_state, approval_trigger> approval_rows[] = {
    {approval_state::asked,    approval_trigger::modify,       approval_state::asked},
    {approval_state::asked,    approval_trigger::approve,      approval_state::approved},
    {approval_state::asked,    approval_trigger::reject,       approval_state::rejected},
    {approval_state::asked,    approval_trigger::expire,       approval_state::expired},   // always into the safe answer
    {approval_state::approved, approval_trigger::consume,      approval_state::approved},  // one digest of several
    {approval_state::approved, approval_trigger::consume_last, approval_state::used},
};
// clang-format on
inline constinit transition_table approval_table{approval_rows};

struct approval {
  event::approval_asked said;
  approval_state state = approval_state::asked;
  std::set<std::string> consumed;  // digests that have left
  std::string reason;
  time_point asked_at;
  bool changed = false;            // the operator changed what it is about
};
BOOST_DESCRIBE_STRUCT(approval, (), (said, state, consumed, reason, asked_at, changed))

/// The card that a question raises.
event::card_raised card_of(const event::approval_asked& asked);
/// What the operator can type to answer a card. Those of a question follow from its name, and are not kept.
std::vector<std::string> commands_for(const event::card_raised& card);

/// What a decision about it is bound to.
std::string digest_of_question(const event::approval_asked& asked);

/// Digest of an ordered list of digests: what "approve" binds to where a step sends many.
std::string list_digest(const std::vector<std::string>& digests);

}  // namespace steward
