/// The ladder of autonomy: its rungs, and what the engine counts before anybody climbs it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "runtime/described.hpp"

namespace steward {

/// The rung on which an action class stands for a role, from careful to free.
enum class autonomy {
  shadow,   // decide and record, do nothing
  suggest,  // a draft in the inbox
  ask,      // the operator approves each
  act,      // allowed without asking
};
BOOST_DESCRIBE_ENUM(autonomy, shadow, suggest, ask, act)

/// The next rung up or down; nothing at the end of the ladder.
constexpr std::optional<autonomy> rung_above(autonomy a) { return a == autonomy::act ? std::nullopt : std::optional(autonomy(int(a) + 1)); }
constexpr std::optional<autonomy> rung_below(autonomy a) { return a == autonomy::shadow ? std::nullopt : std::optional(autonomy(int(a) - 1)); }

/// One piece of evidence: a decision of the operator, or what became of an effect.
enum class evidence_kind {
  approved,   // as it was proposed
  modified,   // approved after a change
  rejected,
  undone,     // by the operator's word
  failed,     // for good
  same,       // a shadowed decision was what the operator did by hand
  different,  // it was not
};
BOOST_DESCRIBE_ENUM(evidence_kind, approved, modified, rejected, undone, failed, same, different)

struct evidence_count {
  std::int64_t approved = 0, modified = 0, rejected = 0, undone = 0, failed = 0, same = 0, different = 0;
  bool operator==(const evidence_count&) const = default;
};
BOOST_DESCRIBE_STRUCT(evidence_count, (), (approved, modified, rejected, undone, failed, same, different))

}  // namespace steward
