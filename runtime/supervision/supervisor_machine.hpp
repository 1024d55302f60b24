/// The mind of one supervisor: what happened to its children in, orders out. No actor, no clock; chance comes from outside.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/random.hpp"
#include "runtime/supervision/decision.hpp"
#include "runtime/supervision/supervision_tree.hpp"

namespace steward {

enum class child_state {
  waiting,   // for its start: its turn, or the end of a wait
  starting,  // its factory is being called
  up,
  stopping,  // asked to end
  ended,     // its work is done, or nobody needs it back
  down,      // its window is used up; the operator can say retry
};
BOOST_DESCRIBE_ENUM(child_state, waiting, starting, up, stopping, ended, down)

enum class deed {
  start,        // call the factory, then tell `started` or `ended`
  ask_to_stop,  // send the request to end; call `timer(token)` when `after` is over
  kill,         // it did not end in time: kill it and leave it behind, no `ended` follows
  wait,         // call `timer(token)` when `after` is over
  stay_down,    // tell the outside: this child is given up, `why`
  removed,      // tell the outside: this child is forgotten
  end_engine,   // only a new process is safe, `why`
  finish,       // every child is down: end, with `why` if it gave up
};
BOOST_DESCRIBE_ENUM(deed, start, ask_to_stop, kill, wait, stay_down, removed, end_engine, finish)

struct order {
  deed what;
  std::string child;
  duration after{};
  std::uint64_t token = 0;
  std::optional<fault> why;
};
using orders = std::vector<order>;

/// What can be seen of a child from outside.
struct child_status {
  std::string id;
  child_state state = child_state::waiting;
  std::int64_t incarnation = 0;     // how many times it was started
  std::int64_t restarts = 0;        // that count in its window, or in its supervisor's
  std::optional<fault> last_fault;
  bool operator==(const child_status&) const = default;
};
BOOST_DESCRIBE_STRUCT(child_status, (), (id, state, incarnation, restarts, last_fault))

/// Executes `decide` (decision.hpp) in time: waits grow, siblings stop one after the other in reverse order, each within its
/// deadline, and start in order. The caller carries out the orders one by one and reports back.
class supervisor_machine {
public:
  /// `path` is the supervisor's own, without the root: "desk/roles", and empty for the root itself.
  supervisor_machine(std::string path, group_spec group, const std::vector<child_spec>& children, std::shared_ptr<random_source> random);

  orders begin();
  orders started(const std::string& id, time_point now);
  orders ended(const std::string& id, ending how, fault why, time_point now);
  orders timer(std::uint64_t token, time_point now);
  orders stop();

  /// Adds a child at the end and starts it; it is forgotten when its work is done. Errors `child_exists`, `supervisor_is_stopping`.
  result<orders> add(child_spec spec);
  /// Stops a child and forgets it; the order `removed` says when. Error `no_such_child`.
  result<orders> remove(const std::string& id);
  /// Starts a child that is not up, at once and with an empty window. Error `no_such_child`, `supervisor_is_stopping`.
  result<orders> retry(const std::string& id);

  const child_spec* spec_of(const std::string& id) const;
  std::vector<child_status> status(time_point now) const;
  bool stopping() const { return phase_ >= phase::stopping; }

private:
  enum class phase { running, regrouping, stopping, finished };
  struct child {
    child_spec spec;
    restart_window window;  // its own, where the spec has one
    child_state state = child_state::waiting;
    std::int64_t incarnation = 0;
    int faults = 0;  // in a row; forgotten once it lives longer than the window
    time_point up_since{};
    std::uint64_t token = 0;  // of the timer that it waits for
    bool added = false;     // while the supervisor ran: forgotten once it ended for good
    bool removing = false;
    std::optional<fault> last_fault;
  };

  child* find(const std::string& id);
  std::string path_of(const std::string& id) const { return path_.empty() ? id : path_ + "/" + id; }
  error no_such_child(const std::string& id) const;
  void advance(orders& out);
  void stop_next(orders& out);
  void start_next(orders& out);
  void ask_to_stop(child& c, orders& out);
  void gone(child& c, orders& out);
  void restart(child& c, const decision& d, ending how, time_point now, orders& out);
  fault beyond_window(const child& c, const restart_limit& limit, const fault& why) const;

  std::string path_;
  group_spec group_;
  restart_window window_;
  std::vector<child> children_;  // in start order
  std::shared_ptr<random_source> random_;
  phase phase_ = phase::running;
  std::deque<std::string> queue_;           // children whose turn to start has come
  std::string starting_;                    // the one whose factory is being called
  std::set<std::string> to_stop_, to_start_;  // while regrouping
  duration group_wait_{};
  std::uint64_t group_token_ = 0;
  std::uint64_t last_token_ = 0;
  std::optional<fault> gave_up_;
};

}  // namespace steward
