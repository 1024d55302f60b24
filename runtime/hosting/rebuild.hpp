/// Drops everything that is derived from the journal, derives it again, and proves by digest that nothing changed.
#pragma once
#include <string>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/journal/upgrade.hpp"

namespace steward {

/// What became of one projection: of a table in derived.db, or of the fold (whose digest before is that of its snapshot,
/// folded on to the same event).
struct rebuilt {
  std::string name;
  std::int64_t stood_at = 0;  // the event it had come to by itself
  std::int64_t events = 0;    // both digests are as of this event
  std::string before, after;
  std::vector<std::string> differs;  // where, as far as it can be told; empty when equal
  bool equal() const { return before == after; }
};
BOOST_DESCRIBE_STRUCT(rebuilt, (), (name, stood_at, events, before, after, differs))

/// Every projection, the fold last; what differed is then as the journal has it. already_running, the journal's errors.
result<std::vector<rebuilt>> rebuild_all(const std::string& folder, const event_kinds& kinds, const std::string& zone);

}  // namespace steward
