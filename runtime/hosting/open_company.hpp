/// Opens what the engine and the offline desk both stand on: event kinds, connectors' book, the state folded from the journal.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "runtime/coordination/coordinator.hpp"
#include "runtime/hosting/engine.hpp"
#include "runtime/journal/derived.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

/// Makes `folder` (0700) where it is missing, and takes its lock. Errors: already_running, disk_failed.
result<process_lock> lock_folder(const std::string& folder);

/// Every kind of event.hpp in today's version.
std::shared_ptr<const event_kinds> all_event_kinds();

/// An event as the fold takes it. Errors: unknown_event_kind, or what its body lacks, with the event's number.
result<std::pair<event::header, event::any>> typed(const record& stored);

/// The newest snapshot and the events since then, or every event.
enum class fold_from { snapshot, first_event };

/// How far to fold: up to an event (0: the last), and not beyond a time.
struct fold_until {
  std::int64_t seq = 0;
  std::optional<time_point> time;
};

/// The state at the journal's head, or as of an earlier event or time; a folder without a journal gives the empty state.
/// event_not_found when the journal does not reach so far.
result<company_state> fold_journal(const std::string& folder, const event_kinds& kinds, const std::string& zone, fold_from start = fold_from::snapshot, fold_until until = {});

/// Folds on from where `state` stands. `change`, where given, may alter an event before it is folded: what if it said less?
result<void> fold_on(company_state& state, reader& source, fold_until until = {}, const std::function<void(record&)>& change = {});

/// Everything that derived.db holds.
std::vector<std::unique_ptr<projection>> all_projections();

/// What the agent of a role may know of it.
role_brief brief_of(const std::string& name, const role_definition& role, const std::string& zone);

/// The parts that a coordinator works with. Makes `.steward/salt` (32 random bytes as text) where it is missing.
result<coordinator_parts> parts_of(const engine_parts& parts);

}  // namespace steward
