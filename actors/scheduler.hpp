/// Finds the first free slot inside working hours, in the company's zone, and books it.
#pragma once
#include "actors/office_hours.hpp"
#include "runtime/agent.hpp"

namespace steward {

struct slot_request {
  duration lasts;
  std::string summary;                     // what the calendar shows
  std::optional<std::string> description;
  std::optional<std::string> after;        // a moment in RFC 3339, or a time from now such as "1d"; default: now
  std::optional<std::string> zone;         // default: the role's setting, then the company's zone
  std::optional<std::string> opens;        // working hours; default: the role's settings, then 09:00
  std::optional<std::string> closes;       // … and 17:00
};
BOOST_DESCRIBE_STRUCT(slot_request, (), (lasts, summary, description, after, zone, opens, closes))

struct slot {
  time_point from;
  time_point to;
  std::string zone;
  std::string text;     // "Mon 23 Nov 2026, 10:00-10:30 (Europe/Berlin)"
  std::string booking;  // the calendar's id of it; empty when the booking was only rehearsed
};
BOOST_DESCRIBE_STRUCT(slot, (), (from, to, zone, text, booking))

class scheduler {
public:
  static constexpr auto name = "scheduler";
  static constexpr int version = 1;
  using takes = slot_request;
  using gives = slot;
  using handles = events<step_started<slot_request>, looked_up, effect_settled>;

  struct state {
    slot_request wanted;
    time_point after;
    office_hours hours;
    slot chosen;
    std::int64_t refusals = 0;
    BOOST_DESCRIBE_CLASS(state, (), (wanted, after, hours, chosen, refusals), (), ())
  };

  explicit scheduler(const role_brief& brief = {}) : brief_(brief) {}

  intents on(state& self, const step_started<slot_request>& step) const;  // looks at the calendar
  intents on(state& self, const looked_up& calendar) const;               // proposes the first free slot
  intents on(state& self, const effect_settled& booking) const;           // done, or looks again when somebody was faster

private:
  role_brief brief_;
};

}  // namespace steward
