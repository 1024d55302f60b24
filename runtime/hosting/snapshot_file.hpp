/// `.steward/snapshot`: the fold as of one event, with that event's chain hash and a digest of its own. Derived: it may be
/// deleted at any time, and one that does not fit the journal is passed over.
#pragma once
#include <optional>
#include <string>

#include "runtime/coordination/company_state.hpp"
#include "runtime/disk.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

/// How often the engine makes one: after so many events, and never more often than that making them takes a fiftieth of the time.
struct snapshot_pace {
  std::int64_t after_events = 20'000;
  std::int64_t pays_after = 50;
  std::int64_t at_stop_after = 1'000;  // a clean stop makes one when at least so many events came since the last
};

/// `bytes` are those of the state as of event `seq`, which is on disk. Errors: event_not_found, disk_full, disk_failed.
result<void> write_snapshot(const std::string& folder, disk& files, reader& source, std::int64_t seq, std::string_view bytes);

/// The newest snapshot where it is sound, was made by this fold and stands on this very journal; else nothing.
std::optional<company_state> read_snapshot(const std::string& folder, disk& files, reader& source, const std::string& zone);

}  // namespace steward
