/// The operator's commands and questions as JSON, the same over the socket and offline. No CAF here.
///
///   {"do": "approve", "approval": "apr-1"}  ->  {"ok": {…}}  or  {"error": {code, where, found, expected, advice}}
#pragma once
#include "runtime/coordination/coordinator.hpp"

namespace steward {

/// Carries out one command. What it decided stands in `c.take()`; the answer may be given once that is on disk.
/// Verbs of `do`: run, fork, approve, reject, modify, answer, pause, resume, stop, retry, step, grant_rung, lower_rung, judge_shadow, remember, and `view` (see runtime/observation/views.hpp).
json execute(coordinator& c, const json& command, time_point now);

json error_reply(const error& e);

}  // namespace steward
