/// What a supervisor must know of a child: how it is restarted, how it is stopped, and when it counts as hung.
#pragma once
#include <optional>
#include <string>

#include "runtime/described.hpp"
#include "runtime/supervision/backoff.hpp"
#include "runtime/supervision/restart_window.hpp"

namespace steward {

enum class child_kind {
  permanent,  // is always restarted
  transient,  // is restarted after a fault; when it ends by itself its work is done
  temporary,  // is never restarted
};
BOOST_DESCRIBE_ENUM(child_kind, permanent, transient, temporary)

/// Who falls with a child that must be restarted.
enum class strategy {
  one_for_one,   // nobody
  one_for_all,   // all its siblings
  rest_for_one,  // the siblings that were started after it
};
BOOST_DESCRIBE_ENUM(strategy, one_for_one, one_for_all, rest_for_one)

/// How a child ended.
enum class ending {
  normal,         // by itself, its work done
  shutdown,       // somebody asked it to; its supervisor did not
  crash,          // an exception, an error, or a supervisor below whose window was used up
  hang,           // did not answer for longer than `hangs_after`
  start_failure,  // its constructor or factory threw
  beyond_repair,  // a logic or data fault: a restart would meet it again
};
BOOST_DESCRIBE_ENUM(ending, normal, shutdown, crash, hang, start_failure, beyond_repair)

/// What follows when a child hangs. Its thread can't be interrupted: it is told to die and left behind, and may wake up much later.
enum class hang_answer {
  abandon,     // leave it behind and start another
  end_engine,  // it could write beside its replacement: only a new process is safe
};
BOOST_DESCRIBE_ENUM(hang_answer, abandon, end_engine)

struct child_spec {
  std::string id;  // unique among its siblings, without '/'
  child_kind kind = child_kind::permanent;
  duration stop_within = std::chrono::seconds{5};  // from the request to end until it is killed
  std::optional<duration> hangs_after;             // nothing: no watchdog (it blocks by design)
  hang_answer when_hung = hang_answer::abandon;
  /// Its own window: used up, the child stays down and its siblings work on. Without one the supervisor's window counts its
  /// faults: used up, the supervisor gives up and the fault goes up the tree.
  std::optional<restart_limit> at_most;
  backoff_limits waits;
  bool operator==(const child_spec&) const = default;
};

}  // namespace steward
