/// Reads the journal as the events of runtime/event.hpp.
#pragma once
#include <functional>

#include "runtime/event.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

/// Calls `visit` with each event that the query asks for, the oldest first, until it says false. Errors: those of reading, and of
/// an event that can't be read, which names it.
result<void> each_event(reader& source, const event_query& query, const std::function<bool(const event::header&, event::any&&)>& visit);

}  // namespace steward
