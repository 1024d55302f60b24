/// What follows when a child ends: the rule of supervision, without actors, clocks or chance.
#pragma once
#include <cstddef>
#include <vector>

#include "runtime/supervision/child_spec.hpp"

namespace steward {

/// What a child's kind asks for when it ends so.
enum class wish {
  leave,    // nothing: its work is done, or nobody needs it back
  restart,  // another one, if the window has room
  mend,     // somebody must mend it first: no restart helps
};
BOOST_DESCRIBE_ENUM(wish, leave, restart, mend)

/// The table itself stands at the top of decision.cpp.
wish wish_of(child_kind kind, ending how);

enum class window_owner {
  supervisor,  // a used up window makes the supervisor give up
  child,       // a used up window leaves the child down
};
BOOST_DESCRIBE_ENUM(window_owner, supervisor, child)

enum class remedy {
  leave,      // the child is gone; nobody else is touched
  restart,    // stop `stop`, wait, start `start`
  stay_down,  // the child stays down until the operator says retry
  go_up,      // the supervisor stops all its children and ends with the fault
};
BOOST_DESCRIBE_ENUM(remedy, leave, restart, stay_down, go_up)

struct sibling {
  child_kind kind = child_kind::permanent;
  bool wanted = true;  // up, or on its way up; not one whose work is done or who stays down
};

struct decision {
  remedy what = remedy::leave;
  std::vector<std::size_t> stop;   // positions, in the order of stopping: the last started first
  std::vector<std::size_t> start;  // positions, in the order of starting
  bool operator==(const decision&) const = default;
};

/// Child number `who` (in start order) ended as `how`. `window` is the verdict of the window that counts it; it matters only
/// where `wish_of` says restart, so the caller asks the window only then.
decision decide(strategy by, const std::vector<sibling>& children, std::size_t who, ending how, window_owner owner, window_verdict window);

}  // namespace steward
