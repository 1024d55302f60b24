/// The small parent of the engine: starts it as a process, restarts it within a window, stops it within a deadline.
#pragma once

namespace steward {
/// The exit code of an engine that only a new process can help (two handlers hang). EX_TEMPFAIL of sysexits.h: try again.
inline constexpr int exit_engine_lost = 75;
}  // namespace steward
