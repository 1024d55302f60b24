#include "runtime/supervision/supervisor_actor.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>

#include <caf/all.hpp>
#include <fmt/format.h>

#include "runtime/supervision/actor_state.hpp"
#include "runtime/supervision/fault_error.hpp"
#include "runtime/supervision/parent_process.hpp"

namespace steward::supervision {

/// What a supervisor tells itself later: a timer of its machine, or the next look at a child.
struct alarm {
  std::uint64_t token = 0;
  std::string child;  // not empty: look at this incarnation of it
  std::int64_t incarnation = 0;
};

}  // namespace steward::supervision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(steward::supervision::alarm)

namespace steward {
namespace supervision {

/// What all supervisors of one tree share.
struct house {
  supervision_settings settings;
  std::atomic<int> lost_workers{0};
  std::mutex lock;
  /// Children that were added, by their supervisor's path: one that is restarted has them again.
  std::map<std::string, std::vector<add_child>> added;

  void lose_engine(const fault& why) const {
    if (settings.on_engine_lost) return settings.on_engine_lost(why);
    std::fputs(("The engine ends, so that its parent starts a new one: " + why.sentence + "\n").c_str(), stderr);
    std::_Exit(exit_engine_lost);
  }
};

using inner_actor = supervisor_actor::extend<caf::reacts_to<alarm>>;

inner_actor spawn(caf::actor_system& system, const supervision_tree& tree, std::string path, std::shared_ptr<house> home);

/// Told before all that waits in its mailbox. `send_exit` would wait behind it.
void kill(const caf::strong_actor_ptr& who) {
  caf::anon_send<caf::message_priority::high>(caf::actor_cast<caf::actor>(who), caf::exit_msg{who->address(), caf::exit_reason::kill});
}

/// Names the first child on `path` and takes it off.
std::string next_name(std::string& path) {
  const auto slash = path.find('/');
  auto name = path.substr(0, slash);
  path = slash == path.npos ? std::string() : path.substr(slash + 1);
  return name;
}

struct supervisor_state {
  supervisor_state() = default;
  /// A supervisor that dies in any other way than by stopping its children (killed, an exception) takes them along.
  ~supervisor_state() {
    for (const auto& [id, c] : live)
      if (c.ref) kill(c.ref);
  }
  static inline const char* name = "supervisor";

  struct child {
    caf::strong_actor_ptr ref;
    start_child start;
    std::int64_t incarnation = 0;
    bool supervises = false;
  };
  inner_actor::pointer self = nullptr;
  std::string path;
  std::shared_ptr<house> home;
  std::optional<supervisor_machine> machine;
  std::map<std::string, child> live;
  std::map<std::string, std::vector<caf::typed_response_promise<child_removed>>> removals;
  struct left {
    caf::actor_addr who;
    bool lost_a_worker;
  };
  std::vector<left> left_behind;  // told to die, perhaps still sitting on a thread
  caf::error asked_to_end = caf::exit_reason::user_shutdown;

  time_point now() const { return time_point{std::chrono::duration_cast<duration>(self->clock().now().time_since_epoch())}; }
  std::string path_of(const std::string& id) const { return path.empty() ? id : path + "/" + id; }
  const supervision_listener& listener() const { return home->settings.listener; }

  void begin(const supervision_tree& tree) {
    std::vector<child_spec> specs;
    for (const auto& node : tree.children) {
      specs.push_back(node.child);
      auto& c = live[node.child.id];
      c.supervises = node.group.has_value();
      if (c.supervises) {
        c.start = [node, home = home](const start_context& at) { return caf::actor_cast<caf::strong_actor_ptr>(spawn(at.system, node, at.path, home)); };
      } else {
        c.start = home->settings.starts.at(path_of(node.child.id));
      }
    }
    std::vector<add_child> again;
    {
      const std::lock_guard hold(home->lock);
      again = home->added[path];
    }
    const auto& random = home->settings.random;
    machine.emplace(path, *tree.group, specs, random ? random(path) : std::shared_ptr<random_source>(make_system_random()));
    carry_out(machine->begin());
    for (const auto& a : again) take(a);
  }

  void carry_out(const orders& todo) {
    std::deque<order> left(todo.begin(), todo.end());
    while (!left.empty()) {
      const auto next = std::move(left.front());
      left.pop_front();
      const auto more = carry_out(next);
      left.insert(left.end(), more.begin(), more.end());
    }
  }

  orders carry_out(const order& o) {
    switch (o.what) {
      case deed::start: return start(o.child);
      case deed::ask_to_stop:
        self->send_exit(live.at(o.child).ref, caf::exit_reason::user_shutdown);
        [[fallthrough]];
      case deed::wait: self->delayed_send(self, o.after, alarm{o.token, {}, 0}); return {};
      case deed::kill: {
        const fault why{fault_kind::process, "child_hung", path_of(o.child) + " did not end in time and was killed."};
        leave_behind(o.child, false);
        tell_ended(o.child, ending::shutdown, why);
        return {};
      }
      case deed::stay_down:
        if (listener().child_gave_up) listener().child_gave_up(path_of(o.child), *o.why);
        return {};
      case deed::removed: forget(o.child); return {};
      case deed::end_engine: home->lose_engine(*o.why); return {};
      case deed::finish:
        if (o.why && path.empty() && listener().child_gave_up) listener().child_gave_up("engine", *o.why);
        self->quit(o.why ? to_caf_error(*o.why) : asked_to_end);
        return {};
    }
    return {};
  }

  orders start(const std::string& id) {
    auto& c = live.at(id);
    ++c.incarnation;
    try {
      c.ref = c.start({self->system(), path_of(id), c.incarnation});
      if (!c.ref) throw std::logic_error("Its factory returned no actor.");
    } catch (...) {
      const auto why = fault_of(std::current_exception(), "child_did_not_start");
      const bool for_good = why.kind == fault_kind::logic || why.kind == fault_kind::data;
      const auto how = for_good ? ending::beyond_repair : ending::start_failure;
      tell_ended(id, how, why);
      return machine->ended(id, how, why, now());
    }
    self->monitor(c.ref);  // One that is dead already says so at once.
    if (listener().child_started) listener().child_started(path_of(id), c.incarnation, c.ref);
    look_at(id, c.incarnation);
    return machine->started(id, now());
  }

  /// The watchdog. Every event-based actor answers this question between two messages, before all that waits in its mailbox.
  void look_at(const std::string& id, std::int64_t incarnation) {
    const auto found = live.find(id);
    const auto* spec = machine->spec_of(id);
    if (found == live.end() || !found->second.ref || found->second.incarnation != incarnation || !spec || !spec->hangs_after) return;
    const auto patience = *spec->hangs_after;
    self->request<caf::message_priority::high>(caf::actor_cast<caf::actor>(found->second.ref), caf::duration{patience}, caf::sys_atom::value, caf::get_atom::value, "info")
        .then([this, id, incarnation, patience](caf::ok_atom, const std::string&, const caf::strong_actor_ptr&, const std::string&) {
                self->delayed_send(self, patience, alarm{0, id, incarnation});
              },
              [this, id, incarnation, patience](caf::error& e) {
                const auto at = live.find(id);
                if (e != caf::sec::request_timeout || at == live.end() || !at->second.ref || at->second.incarnation != incarnation) return;
                hung(id, patience);
              });
  }

  void hung(const std::string& id, duration patience) {
    const fault why{fault_kind::process, "child_hung", fmt::format("{} did not answer for {}: a handler hangs.", path_of(id), to_text(patience))};
    const bool replaceable = machine->spec_of(id)->when_hung == hang_answer::abandon;
    leave_behind(id, true);
    tell_ended(id, ending::hang, why);
    if (!replaceable || home->lost_workers >= home->settings.lost_workers_max) home->lose_engine(why);
    carry_out(machine->ended(id, ending::hang, why, now()));
  }

  /// A handler can't be interrupted: the actor is told to die before anything else it may do, and forgotten here.
  void leave_behind(const std::string& id, bool lost_a_worker) {
    auto& ref = live.at(id).ref;
    kill(ref);
    left_behind.push_back({caf::actor_cast<caf::actor_addr>(ref), lost_a_worker});
    ref = nullptr;
    if (lost_a_worker) tell_lost_workers(++home->lost_workers);
  }

  void tell_lost_workers(int count) const {
    if (listener().lost_worker) listener().lost_worker(count);
  }

  void tell_ended(const std::string& id, ending how, const fault& why) const {
    if (listener().child_ended) listener().child_ended(path_of(id), how, why);
  }

  void down(const caf::down_msg& message) {
    for (auto& [id, c] : live) {
      if (!c.ref || c.ref != message.source) continue;
      const auto name = id;  // What follows may forget the child.
      c.ref = nullptr;
      const auto how = ending_of(message.reason);
      const auto why = fault_of(message.reason);
      tell_ended(name, how, why);
      return carry_out(machine->ended(name, how, why, now()));
    }
    const auto late = std::find_if(left_behind.begin(), left_behind.end(), [&](const left& l) { return l.who == message.source; });
    if (late == left_behind.end()) return;
    if (late->lost_a_worker) tell_lost_workers(--home->lost_workers);  // The handler returned after all: its worker is back.
    left_behind.erase(late);
  }

  // ---- what others ask for

  result<void> take(const add_child& a) {
    auto todo = machine->add(a.spec);
    if (!todo) return todo.error();
    live[a.spec.id].start = a.start;
    carry_out(*todo);
    return {};
  }

  void forget(const std::string& id) {
    live.erase(id);
    {
      const std::lock_guard hold(home->lock);
      std::erase_if(home->added[path], [&](const add_child& a) { return a.spec.id == id; });
    }
    for (auto& promise : removals[id]) promise.deliver(child_removed{path_of(id)});
    removals.erase(id);
  }

  caf::error no_such_child(const std::string& id) const {
    return to_caf_error(error{"no_such_child", path_of(id), "there is no such child that is up", "a path of the supervision tree", ""});
  }

  /// The supervisor `id` below this one, while it is up.
  caf::expected<supervisor_actor> below(const std::string& id) const {
    const auto found = live.find(id);
    if (found == live.end() || !found->second.supervises || !found->second.ref) return no_such_child(id);
    return caf::actor_cast<supervisor_actor>(found->second.ref);
  }
};

using pointer = stateful_pointer<inner_actor, supervisor_state>;

/// Either the question is about a child of this supervisor, and `here` answers it, or the supervisor below gets it.
template <class Answer, class Question, class Here>
caf::result<Answer> answer_or_pass_on(pointer self, std::string Question::*where, Question q, bool names_a_child, Here here) {
  auto rest = q.*where;
  if (rest.empty() ? !names_a_child : names_a_child && rest.find('/') == rest.npos) return here(q);
  auto below = self->state.below(next_name(rest));
  if (!below) return below.error();
  q.*where = rest;
  return self->delegate(*below, std::move(q));
}

inner_actor::behavior_type supervise(pointer self, const supervision_tree& tree, const std::string& path, const std::shared_ptr<house>& home) {
  auto* state = &self->state;
  keep_sentences(self);
  state->self = self;
  state->path = path;
  state->home = home;
  self->set_down_handler([state](caf::down_msg& message) { state->down(message); });
  self->set_exit_handler([state](caf::exit_msg& message) {
    if (!state->machine->stopping()) state->asked_to_end = message.reason;
    state->carry_out(state->machine->stop());
  });
  state->begin(tree);
  return {
      [=](which_child& q) {
        return answer_or_pass_on<caf::strong_actor_ptr>(self, &which_child::path, std::move(q), true, [=](const which_child& mine) -> caf::result<caf::strong_actor_ptr> {
          const auto found = state->live.find(mine.path);
          if (found == state->live.end() || !found->second.ref) return state->no_such_child(mine.path);
          return found->second.ref;
        });
      },
      [=](add_child& q) {
        return answer_or_pass_on<void>(self, &add_child::under, std::move(q), false, [=](const add_child& mine) -> caf::result<void> {
          if (const auto taken = state->take(mine); !taken) return to_caf_error(taken.error());
          const std::lock_guard hold(state->home->lock);
          state->home->added[state->path].push_back(mine);
          return caf::unit;
        });
      },
      [=](remove_child& q) {
        return answer_or_pass_on<child_removed>(self, &remove_child::path, std::move(q), true, [=](const remove_child& mine) -> caf::result<child_removed> {
          const auto todo = state->machine->remove(mine.path);
          if (!todo) return to_caf_error(todo.error());
          auto promise = self->template make_response_promise<child_removed>();
          state->removals[mine.path].push_back(promise);
          state->carry_out(*todo);
          return promise;
        });
      },
      [=](retry_child& q) {
        return answer_or_pass_on<void>(self, &retry_child::path, std::move(q), true, [=](const retry_child& mine) -> caf::result<void> {
          const auto todo = state->machine->retry(mine.path);
          if (!todo) return to_caf_error(todo.error());
          state->carry_out(*todo);
          return caf::unit;
        });
      },
      [=](list_children& q) {
        return answer_or_pass_on<children_listed>(self, &list_children::under, std::move(q), false,
                                                  [=](const list_children&) -> caf::result<children_listed> { return children_listed{state->machine->status(state->now())}; });
      },
      [=](const alarm& a) {
        if (!a.child.empty()) return state->look_at(a.child, a.incarnation);
        state->carry_out(state->machine->timer(a.token, state->now()));
      },
  };
}

inner_actor spawn(caf::actor_system& system, const supervision_tree& tree, std::string path, std::shared_ptr<house> home) {
  if (home->settings.threads == supervisor_threads::shared) return system.spawn(supervise, tree, std::move(path), std::move(home));
  return system.spawn<caf::detached>(supervise, tree, std::move(path), std::move(home));
}

void leaves_of(const supervision_tree& tree, const std::string& path, std::set<std::string>& out) {
  for (const auto& node : tree.children) {
    const auto below = path.empty() ? node.child.id : path + "/" + node.child.id;
    if (node.group) leaves_of(node, below, out);
    else out.insert(below);
  }
}

}  // namespace supervision

result<supervisor_actor> spawn_supervisor(caf::actor_system& system, const supervision_tree& tree, supervision_settings settings) {
  if (auto ok = check(tree); !ok) return ok.error();
  if (!tree.group) return error{"bad_supervision_tree", tree.child.id, "its root supervises nobody", "a supervisor", ""};
  std::set<std::string> leaves;
  supervision::leaves_of(tree, "", leaves);
  for (const auto& leaf : leaves)
    if (!settings.starts.contains(leaf)) return error{"no_such_child", leaf, "nothing says how to start it", "a factory for each leaf of the tree", ""};
  for (const auto& [path, start] : settings.starts)
    if (!leaves.contains(path)) return error{"no_such_child", path, "there is a factory for it, but the tree has no such leaf", "", ""};
  auto home = std::make_shared<supervision::house>();
  home->settings = std::move(settings);
  return supervisor_actor{supervision::spawn(system, tree, "", std::move(home))};
}

}  // namespace steward
