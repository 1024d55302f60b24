/// One event as one sentence for people.
#pragma once
#include <string>

#include "runtime/event.hpp"

namespace steward {

/// "The operator approved apr-1 (2 effects)." Empty for events that only machines care about.
std::string sentence_of(const event::any& e);

/// Does the timeline show it? Turns, recalls and retries stand in the trace only.
bool is_for_people(const event::any& e);

}  // namespace steward
