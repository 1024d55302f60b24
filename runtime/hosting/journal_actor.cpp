#include "runtime/hosting/journal_actor.hpp"

namespace steward {
namespace {

constexpr auto idle_every = std::chrono::seconds{1};  // the head is synced at most once a second

void flush(journal_actor::stateful_pointer<journal_actor_state> self, journal& written, const std::function<void(const error&)>& on_failure) {
  auto& s = self->state;
  s.flush_sent = false;
  if (s.requests.empty()) return;
  std::vector<batch> batches;
  batches.reserve(s.requests.size());
  for (auto& request : s.requests) batches.push_back(std::move(request.events));
  auto receipts = written.append(batches);
  if (!receipts) return on_failure(receipts.error());
  for (std::size_t i = 0; i < receipts->size(); ++i) {
    const auto& receipt = (*receipts)[i];
    if (!receipt) return on_failure(receipt.error());
    s.promises[i].deliver(append_reply{s.requests[i].ticket, receipt->first_seq});
  }
  s.requests.clear();
  s.promises.clear();
}

/// A second after an append, and again until a whole second has brought none: an idle company wakes nobody.
void tick_later(journal_actor::stateful_pointer<journal_actor_state> self) {
  if (std::exchange(self->state.tick_sent, true)) return;
  self->delayed_send(self, idle_every, timer_tick{});
}

}  // namespace

journal_actor::behavior_type journal_behavior(journal_actor::stateful_pointer<journal_actor_state> self, journal* written, std::function<void(const error&)> on_failure) {
  tick_later(self);
  return {[self](append_request& request) -> caf::result<append_reply> {
            auto& s = self->state;
            s.requests.push_back(std::move(request));
            s.promises.push_back(self->make_response_promise<append_reply>());
            auto promise = s.promises.back();
            if (!s.flush_sent) {  // Everything that is in the mailbox before this message goes into the same commit.
              s.flush_sent = true;
              self->send(self, flush_now{});
            }
            return promise;
          },
          [self, written, on_failure](flush_now) {
            self->state.wrote_since_tick = true;
            flush(self, *written, on_failure);
            tick_later(self);
          },
          [self, written, on_failure](timer_tick) {
            self->state.tick_sent = false;
            if (auto idle = written->idle(); !idle) return on_failure(idle.error());
            if (std::exchange(self->state.wrote_since_tick, false)) tick_later(self);
          }};
}

}  // namespace steward
