#include "runtime/supervision/decision.hpp"

namespace steward {
namespace {

constexpr auto leave = wish::leave;
constexpr auto restart = wish::restart;
constexpr auto mend = wish::mend;

// clang-format off
constexpr wish wishes[3][6] = {
    //               normal   shutdown  crash    hang     start_failure  beyond_repair
    /* permanent */ {restart, restart,  restart, restart, restart,       mend},
    /* transient */ {leave,   leave,    restart, restart, restart,       mend},
    /* temporary */ {leave,   leave,    leave,   leave,   leave,         leave},
};
// clang-format on

/// The first position that falls with `who`; everything from there on does.
std::size_t first_to_fall(strategy by, std::size_t who) { return by == strategy::one_for_all ? 0 : who; }

}  // namespace

wish wish_of(child_kind kind, ending how) { return wishes[std::size_t(kind)][std::size_t(how)]; }

decision decide(strategy by, const std::vector<sibling>& children, std::size_t who, ending how, window_owner owner, window_verdict window) {
  const auto wanted = wish_of(children.at(who).kind, how);
  if (wanted == wish::leave) return {remedy::leave, {}, {}};
  if (wanted == wish::mend || window == window_verdict::used_up) return {owner == window_owner::child ? remedy::stay_down : remedy::go_up, {}, {}};
  decision d{remedy::restart, {}, {}};
  if (by == strategy::one_for_one) {
    d.start = {who};
    return d;
  }
  for (std::size_t i = first_to_fall(by, who); i < children.size(); ++i) {
    if (i != who && !children[i].wanted) continue;
    // A temporary sibling falls with the others and does not come back: nobody promised it would.
    if (i == who || children[i].kind != child_kind::temporary) d.start.push_back(i);
    if (i != who) d.stop.insert(d.stop.begin(), i);
  }
  return d;
}

}  // namespace steward
