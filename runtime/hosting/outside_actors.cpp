#include "runtime/hosting/outside_actors.hpp"

#include "runtime/coordination/question.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/observation/period_report.hpp"

namespace steward {
namespace {

constexpr int polls_back_off_most = 5;  // 32 times the usual pause: an outage is noticed to be over within a minute or so

}  // namespace

connector_actor::behavior_type connector_behavior(connector_actor::stateful_pointer<connector_actor_state> self, connector_parts parts, coordinator_actor reports_to) {
  if (parts.poll_every.count() > 0) self->delayed_send(self, std::chrono::milliseconds{1}, poll_tick{});
  // An exception must not take the answer with it: whether something left is then unknown, and said so.
  const auto call = [parts](const request& what, bool only_look_up) {
    outside out{*parts.files};
    answer came_back;
    try {
      came_back = only_look_up ? parts.works->look_up(what, out) : parts.works->perform(what, out);
    } catch (const std::exception& e) {
      came_back.trouble = {"connector_threw", what.action, e.what(), "", "This is a bug of the connector"};
    }
    came_back.looked_up = only_look_up;
    return parts.book->read(what, came_back);
  };
  return {[self, call, reports_to](perform_effect& order) {
            auto came_out = call(order.prepared, order.only_look_up);
            self->send(reports_to, effect_reply{order.effect, order.attempt, std::move(came_out), order.only_look_up});
          },
          [self, call, reports_to](look_up_action& order) {
            auto came_out = call(order.prepared, false);
            self->send(reports_to, look_up_reply{std::move(order), std::move(came_out)});
          },
          [parts](acknowledge_signal& order) {
            outside out{*parts.files};
            (void)parts.works->acknowledge(out, order.receipt);  // If it fails the signal comes again and is known by its key.
          },
          [self, parts, reports_to](poll_tick) {
            outside out{*parts.files};
            signals_seen seen;
            seen.connector = parts.works->manifest().name;
            try {
              auto found = parts.works->poll(out, 50);
              if (found) seen.signals = std::move(*found);
              else seen.trouble = found.error();
            } catch (const std::exception& e) {
              seen.trouble = {"connector_threw", seen.connector, e.what(), "", "This is a bug of the connector"};
            }
            // Each failed look waits twice as long for the next; five of them, of a second and more, are within the breaker's two minutes.
            auto& failed = self->state.polls_failed;
            const bool answers_again = !seen.trouble && failed != 0;  // or for the first time: an earlier engine may have left the breaker open
            failed = seen.trouble ? std::min(failed.value_or(0) + 1, polls_back_off_most) : 0;
            const auto next = std::chrono::duration_cast<std::chrono::milliseconds>(parts.poll_every * (1 << *failed));
            if (seen.trouble || answers_again || !seen.signals.empty()) self->send(reports_to, std::move(seen));
            self->delayed_send(self, next, poll_tick{});
          }};
}

model_actor::behavior_type model_behavior(model_actor::stateful_pointer<model_actor_state> self, std::shared_ptr<model_provider> provider, coordinator_actor reports_to) {
  return {[self, provider, reports_to](call_model& order) {
    auto reply = std::make_shared<result<model_reply>>(ask_for_fitting(*provider, order.question));
    self->send(reports_to, model_outcome{order.call, order.attempt, std::move(reply)});
  }};
}

memory_actor::behavior_type memory_behavior(memory_actor::stateful_pointer<memory_actor_state> self, memory_parts parts, coordinator_actor reports_to) {
  auto& s = self->state;
  reader_options options;
  options.folder = parts.folder;
  s.source = std::move(reader::open(options, *parts.kinds).value());
  s.projections = std::move(derived::open(parts.folder, all_projections()).value());
  s.projections->catch_up(*s.source).value();
  s.search = std::move(memory_search::open(parts.folder).value());
  return {[self, parts, reports_to](recall_memory& order) {
            auto& s = self->state;
            // The index is written behind the journal: what was remembered a moment ago must be found.
            while (s.projections->catch_up(*s.source).value() > 0) {}
            auto items = s.search->find(order.what, parts.now->now(), *s.source, order.about).value();
            self->send(reports_to, recall_reply{order.instance, order.what.tag, std::move(items)});
          },
          [self, parts, reports_to](make_digest& order) {
            company_state known;  // What waits, and what does not answer, came with the order.
            auto& s = self->state;
            auto report = report_of(*s.source, known, order.from, order.until);
            auto text = report ? digest_text(*report, order.waits, order.trouble, parts.zone) : "The journal could not be read: " + to_sentence(report.error()) + "\n";
            self->send(reports_to, digest_page{order.from, order.until, std::move(text)});
          },
          [self, parts](store_snapshot& order) {
            // A disk that is full stops the journal, which says so; a snapshot less only makes the next start longer.
            (void)write_snapshot(parts.folder, *parts.files, *self->state.source, order.seq, *order.bytes);
          }};
}

}  // namespace steward
