#include "runtime/hosting/coordinator_host.hpp"

#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/desk.hpp"
#include "runtime/planted.hpp"
#include "runtime/sparse_json.hpp"
#include "runtime/supervision/fault_error.hpp"

namespace steward {
namespace {

// So many decisions go to the journal at a time: it writes them while the next ones are made. Fewer would be more messages than
// work; with more, of 256 runs at work, journal and coordinator would wait for each other.
constexpr int decisions_at_most = 32;

using pointer = coordinator_actor::stateful_pointer<coordinator_host_state>;

void send_outside(pointer self, const std::string& path, errand o);

/// An instance stays on one lane: its state is kept there.
std::string lane_path(const std::string& role, const std::string& instance, std::int64_t lanes) {
  return "roles/" + role + "." + std::to_string(std::hash<std::string>{}(instance) % std::uint64_t(lanes) + 1);
}

/// Which part of the outside an errand is for.
std::string outside_path(const errand& o) {
  const auto connector_of = [](const std::string& action) { return "connectors/" + action.substr(0, action.find('.')); };
  if (const auto* look = std::get_if<look_up_action>(&o)) return connector_of(look->call.action);
  if (const auto* act = std::get_if<perform_effect>(&o)) return connector_of(act->prepared.action);
  if (const auto* ask = std::get_if<call_model>(&o)) return "connectors/model." + ask->provider;
  if (const auto* seen = std::get_if<acknowledge_signal>(&o)) return "connectors/" + seen->connector;
  return "memory/store";
}

void send_errand(pointer self, errand o) {
  auto& s = self->state;
  if (s.stopping) return;  // Nothing new begins; the next start takes it up.
  if (auto* given = std::get_if<deliver_event>(&o)) {
    const auto lanes = std::max<std::int64_t>(1, s.parts.lanes_of_role[given->role]);
    const auto path = lane_path(given->role, given->instance, lanes);
    auto& lane = s.lanes[path];
    given->ticket = s.next_delivery++;
    auto shared = std::make_shared<const deliver_event>(std::move(*given));
    lane.in_flight.emplace(shared->ticket, shared);
    if (lane.handle) s.parts.agent_of_role.at(shared->role).send(lane.handle, std::move(shared));
  } else if (auto* over = std::get_if<forget_instance>(&o)) {
    const auto lanes = std::max<std::int64_t>(1, s.parts.lanes_of_role[over->role]);
    const auto& lane = s.lanes[lane_path(over->role, over->instance, lanes)];
    if (lane.handle) caf::anon_send(caf::actor_cast<caf::actor>(lane.handle), std::move(*over));
  } else {
    const auto path = outside_path(o);  // before `o` is moved away
    if (const auto* act = std::get_if<perform_effect>(&o)) s.leaving.insert(act->effect);
    send_outside(self, path, std::move(o));
  }
}

/// What is not up (its supervisor is restarting it) gets its errands when it is.
void send_outside(pointer self, const std::string& path, errand o) {
  auto& s = self->state;
  const auto it = s.outside.find(path);
  if (it == s.outside.end() || !it->second) {
    s.undelivered[path].push_back(std::move(o));
    return;
  }
  const auto target = caf::actor_cast<caf::actor>(it->second);
  if (!std::holds_alternative<acknowledge_signal>(o)) s.given[path].push_back(o);
  // Anonymously, because a typed actor may not answer to types that the coordinator does not list; answers come as messages of their own.
  std::visit(
      [&](auto& x) {
        using errand_type = std::remove_cvref_t<decltype(x)>;
        if constexpr (!std::is_same_v<errand_type, deliver_event>) caf::anon_send(target, std::move(x));
      },
      o);
}

/// An answer has come: this errand is no longer in anybody's hands.
template <class Errand, class Is>
void answered(pointer self, Is is) {
  for (auto& [_, given] : self->state.given) {
    const auto it = std::find_if(given.begin(), given.end(), [&](const errand& o) {
      const auto* one = std::get_if<Errand>(&o);
      return one && is(*one);
    });
    if (it == given.end()) continue;
    given.erase(it);
    return;
  }
}

/// The planted bug: a turn counts for whichever attempt of its step is at work, as if attempts had no names of their own.
void mistake_for_its_successor(const company_state& state, turn_report& report) {
  const auto step = report.instance.substr(0, report.instance.find('~'));
  const auto at_work = state.instances.lower_bound(step);
  if (at_work == state.instances.end() || !at_work->first.starts_with(step) || at_work->second.pending.empty()) return;
  report.instance = at_work->first;
  report.handled = at_work->second.pending.front().seq;
  report.attempt = at_work->second.attempt;
}

/// A part of the outside ended with errands in its hands. Of the first nobody knows how far it came; the others were not begun.
void take_back(pointer self, const std::string& path) {
  auto& s = self->state;
  auto given = std::move(s.given[path]);
  s.given.erase(path);
  if (given.empty() || planted(bug::orders_forgotten)) return;
  const auto first = std::move(given.front());
  given.pop_front();
  auto& again = s.undelivered[path];
  again.insert(again.begin(), std::make_move_iterator(given.begin()), std::make_move_iterator(given.end()));
  const auto now = s.parts.now->now();
  const std::string sentence = path.substr(path.find('/') + 1) + " did not come back with an answer";
  outcome unknown;
  unknown.sentence = sentence;
  if (const auto* act = std::get_if<perform_effect>(&first)) {
    s.leaving.erase(act->effect);
    s.decides->on_effect(act->effect, act->attempt, unknown, act->only_look_up, now);
  } else if (const auto* look = std::get_if<look_up_action>(&first)) {
    s.decides->on_looked_up(*look, unknown, now);
  } else if (const auto* ask = std::get_if<call_model>(&first)) {
    s.decides->on_model_lost(ask->call, ask->attempt, sentence, now);
  } else {
    again.push_front(first);  // memory: it is asked again
  }
}

void set_timer(pointer self) {
  auto& s = self->state;
  if (s.parts.look_at_clock_every.count() > 0) return;  // the clock is a test's: it is asked at fixed intervals
  const auto due = s.decides->next_due();
  if (!due || (s.timer_at && *s.timer_at <= *due)) return;
  s.timer_at = due;
  // Never longer than an hour: a machine that slept, or whose clock was set, is noticed then at the latest.
  const auto wait = std::clamp<duration>(*due - s.parts.now->now(), duration{0}, std::chrono::hours{1});
  self->delayed_send(self, std::chrono::milliseconds{wait.count() / 1000 + 1}, timer_tick{++s.timer_generation});
}

/// The state as of what was just decided, where enough has happened since the last time.
std::shared_ptr<const store_snapshot> snapshot_when_due(pointer self) {
  auto& s = self->state;
  if (s.events_since_snapshot < s.parts.snapshots.after_events || s.stopping) return nullptr;
  const auto began = s.parts.now->now();
  if (began < s.next_snapshot) return nullptr;
  const auto& state = s.decides->state();
  auto made = std::make_shared<const store_snapshot>(store_snapshot{state.head, std::make_shared<const std::string>(snapshot_bytes(state))});
  const auto ended = s.parts.now->now();
  s.next_snapshot = ended + s.parts.snapshots.pays_after * (ended - began);
  s.events_since_snapshot = 0;
  return made;
}

json ended_as(const std::string& run, const std::string& status, const std::string& outcome) {
  return boost::json::object{{"ok", boost::json::object{{"run", run}, {"status", status}, {"outcome", outcome}}}};
}

/// How a run that has ended ended, as `wait` answers it.
json ended_run(const company_state& state, const std::string& run) {
  for (auto it = state.closed.rbegin(); it != state.closed.rend(); ++it)
    if (it->run == run) return ended_as(run, it->status, it->outcome);
  return error_reply({"not_open", run, "there is no run '" + run + "' among those that are open or ended lately", "a run", "'steward runs' lists them"});
}

/// Whoever waits for a run that ends with these events hears of it once they are on disk.
void tell_of_ended_runs(pointer self, const std::vector<draft>& events, std::vector<std::function<void()>>& after) {
  auto& s = self->state;
  if (s.awaited.empty()) return;
  for (const auto& e : events) {
    if (e.header.kind != event::run_finished::kind) continue;
    auto waiting = s.awaited.extract(e.header.correlation);
    if (waiting.empty()) continue;
    const auto said = from_sparse_text<event::run_finished>(e.body).value();  // the state keeps only the last thousand
    const auto answer = std::make_shared<const json>(ended_as(said.run, said.status, said.outcome));
    for (auto& reply : waiting.mapped()) after.push_back([reply = std::move(reply), answer] { reply(*answer); });
  }
}

/// Sends what was decided to the journal; errands and answers wait for "on disk".
void commit(pointer self) {
  auto& s = self->state;
  s.decisions = 0;
  auto out = s.decides->take();
  coordinator_host_state::pending waits{std::move(out.errands), std::exchange(s.after, {})};
  tell_of_ended_runs(self, out.events, waits.after);
  if (planted(bug::errand_before_disk))
    for (auto& o : std::exchange(waits.errands, {})) send_errand(self, std::move(o));
  if (!out.events.empty()) {
    s.events_since_snapshot += std::int64_t(out.events.size());
    if (auto made = snapshot_when_due(self)) waits.after.push_back([self, made] {
      if (const auto store = self->state.outside.find("memory/store"); store != self->state.outside.end() && store->second)
        caf::anon_send(caf::actor_cast<caf::actor>(store->second), *made);
    });
    const auto ticket = s.next_ticket++;
    s.on_the_way.emplace(ticket, std::move(waits));
    self->send(s.parts.journal, append_request{ticket, batch{std::move(out.events)}});
  } else if (!s.on_the_way.empty()) {  // What they stand on may still be on its way.
    auto& last = std::prev(s.on_the_way.end())->second;
    std::move(waits.errands.begin(), waits.errands.end(), std::back_inserter(last.errands));
    std::move(waits.after.begin(), waits.after.end(), std::back_inserter(last.after));
  } else {
    for (auto& o : waits.errands) send_errand(self, std::move(o));
    for (auto& f : waits.after) f();
  }
  set_timer(self);
}

/// Something was decided. What else is in the mailbox already is decided first: all of it shares one message to the journal.
void decided(pointer self, std::function<void()> after = {}) {
  auto& s = self->state;
  if (after) s.after.push_back(std::move(after));
  if (++s.decisions >= decisions_at_most) return commit(self);
  if (!std::exchange(s.flush_sent, true)) self->send(self, flush_now{});
}

void lane_is_up(pointer self, lane_started& up) {
  auto& s = self->state;
  if (!up.path.starts_with("roles/")) {
    take_back(self, up.path);  // its elder may have gone with its whole group, without a word of its own
    s.outside[up.path] = up.lane;
    auto waiting = std::move(s.undelivered[up.path]);
    s.undelivered.erase(up.path);
    for (auto& o : waiting) send_outside(self, up.path, std::move(o));
    decided(self);
    return;
  }
  auto& lane = s.lanes[up.path];
  lane.handle = up.lane;
  for (const auto& [_, given] : lane.in_flight) s.parts.agent_of_role.at(given->role).send(lane.handle, given);
}

void lane_is_down(pointer self, lane_ended& down) {
  auto& s = self->state;
  const auto now = s.parts.now->now();
  if (down.path.starts_with("roles/")) {
    auto& lane = s.lanes[down.path];
    lane.handle = nullptr;
    // Of a lane that hangs the oldest delivery is the one it hangs in; a crash has told its own before it ended.
    if (down.why.code == "handler_hung" && !lane.in_flight.empty()) {
      const auto culprit = lane.in_flight.extract(lane.in_flight.begin()).mapped();
      turn_report report;
      report.instance = culprit->instance;
      report.handled = culprit->what.seq;
      report.attempt = culprit->attempt;
      report.trouble = down.why;
      s.decides->on_turn(report, now);
    }
  } else {
    s.outside[down.path] = nullptr;
    take_back(self, down.path);
  }
  s.decides->on_child_ended(down.path, down.why, down.gave_up, now);
  decided(self);
}

/// A command of the operator. Who wants to know how a run ends is answered then, everybody else once what was decided is on disk.
/// What agents and the outside have in their hands.
json in_flight(const coordinator_host_state& s) {
  boost::json::array effects, models, agents;
  for (const auto& [_, lane] : s.lanes)
    for (const auto& [ticket, given] : lane.in_flight) agents.push_back(boost::json::object{{"agent", given->instance}, {"role", given->role}});
  for (const auto& [path, given] : s.given)
    for (const auto& o : given) {
      if (const auto* act = std::get_if<perform_effect>(&o)) effects.push_back(boost::json::object{{"effect", act->effect}, {"action", act->prepared.action}, {"preview", act->prepared.preview}});
      if (const auto* ask = std::get_if<call_model>(&o)) models.push_back(boost::json::object{{"call", ask->call}, {"model", ask->provider}});
    }
  return boost::json::object{{"effects", std::move(effects)}, {"models", std::move(models)}, {"agents", std::move(agents)}};
}

void carry_out(pointer self, const desk_request& request) {
  auto& s = self->state;
  const auto verb = text_at(request.command, "do");
  const auto reply = request.reply;
  std::string run;  // to wait for
  auto answer = std::make_shared<json>();
  if (verb == "wait") {
    run = text_at(request.command, "run");
    if (!s.decides->state().runs.contains(run) && s.decides->state().parked_owner(run) == 0) *answer = ended_run(s.decides->state(), std::exchange(run, {}));
  } else if (verb == "view" && text_at(request.command, "view") == "in_flight") {
    *answer = boost::json::object{{"ok", in_flight(s)}};
  } else {
    *answer = execute(*s.decides, request.command, s.parts.now->now());
    const auto* wait = at_path(request.command, "wait");
    if (wait && wait->is_bool() && wait->get_bool()) run = text_at(*answer, "ok.run");
  }
  if (!run.empty()) {
    s.awaited[run].push_back(reply);
    return decided(self);
  }
  decided(self, [reply, answer] { reply(std::move(*answer)); });
  if (verb == "resume" && text_at(request.command, "scope") == "role" && s.parts.restart_role) s.parts.restart_role(text_at(request.command, "name"));
}

void begin(pointer self) {
  auto& s = self->state;
  auto decides = s.parts.make();
  decides->start(s.parts.now->now()).value();
  s.decides = std::move(decides);
  s.after.push_back(s.parts.on_ready);
  commit(self);
  if (s.parts.look_at_clock_every.count() > 0) self->delayed_send(self, std::chrono::duration_cast<std::chrono::milliseconds>(s.parts.look_at_clock_every), timer_tick{});
  for (auto& again : std::exchange(s.early, {})) again();
}

/// What arrives before there is somebody to decide waits. (CAF's `await` would do that too, but it holds back the watchdog's
/// question as well, and lets go of it only with the next urgent message: the coordinator would count as hung.)
template <class Message, class Handle>
auto once_ready(pointer self, Handle handle) {
  return [self, handle](Message& m) {
    if (self->state.decides) return handle(m);
    self->state.early.push_back([self, m] { self->send(self, m); });
  };
}

}  // namespace

coordinator_actor::behavior_type coordinator_behavior(pointer self, coordinator_host_parts parts) {
  keep_sentences(self);
  auto& s = self->state;
  s.parts = std::move(parts);
  // What an earlier coordinator sent to the journal is on disk before this one reads it; whatever else arrives waits so long.
  self->request(s.parts.journal, std::chrono::seconds{60}, append_request{})
      .then([self](append_reply&) { begin(self); }, [self](caf::error&) { self->state.parts.lose_process("the journal does not answer"); });
  const auto now = [self] { return self->state.parts.now->now(); };
  return {
      [self](append_reply& done) {
        const auto it = self->state.on_the_way.find(done.ticket);
        if (it == self->state.on_the_way.end()) return;
        auto waits = std::move(it->second);
        self->state.on_the_way.erase(it);
        for (auto& o : waits.errands) send_errand(self, std::move(o));
        for (auto& f : waits.after) f();
      },
      once_ready<turn_report>(self, [self, now](turn_report& report) {
        if (report.instance.empty()) return;
        for (auto& [_, lane] : self->state.lanes)
          if (lane.in_flight.erase(report.ticket) > 0) break;
        if (planted(bug::late_turn_taken)) mistake_for_its_successor(self->state.decides->state(), report);
        self->state.decides->on_turn(report, now());
        decided(self);
      }),
      once_ready<recall_reply>(self, [self, now](recall_reply& reply) {
        answered<recall_memory>(self, [&](const recall_memory& o) { return o.instance == reply.instance && o.what.tag == reply.tag; });
        self->state.decides->on_recalled(reply.instance, reply.tag, std::move(reply.items), now());
        decided(self);
      }),
      once_ready<digest_page>(self, [self, now](digest_page& made) {
        answered<make_digest>(self, [](const make_digest&) { return true; });
        self->state.decides->on_digest(made, now());
        decided(self);
      }),
      once_ready<look_up_reply>(self, [self, now](look_up_reply& reply) {
        answered<look_up_action>(self, [&](const look_up_action& o) { return o.instance == reply.asked.instance && o.tag == reply.asked.tag; });
        self->state.decides->on_looked_up(reply.asked, reply.came_out, now());
        decided(self);
      }),
      once_ready<effect_reply>(self, [self, now](effect_reply& reply) {
        self->state.leaving.erase(reply.effect);
        answered<perform_effect>(self, [&](const perform_effect& o) { return o.effect == reply.effect && o.attempt == reply.attempt && o.only_look_up == reply.looked_up; });
        self->state.decides->on_effect(reply.effect, reply.attempt, reply.came_out, reply.looked_up, now());
        decided(self);
      }),
      once_ready<model_outcome>(self, [self, now](model_outcome& reply) {
        answered<call_model>(self, [&](const call_model& o) { return o.call == reply.call && o.attempt == reply.attempt; });
        self->state.decides->on_model(reply.call, reply.attempt, *reply.reply, now());
        decided(self);
      }),
      once_ready<signals_seen>(self, [self, now](signals_seen& seen) {
        self->state.decides->on_polled(seen.connector, seen.trouble, now());
        for (const auto& signal : seen.signals) self->state.decides->on_signal(seen.connector, signal, now());
        decided(self);
      }),
      once_ready<lane_started>(self, [self](lane_started& up) { lane_is_up(self, up); }),
      once_ready<lane_ended>(self, [self](lane_ended& down) { lane_is_down(self, down); }),
      once_ready<desk_request>(self, [self](desk_request& request) { carry_out(self, request); }),
      once_ready<timer_tick>(self, [self, now](timer_tick& tick) {
        auto& s = self->state;
        if (s.parts.look_at_clock_every.count() > 0)
          self->delayed_send(self, std::chrono::duration_cast<std::chrono::milliseconds>(s.parts.look_at_clock_every), timer_tick{});
        else if (tick.generation != s.timer_generation) return;
        s.timer_at.reset();
        s.decides->tick(now());
        decided(self);
      }),
      once_ready<stop_now>(self, [self, now](stop_now& stop) {
        auto& s = self->state;
        s.stopping = true;
        const bool idle = s.leaving.empty() && std::all_of(s.lanes.begin(), s.lanes.end(), [](const auto& l) { return l.second.in_flight.empty(); });
        if (!idle && stop.looks_left > 0) {
          self->delayed_send(self, std::chrono::milliseconds{10}, stop_now{stop.looks_left - 1});
          return;
        }
        if (idle) s.decides->stop_cleanly(now());  // Otherwise the journal says nothing, and recovery counts what was cut off.
        decided(self, [self] {
          auto& s = self->state;
          if (s.events_since_snapshot >= s.parts.snapshots.at_stop_after) s.parts.keep(s.decides->state());
          s.parts.on_stopped();
        });
      }),
      [self](flush_now) {
        self->state.flush_sent = false;
        if (self->state.decisions > 0) commit(self);
      }};
}

}  // namespace steward
