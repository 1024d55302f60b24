/// Starts a run, or a fork, once: however often the command is given with its key, and however often it is asked because the engine died.
#pragma once
#include "console/command.hpp"
#include "console/invocation.hpp"

namespace steward {

/// The option --key, the same for each command that starts a run.
word key_word();
/// Gives the order to the engine under the command's --key, or else under a key of its own; asks again when the engine is lost
/// before it answers and comes back within ten seconds. The engine's answer.
result<json> start_once(invocation& s, const arguments& given, boost::json::object order);

}  // namespace steward
