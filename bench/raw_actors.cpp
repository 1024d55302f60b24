#include "bench/raw_actors.hpp"

#include <future>

#include <caf/all.hpp>

#include "bench/echo.hpp"
#include "bench/resources.hpp"
#include "runtime/hosting/actor_settings.hpp"

namespace steward::bench {
namespace {

const auto answers_within = caf::infinite;  // a time-out would cost more than the request

using raw_actor = caf::typed_actor<caf::replies_to<std::int64_t>::with<std::int64_t>>;
/// Functions that are spawned take an argument each: CAF dereferences a null pointer where there is none.
raw_actor::behavior_type raw_behavior(std::int64_t plus) {
  return {[plus](std::int64_t number) { return number + plus; }};
}

struct pinger_state {
  pinger_state() = default;  // Not an aggregate: g++ would mis-initialise it in C++20.
  std::int64_t done = 0;
  double start = 0;
  std::function<void()> next;
};

/// Sends the next request when the answer to the last is there, for so many seconds; then tells requests a second.
template <class Answer, class Ask>
caf::behavior pinger(caf::stateful_actor<pinger_state>* self, double seconds, std::promise<double>* told, Ask ask) {
  auto& s = self->state;
  s.start = seconds_now();
  s.next = [self, seconds, told, ask] {
    ask(self, self->state.done).then(
        [self, seconds, told](const Answer&) {
          auto& s = self->state;
          ++s.done;
          const double took = seconds_now() - s.start;
          if (took < seconds) return s.next();
          told->set_value(double(s.done) / took);
          self->quit();
        },
        [told, self](caf::error& e) {
          told->set_exception(std::make_exception_ptr(std::runtime_error(self->system().render(e))));
          self->quit();
        });
  };
  self->send(self, caf::ok_atom::value);
  return {[self](caf::ok_atom) { self->state.next(); }};
}

/// Hears what the lane tells a coordinator; here nobody listens.
coordinator_actor::behavior_type deaf_coordinator(const role_brief&) {
  return {[](append_reply&) {}, [](turn_report&) {}, [](recall_reply&) {}, [](look_up_reply&) {}, [](effect_reply&) {}, [](model_outcome&) {},
          [](signals_seen&) {}, [](lane_started&) {}, [](lane_ended&) {}, [](desk_request&) {}, [](timer_tick&) {}, [](stop_now&) {}, [](flush_now) {}, [](digest_page&) {}};
}

template <class Answer, class Ask>
double requests_a_second(caf::actor_system& system, double seconds, Ask ask) {
  std::promise<double> told;
  system.spawn(pinger<Answer, Ask>, seconds, &told, std::move(ask));
  return told.get_future().get();
}

}  // namespace

double raw_requests_a_second(double seconds) {
  actor_settings settings;
  caf::actor_system system{settings};
  auto answers = system.spawn(raw_behavior, std::int64_t{1});
  const auto rate = requests_a_second<std::int64_t>(system, seconds, [answers](auto* self, std::int64_t n) { return self->request(answers, answers_within, n); });
  caf::anon_send_exit(answers, caf::exit_reason::user_shutdown);
  return rate;
}

double hosted_requests_a_second(double seconds) {
  actor_settings settings;
  caf::actor_system system{settings};
  const auto entry = host<echo>();
  const role_brief brief{"echo", "", "", boost::json::object{}, "UTC"};
  auto coordinator = system.spawn(deaf_coordinator, brief);
  double rate = 0;
  {
    caf::scoped_actor parent{system, true};
    const auto lane = entry.spawn(*parent.ptr(), brief, coordinator);
    // What the coordinator would give: the event as the fold keeps it. Every request is a step of its own.
    const auto body = std::make_shared<const std::string>(R"({"at":"2026-11-23T08:00:00Z","input":{"number":7,"text":"hello"},"run":"run-7","step":"s1","visit":1})");
    const auto turns = std::make_shared<const std::vector<past_turn>>();
    const auto ask = [lane = caf::actor_cast<agent_actor<echo>>(lane), body, turns](auto* self, std::int64_t n) {
      auto given = std::make_shared<deliver_event>();
      given->instance = "run-7/s1." + std::to_string(n & 63);
      given->role = "echo";
      given->what = {n, "step_started", body};
      given->turns = turns;
      return self->request(lane, answers_within, delivery<step_started<note>>{std::move(given)});
    };
    rate = requests_a_second<turn_report>(system, seconds, ask);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(lane), caf::exit_reason::user_shutdown);
  }
  caf::anon_send_exit(coordinator, caf::exit_reason::user_shutdown);
  return rate;
}

}  // namespace steward::bench
