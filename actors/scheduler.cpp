#include "actors/scheduler.hpp"

namespace steward {
namespace {

// Somebody else may take a slot between looking and booking; three times in a row is no coincidence.
constexpr std::int64_t refusals_max = 3;

struct busy_answer {
  struct appointment {
    time_point from;
    time_point to;
    BOOST_DESCRIBE_CLASS(appointment, (), (from, to), (), ())
  };
  std::vector<appointment> busy;
};
BOOST_DESCRIBE_STRUCT(busy_answer, (), (busy))

/// Working hours that the role's `settings:` may state.
struct scheduler_settings {
  std::optional<std::string> zone;
  std::optional<std::string> opens;
  std::optional<std::string> closes;
};
BOOST_DESCRIBE_STRUCT(scheduler_settings, (), (zone, opens, closes))

/// A moment, or a time from `now`; nothing means now.
result<time_point> moment_after(const std::optional<std::string>& after, time_point now) {
  if (!after) return now;
  if (const auto moment = parse_time(*after)) return std::max(*moment, now);
  if (const auto ahead = parse_duration(*after)) return now + *ahead;
  return error{"bad_after", "after", "found '" + *after + "'", "a time from now such as 1d, or a moment such as 2026-11-23T09:00:00Z"};
}

intents look_at_calendar(const scheduler::state& self) {
  return {look_up{.action = "calendar.busy", .with = {{"from", to_text(self.after)}, {"to", to_text(time_point{self.after + search_horizon + std::chrono::hours{24}})}}, .tag = "busy"}};
}

}  // namespace

intents scheduler::on(state& self, const step_started<slot_request>& step) const {
  const auto settings = from_json<scheduler_settings>(brief_.settings.is_object() ? brief_.settings : json(boost::json::object{}));
  if (!settings) return {give_up{"The settings of the role '" + brief_.role + "' don't fit: " + to_sentence(settings.error())}};
  const auto after = moment_after(step.input.after, step.at);
  if (!after) return {give_up{to_sentence(after.error())}};

  self.wanted = step.input;
  self.after = *after;
  self.hours.zone = self.wanted.zone.value_or(settings->zone.value_or(brief_.company_zone.empty() ? "UTC" : brief_.company_zone));
  self.hours.opens = self.wanted.opens.value_or(settings->opens.value_or(self.hours.opens));
  self.hours.closes = self.wanted.closes.value_or(settings->closes.value_or(self.hours.closes));
  return look_at_calendar(self);
}

intents scheduler::on(state& self, const looked_up& calendar) const {
  std::vector<time_span> busy;
  for (const auto& taken : calendar.as<busy_answer>().busy) busy.push_back({taken.from, taken.to});

  const auto found = first_free_slot(self.after, self.wanted.lasts, self.hours, std::move(busy));
  if (!found) return {give_up{to_sentence(found.error())}};
  if (!*found) return {give_up{"There is no free slot of " + to_text(self.wanted.lasts) + " in the two weeks after " + to_text(self.after) + "."}};

  const auto& free = **found;
  self.chosen = {free.from, free.to, self.hours.zone, slot_text(free, self.hours.zone), ""};
  boost::json::object booking{{"from", to_text(free.from)}, {"to", to_text(free.to)}, {"zone", self.hours.zone}, {"summary", self.wanted.summary}};
  if (self.wanted.description) booking["description"] = *self.wanted.description;
  return {propose_effect{.action = "calendar.book",
                         .with = std::move(booking),
                         .why = "The first free slot inside working hours is " + self.chosen.text + ".",
                         .evidence = {"calendar:busy as of " + to_text(calendar.at)},
                         .tag = "booking"}};
}

intents scheduler::on(state& self, const effect_settled& booking) const {
  const auto& how = booking.how;
  if (how == "confirmed" || how == "shadowed") {
    if (how == "confirmed") self.chosen.booking = text_at(booking.answer, "id", booking.effect);
    return {finish{self.chosen, {"calendar:" + self.chosen.text}}};
  }
  // The calendar said no: somebody was faster. Look again; anything else is a decision, and decisions are not argued with.
  if (how == "refused" && ++self.refusals < refusals_max) return look_at_calendar(self);
  return {give_up{"The slot " + self.chosen.text + " was not booked (" + how + (booking.reason.empty() ? "" : ": " + booking.reason) + ")."}};
}

}  // namespace steward
