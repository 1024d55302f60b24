/// iCalendar (RFC 5545) as text: one event in, one event out, and nothing else in the file touched.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mailbox_address.hpp"
#include "runtime/clock.hpp"

namespace steward {

struct calendar_event {
  std::string id;  // its UID
  time_point stamp, from, to;
  std::string zone;  // IANA name: how the times are shown to people; the file holds UTC, which every program reads alike
  std::string summary, description;
  std::vector<mail_address> attendees;
};

/// "BEGIN:VEVENT" to "END:VEVENT" with CR LF, folded at 75 bytes between characters.
std::string write_event(const calendar_event& event);
/// The reverse of write_event, for what is shown to people.
std::optional<calendar_event> read_event(std::string_view text);

/// Whether a file holds an event with this UID.
bool holds_event(std::string_view file, std::string_view id);
/// The file with the event's text before its last END:VCALENDAR; an empty file becomes a calendar. All else stays as it is,
/// byte for byte. Error: bad_calendar.
result<std::string> with_event(std::string_view file, std::string_view event);
/// The file without any event of this UID (a series is several).
std::string without_event(std::string_view file, std::string_view id);

}  // namespace steward
