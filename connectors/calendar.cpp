#include "connectors/calendar.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/calendar_busy.hpp"
#include "connectors/calendar_text.hpp"
#include "connectors/calendar_zone.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr auto window_max = std::chrono::days{400};
constexpr auto event_max = std::chrono::days{31};
constexpr std::uint64_t file_max = 20'000'000;  // bytes
constexpr std::size_t summary_max = 300, description_max = 20'000, attendees_max = 100;

json schema_text(std::string_view text) { return parse_json(text).value(); }

connector_manifest calendar_manifest() {
  connector_manifest m;
  m.name = "calendar";
  m.summary = "Appointments in an iCalendar file";
  m.version = "1";
  m.settings = schema_text(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "file": {"type": "string", "minLength": 1, "description": "the .ics file; default calendar.ics"},
      "zone": {"type": "string", "minLength": 1, "description": "IANA time zone of times that name none; default UTC"}
    }})");
  action_manifest busy;
  busy.name = "calendar.busy";
  busy.summary = "Says when the owner of the calendar is busy, not with what";  // hence no labels: titles are others' words, and private
  busy.repeats = effect_class::read_only;
  busy.risk = risk_kind::none;
  busy.arguments = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["from", "to"],
    "properties": {
      "from": {"type": "string", "maxLength": 60, "description": "RFC 3339"},
      "to": {"type": "string", "maxLength": 60, "description": "RFC 3339, at most 400 days later"},
      "zone": {"type": "string", "maxLength": 60, "description": "zone of times without offset; default: the calendar's"}
    }})");
  busy.answer = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["busy"],
    "properties": {"busy": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["from", "to"],
      "properties": {"from": {"type": "string"}, "to": {"type": "string"}}}}}})");
  action_manifest book;
  book.name = "calendar.book";
  book.summary = "Writes an appointment into the calendar, unless the time is taken";
  book.repeats = effect_class::keyed;  // the effect key is the event's UID, for ever
  book.risk = risk_kind::inside;
  book.undo = "calendar.cancel";
  book.arguments = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["from", "to", "summary"],
    "properties": {
      "from": {"type": "string", "maxLength": 60, "description": "RFC 3339, or a local time in zone such as 2026-11-24T10:00"},
      "to": {"type": "string", "maxLength": 60},
      "zone": {"type": "string", "maxLength": 60, "description": "IANA time zone; default: the calendar's"},
      "summary": {"type": "string", "minLength": 1, "maxLength": 300},
      "description": {"type": "string", "maxLength": 20000},
      "attendees": {"type": "array", "maxItems": 100, "description": "noted in the event; nobody is written to",
        "items": {"oneOf": [
          {"type": "string", "minLength": 3, "maxLength": 500},
          {"type": "object", "additionalProperties": false, "required": ["address"],
           "properties": {"name": {"type": "string", "maxLength": 200}, "address": {"type": "string", "minLength": 3, "maxLength": 254}}}]}}
    }})");
  book.answer = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["id", "from", "to"],
    "properties": {"id": {"type": "string", "description": "for calendar.cancel"}, "from": {"type": "string"}, "to": {"type": "string"}}})");
  action_manifest cancel;
  cancel.name = "calendar.cancel";
  cancel.summary = "Takes an appointment out of the calendar";
  cancel.repeats = effect_class::keyed;  // what is gone stays gone
  cancel.risk = risk_kind::inside;
  cancel.undo = "none";
  cancel.arguments = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["id"],
    "properties": {"id": {"type": "string", "minLength": 1, "maxLength": 255, "description": "UID of the event, as calendar.book answered it"}}})");
  cancel.answer = schema_text(R"({
    "type": "object", "additionalProperties": false, "required": ["id", "removed"],
    "properties": {"id": {"type": "string"}, "removed": {"type": "boolean", "description": "false when there was no such event any more"}}})");
  m.actions = {std::move(busy), std::move(book), std::move(cancel)};
  return m;
}

class calendar final : public connector {
public:
  calendar(std::string file, std::string zone) : file_(std::move(file)), zone_(std::move(zone)) {}

  const connector_manifest& manifest() const override {
    static const connector_manifest m = calendar_manifest();
    return m;
  }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    request out{.action = call.action, .key = mark.key};
    const auto bytes = call.action == "calendar.busy"     ? busy_bytes(call.arguments)
                       : call.action == "calendar.book"   ? book_bytes(call.arguments, mark)
                       : call.action == "calendar.cancel" ? cancel_bytes(call.arguments)
                                                          : error{"unknown_action", call.action, "calendar has no such action", "calendar.busy, calendar.book or calendar.cancel", ""};
    if (!bytes) return bytes.error();
    out.bytes = *bytes;
    out.recipients = {"calendar:" + name()};
    // Nobody is written to, but calendars that are shared do tell those who stand in them.
    if (const auto event = call.action == "calendar.book" ? read_event(*bytes) : std::nullopt)
      for (const auto& attendee : event->attendees) out.recipients.push_back("mailbox:" + lower_case(attendee.address));
    out.preview = preview(out);
    return out;
  }

  answer perform(const request& what, outside& out) override {
    const auto size = out.files.size(file_);
    if (!size && size.error().code != "no_such_file") return {.nothing_sent = true, .trouble = size.error()};
    if (size && *size > file_max)
      return {.nothing_sent = true, .trouble = {"bad_calendar", file_, fmt::format("the file has {} bytes", *size), fmt::format("at most {}", file_max), "Move old events to another file"}};
    auto file = size ? out.files.read(file_) : result<std::string>(std::string{});
    if (!file && file.error().code == "no_such_file") file = std::string{};
    if (!file) return {.nothing_sent = true, .trouble = file.error()};
    if (what.action == "calendar.busy") return {.complete = true, .bytes = cleaned_text(*file)};
    return what.action == "calendar.book" ? perform_book(what, *file, out) : perform_cancel(what, *file, out);
  }

  outcome read(const request& what, const answer& came_back) const override {
    if (!came_back.complete) {
      const auto why = came_back.trouble.code.empty() ? std::string("the answer was lost") : to_sentence(came_back.trouble);
      if (came_back.nothing_sent || what.action == "calendar.busy") return {.kind = outcome_kind::failed, .sentence = "the calendar was not changed: " + why};
      return {.kind = outcome_kind::in_doubt, .sentence = "nobody knows whether the calendar was changed: " + why};
    }
    if (what.action == "calendar.busy") return read_busy(what, came_back);
    const auto said = parse_json(came_back.bytes);
    const auto* done = said ? at_path(*said, "done") : nullptr;
    if (!done || !done->is_bool()) return {.kind = outcome_kind::in_doubt, .sentence = "the calendar gave an answer that can't be read"};
    if (what.action == "calendar.cancel") {
      const auto id = cancelled_id(what);
      return {.kind = outcome_kind::confirmed, .answer = {{"id", id}, {"removed", done->get_bool()}}, .sentence = done->get_bool() ? "taken out of " + name() : name() + " held no such event any more"};
    }
    const auto event = read_event(what.bytes);
    if (!event) return {.kind = outcome_kind::in_doubt, .sentence = "the request can't be read"};
    if (!done->get_bool()) return {.kind = outcome_kind::refused, .sentence = "the time is taken: " + span_in_words(event->from, event->to, event->zone)};
    return {.kind = outcome_kind::confirmed,
            .answer = {{"id", event->id}, {"from", to_text(event->from)}, {"to", to_text(event->to)}},
            .sentence = fmt::format("written into {}: {}", name(), span_in_words(event->from, event->to, event->zone)),
            .undo = action_call{"calendar.cancel", {{"id", event->id}}}};
  }

private:
  std::string name() const { return std::filesystem::path(file_).filename().string(); }

  std::string zone_in(const json& arguments) const { return text_at(arguments, "zone", zone_); }

  result<std::pair<time_point, time_point>> span(const json& arguments, duration at_most) const {
    const auto zone = zone_in(arguments);
    if (auto r = check_zone(zone, "zone"); !r) return r.error();
    const auto from = read_moment(text_at(arguments, "from"), zone, "from");
    if (!from) return from.error();
    const auto to = read_moment(text_at(arguments, "to"), zone, "to");
    if (!to) return to.error();
    // A year that does not fit four digits can't be written into the file.
    const auto first = parse_time("1970-01-01T00:00:00Z").value(), last = parse_time("9000-01-01T00:00:00Z").value();
    if (*from >= *to || *from < first || *to > last)
      return error{"bad_time_span", "to", fmt::format("it ends at {} and begins at {}", to_text(*to), to_text(*from)), "an end after its begin, between 1970 and 9000", ""};
    if (*to - *from > at_most) return error{"bad_time_span", "to", "it lasts " + to_text(duration{*to - *from}), "at most " + to_text(at_most), ""};
    return std::pair{*from, *to};
  }

  result<std::string> busy_bytes(const json& arguments) const {
    const auto asked = span(arguments, window_max);
    if (!asked) return asked.error();
    return canonical({{"from", to_text(asked->first)}, {"to", to_text(asked->second)}, {"zone", zone_in(arguments)}});
  }

  result<std::string> book_bytes(const json& arguments, const effect_mark& mark) const {
    const auto asked = span(arguments, event_max);
    if (!asked) return asked.error();
    // Whole seconds are all that iCalendar can say.
    calendar_event e{mark.key, std::chrono::floor<std::chrono::seconds>(mark.time), std::chrono::floor<std::chrono::seconds>(asked->first), std::chrono::floor<std::chrono::seconds>(asked->second),
                     zone_in(arguments), text_at(arguments, "summary"), text_at(arguments, "description"), {}};
    if (auto r = fits_a_header(e.id, "effect key"); !r) return r.error();
    if (auto r = fits_a_header(e.summary, "summary"); !r) return r.error();
    if (e.summary.empty() || e.summary.size() > summary_max * 4) return error{"bad_text", "summary", fmt::format("it has {} bytes", e.summary.size()), "1 to 300 characters", ""};
    if (e.description.size() > description_max * 4) return error{"bad_text", "description", fmt::format("it has {} bytes", e.description.size()), "at most 20000 characters", ""};
    if (!is_utf8(e.description)) return error{"bad_text", "description", "it is not valid UTF-8", "text", ""};
    e.description = cleaned_text(e.description);
    if (const auto* list = at_path(arguments, "attendees"); list && list->is_array()) {
      if (list->get_array().size() > attendees_max) return error{"too_many_recipients", "attendees", fmt::format("there are {}", list->get_array().size()), "at most 100", ""};
      for (const auto& one : list->get_array()) {
        auto address = read_mail_address(one, fmt::format("attendees[{}]", e.attendees.size()));
        if (!address) return address.error();
        e.attendees.push_back(std::move(*address));
      }
    }
    return write_event(e);
  }

  result<std::string> cancel_bytes(const json& arguments) const {
    const auto id = text_at(arguments, "id");
    if (auto r = fits_a_header(id, "id"); !r) return r.error();
    if (id.empty() || id.size() > 255) return error{"bad_text", "id", fmt::format("it has {} bytes", id.size()), "the id of an event", ""};
    return canonical({{"cancel", id}});
  }

  static std::string cancelled_id(const request& what) {
    const auto said = parse_json(what.bytes);
    return said ? text_at(*said, "cancel") : std::string{};
  }

  std::string preview(const request& what) const {
    if (what.action == "calendar.book") {
      const auto e = read_event(what.bytes);
      if (!e) return "Book an event that can't be read";
      std::string text = "Book in " + visible_line(name()) + ": " + visible_line(e->summary) + "\n" + span_in_words(e->from, e->to, e->zone);
      for (std::size_t i = 0; i < e->attendees.size() && i < 10; ++i) text += (i == 0 ? "\nWith: " : ", ") + visible_line(e->attendees[i].address);
      if (e->attendees.size() > 10) text += fmt::format(" and {} more", e->attendees.size() - 10);
      if (!e->description.empty()) text += "\n\n" + first_lines(visible_text(e->description), 8, 300);
      return text;
    }
    if (what.action == "calendar.cancel") return "Take the event " + visible_line(cancelled_id(what)) + " out of " + visible_line(name());
    const auto asked = parse_json(what.bytes).value();
    return "Read in " + visible_line(name()) + " what is booked from " + text_at(asked, "from") + " to " + text_at(asked, "to");
  }

  answer perform_book(const request& what, const std::string& file, outside& out) {
    const auto event = read_event(what.bytes);
    if (!event) return {.nothing_sent = true, .trouble = {"bad_calendar", "", "the request is no event", "", ""}};
    // The key is the UID: an event that has it is this one, even when its owner has moved it since.
    if (holds_event(file, event->id)) return {.complete = true, .bytes = R"({"done":true})"};
    const auto taken = busy_spans(file, event->from, event->to, event->zone);
    if (!taken) return {.nothing_sent = true, .trouble = at_file(taken.error())};
    if (!taken->empty()) return {.complete = true, .bytes = R"({"done":false})"};
    const auto changed = with_event(file, what.bytes);
    if (!changed) return {.nothing_sent = true, .trouble = at_file(changed.error())};
    return written(*changed, out);
  }

  answer perform_cancel(const request& what, const std::string& file, outside& out) {
    const auto id = cancelled_id(what);
    if (!holds_event(file, id)) return {.complete = true, .bytes = R"({"done":false})"};
    return written(without_event(file, id), out);
  }

  answer written(const std::string& file, outside& out) {
    if (const auto r = out.files.write(file_, file); !r) return {.trouble = r.error()};  // perhaps renamed, not yet synced: repeat with the same key
    return {.complete = true, .bytes = R"({"done":true})"};
  }

  error at_file(error e) const {
    e.where = name();
    return e;
  }

  outcome read_busy(const request& what, const answer& came_back) const {
    const auto asked = parse_json(what.bytes);
    const auto from = asked ? parse_time(text_at(*asked, "from")) : error{};
    const auto to = asked ? parse_time(text_at(*asked, "to")) : error{};
    if (!from || !to) return {.kind = outcome_kind::failed, .sentence = "the request can't be read"};
    const auto spans = busy_spans(came_back.bytes, *from, *to, text_at(*asked, "zone", zone_));
    if (!spans) return {.kind = outcome_kind::refused, .sentence = to_sentence(at_file(spans.error()))};
    boost::json::array busy;
    for (const auto& span : *spans) busy.push_back({{"from", to_text(span.from)}, {"to", to_text(span.to)}});
    return {.kind = outcome_kind::confirmed, .answer = {{"busy", std::move(busy)}}, .sentence = fmt::format("{} events in {}", spans->size(), name())};
  }

  std::string file_, zone_;
};

std::unique_ptr<connector> make_calendar(const json& settings, const std::string& workspace) {
  const std::filesystem::path file = text_at(settings, "file", "calendar.ics");
  auto zone = text_at(settings, "zone", "UTC");
  if (auto r = check_zone(zone, "connectors.yaml: calendar.zone"); !r) throw error_thrown(r.error());
  return std::make_unique<calendar>((file.is_absolute() ? file : workspace / file).lexically_normal().string(), std::move(zone));
}

}  // namespace

connector_entry calendar_entry() { return {"calendar", calendar_manifest(), make_calendar}; }

}  // namespace steward
