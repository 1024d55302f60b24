#include "connectors/calendar_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t fold_at = 75;  // bytes, RFC 5545 3.1

std::string utc(time_point t) {
  std::string out;
  for (const char c : to_text(t).substr(0, 19))
    if (c != '-' && c != ':') out += c;
  return out + "Z";
}

std::optional<time_point> from_utc(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  const auto t = parse_time(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2), text.substr(9, 2), text.substr(11, 2), text.substr(13, 2)));
  return t ? std::optional(*t) : std::nullopt;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '\\' || c == ';' || c == ',') out += {'\\', c};
    else out += c;
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) out += text[i];
    else if (++i; text[i] == 'n' || text[i] == 'N') out += '\n';
    else out += text[i];
  }
  return out;
}

/// A parameter's value in quotes; RFC 6868 says how a quote gets into it.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += "^'";
    else if (c == '^') out += "^^";
    else out += c;
  }
  return out + "\"";
}

void append_line(std::string& out, std::string_view line) {
  std::size_t room = fold_at;
  while (line.size() > room) {
    const auto piece = front_of(line, room);
    out += piece;
    out += "\r\n ";
    line.remove_prefix(piece.size());
    room = fold_at - 1;
  }
  out += line;
  out += "\r\n";
}

struct content_line {
  std::size_t from, to;  // in the file, the line ends included
  std::string text;      // unfolded
};

/// Calls f for each line that the folded file stands for.
template <class F>
void each_line(std::string_view file, F&& f) {
  for (std::size_t at = 0; at < file.size();) {
    content_line line{at, at, {}};
    do {
      const auto end = file.find('\n', line.to);
      const auto stop = end == file.npos ? file.size() : end;
      auto piece = file.substr(line.to, stop - line.to);
      if (!piece.empty() && piece.back() == '\r') piece.remove_suffix(1);
      if (line.to != at) piece.remove_prefix(std::min<std::size_t>(1, piece.size()));
      line.text += piece;
      line.to = end == file.npos ? file.size() : end + 1;
    } while (line.to < file.size() && (file[line.to] == ' ' || file[line.to] == '\t'));
    at = line.to;
    f(line);
  }
}

std::string name_of(const std::string& line) { return lower_case(std::string_view(line).substr(0, line.find_first_of(":;"))); }

/// The value after the first colon that stands in no quotes.
std::string value_of(const std::string& line) {
  bool quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quotes = !quotes;
    if (line[i] == ':' && !quotes) return line.substr(i + 1);
  }
  return {};
}

struct found_event {
  std::size_t from, to;
  std::string id;
};

std::vector<found_event> events_in(std::string_view file) {
  std::vector<found_event> out;
  std::optional<found_event> open;
  int depth = 0;  // inside an event: alarms have ids of their own
  each_line(file, [&](const content_line& line) {
    const auto name = name_of(line.text);
    const auto value = name == "begin" || name == "end" ? lower_case(value_of(line.text)) : "";
    if (!open) {
      if (name == "begin" && value == "vevent") open = found_event{line.from, line.to, {}}, depth = 0;
    } else if (name == "begin") {
      ++depth;
    } else if (name == "end" && depth > 0) {
      --depth;
    } else if (name == "end") {
      open->to = line.to;
      out.push_back(*open);
      open.reset();
    } else if (name == "uid" && depth == 0) {
      open->id = unescaped(value_of(line.text));
    }
  });
  return out;
}

}  // namespace

std::string write_event(const calendar_event& e) {
  std::string out;
  append_line(out, "BEGIN:VEVENT");
  append_line(out, "UID:" + escaped(e.id));
  append_line(out, "DTSTAMP:" + utc(e.stamp));
  append_line(out, "DTSTART:" + utc(e.from));
  append_line(out, "DTEND:" + utc(e.to));
  append_line(out, "SUMMARY:" + escaped(e.summary));
  if (!e.description.empty()) append_line(out, "DESCRIPTION:" + escaped(e.description));
  for (const auto& a : e.attendees) append_line(out, (a.name.empty() ? "ATTENDEE" : "ATTENDEE;CN=" + in_quotes(a.name)) + ":mailto:" + a.address);
  append_line(out, "X-STEWARD-ZONE:" + escaped(e.zone));
  append_line(out, "END:VEVENT");
  return out;
}

std::optional<calendar_event> read_event(std::string_view text) {
  calendar_event e;
  int found = 0;
  each_line(text, [&](const content_line& line) {
    const auto name = name_of(line.text);
    const auto value = value_of(line.text);
    const auto time = [&](time_point& into) {
      if (const auto t = from_utc(value)) into = *t, ++found;
    };
    if (name == "uid") e.id = unescaped(value), ++found;
    else if (name == "dtstamp") time(e.stamp);
    else if (name == "dtstart") time(e.from);
    else if (name == "dtend") time(e.to);
    else if (name == "summary") e.summary = unescaped(value), ++found;
    else if (name == "description") e.description = unescaped(value);
    else if (name == "x-steward-zone") e.zone = unescaped(value);
    else if (name == "attendee" && value.starts_with("mailto:")) e.attendees.push_back({"", value.substr(7)});
  });
  return found == 5 ? std::optional(e) : std::nullopt;
}

bool holds_event(std::string_view file, std::string_view id) {
  const auto all = events_in(file);
  return std::any_of(all.begin(), all.end(), [&](const found_event& e) { return e.id == id; });
}

result<std::string> with_event(std::string_view file, std::string_view event) {
  if (file.find_first_not_of(" \t\r\n") == file.npos)
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Steward//calendar 1//EN\r\n" + std::string(event) + "END:VCALENDAR\r\n";
  std::optional<std::size_t> end;
  each_line(file, [&](const content_line& line) {
    if (name_of(line.text) == "end" && lower_case(value_of(line.text)) == "vcalendar") end = line.from;
  });
  if (!end) return error{"bad_calendar", "", "the file has no END:VCALENDAR", "an iCalendar file (RFC 5545)", "Open it with a calendar program, or move it away to begin a new one"};
  return std::string(file.substr(0, *end)) + std::string(event) + std::string(file.substr(*end));
}

std::string without_event(std::string_view file, std::string_view id) {
  std::string out;
  std::size_t kept = 0;
  for (const auto& e : events_in(file)) {
    if (e.id != id) continue;
    out += file.substr(kept, e.from - kept);
    kept = e.to;
  }
  return out + std::string(file.substr(kept));
}

}  // namespace steward
