#include "runtime/observation/typed_events.hpp"

namespace steward {

result<void> each_event(reader& source, const event_query& query, const std::function<bool(const event::header&, event::any&&)>& visit) {
  std::optional<error> failed;
  const auto read = source.each(query, [&](const record& stored) {
    auto e = event::read(stored.header.kind, stored.body);
    if (!e) {
      failed = e.error();
      failed->where = "journal event " + std::to_string(stored.seq);
      return false;
    }
    const auto& h = stored.header;
    return visit({stored.seq, h.stream, h.actor, h.cause, h.correlation, h.time, h.labels, h.key}, std::move(*e));
  });
  if (failed) return *failed;
  if (!read) return read.error();
  return {};
}

}  // namespace steward
