#include "connectors/calendar_busy.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include <fmt/format.h>
#include <libical/ical.h>

#include "connectors/calendar_zone.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr int steps_max = 100'000;        // of one series; a daily one that began in 1970 has 20,000
constexpr std::size_t line_max = 20'000;  // bytes
constexpr std::size_t spans_max = 5'000;  // ten a day for a year

/// The library's time grows with the square of a line's length; what makes a line that long is an attachment, never a date.
std::string with_short_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t length = 0;  // of the line so far, its folded pieces together
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto piece = text.substr(0, end);
    length = piece.starts_with(' ') || piece.starts_with('\t') ? length + piece.size() : piece.size();
    if (length <= line_max) {
      out += piece;
      out += '\n';
    } else if (length == piece.size()) {
      out += front_of(piece, line_max);
      out += '\n';
    }
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

/// libical keeps its zones and its error number in globals.
std::mutex& one_at_a_time() {
  static std::mutex m;
  return m;
}

struct free_component {
  void operator()(icalcomponent* c) const { icalcomponent_free(c); }
};

local_moment wall(const icaltimetype& t) {
  const std::chrono::year_month_day ymd{std::chrono::year{t.year}, std::chrono::month{unsigned(t.month)}, std::chrono::day{unsigned(t.day)}};
  const auto day = std::chrono::sys_days{ymd}.time_since_epoch();
  if (t.is_date) return local_moment{day};
  return local_moment{day + hours{t.hour} + std::chrono::minutes{t.minute} + std::chrono::seconds{t.second}};
}

icaltimetype as_ical(local_moment t) {
  const auto day = std::chrono::floor<days>(std::chrono::sys_time<duration>{t.time_since_epoch()});
  const std::chrono::year_month_day ymd{day};
  auto out = icaltime_null_time();
  out.year = int(ymd.year()), out.month = int(unsigned(ymd.month())), out.day = int(unsigned(ymd.day()));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time<duration>{t.time_since_epoch()} - day).count();
  out.hour = int(seconds / 3600), out.minute = int(seconds / 60 % 60), out.second = int(seconds % 60);
  return out;
}

bool sound(const icaltimetype& t) { return !icaltime_is_null_time(t) && t.year >= 1900 && t.year < 3000 && t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31; }

/// How a property's local times become moments.
struct time_reader {
  std::string zone;                // IANA name
  icaltimezone* custom = nullptr;  // a zone that only this file knows (its VTIMEZONE)

  time_point operator()(const icaltimetype& t) const {
    if (icaltime_is_utc(t)) return time_point{wall(t).time_since_epoch()};
    if (custom && !t.is_date) return time_point{std::chrono::seconds{icaltime_as_timet_with_zone(t, custom)}};
    return moment_of(wall(t), zone);
  }
  time_point operator()(local_moment t) const { return custom ? (*this)(as_ical(t)) : moment_of(t, zone); }
};

/// One VEVENT on its way to spans.
class event_reader {
public:
  event_reader(icalcomponent* event, icalcomponent* file, const std::string& zone) : event_(event), file_(file), zone_(zone) {
    if (const char* uid = icalcomponent_get_uid(event)) uid_ = uid;
    auto* start = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    if (!start) return;
    start_ = icalproperty_get_dtstart(start);
    if (!sound(start_)) return;
    reader_ = reader_of(start);
    lasts_ = length();
    usable_ = lasts_ > duration{0};
    if (auto* moved = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY)) replaces_ = reader_of(moved)(icalproperty_get_recurrenceid(moved));
  }

  bool counts() const {
    if (!usable_) return false;
    auto* transparency = icalcomponent_get_first_property(event_, ICAL_TRANSP_PROPERTY);
    if (transparency && icalproperty_get_transp(transparency) == ICAL_TRANSP_TRANSPARENT) return false;
    return icalcomponent_get_status(event_) != ICAL_STATUS_CANCELLED;
  }
  const std::string& uid() const { return uid_; }
  const std::optional<time_point>& replaces() const { return replaces_; }

  /// Adds the instances that overlap [from, to), save those in `moved`.
  result<void> add_spans(std::vector<busy_span>& out, time_point from, time_point to, const std::set<time_point>& moved) const {
    const std::string summary(front_of(cleaned_line(text_of(icalcomponent_get_summary(event_))), 500));
    std::set<time_point> begins;
    if (auto r = starts(begins, from, to); !r) return r;
    for (const auto begin : begins) {
      const auto end = end_of(begin);
      if (begin < to && end > from && !moved.contains(begin)) out.push_back({begin, end, summary});
    }
    return {};
  }

private:
  static std::string text_of(const char* text) { return text ? text : ""; }

  time_reader reader_of(icalproperty* property) const {
    auto* parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    if (!parameter) return {zone_};
    const auto tzid = text_of(icalparameter_get_tzid(parameter));
    if (const auto known = zone_named_by(tzid); !known.empty()) return {known};
    return {zone_, icalcomponent_get_timezone(file_, tzid.c_str())};
  }

  duration length() const {
    if (auto* end = icalcomponent_get_first_property(event_, ICAL_DTEND_PROPERTY)) {
      const auto t = icalproperty_get_dtend(end);
      if (!sound(t)) return duration{0};
      // Whole days are counted on the wall: one of them may have 23 hours.
      return start_.is_date && t.is_date ? duration{wall(t) - wall(start_)} : duration{reader_of(end)(t) - reader_(start_)};
    }
    if (auto* lasts = icalcomponent_get_first_property(event_, ICAL_DURATION_PROPERTY)) {
      const auto d = icalproperty_get_duration(lasts);
      return std::chrono::seconds{std::int64_t(d.is_neg ? -1 : 1) * (((std::int64_t(d.weeks) * 7 + d.days) * 24 + d.hours) * 3600 + std::int64_t(d.minutes) * 60 + d.seconds)};
    }
    return start_.is_date ? duration{days{1}} : duration{0};
  }

  time_point end_of(time_point begin) const { return start_.is_date ? moment_of(local_of(begin, reader_.zone) + lasts_, reader_.zone) : begin + lasts_; }

  result<void> starts(std::set<time_point>& out, time_point from, time_point to) const {
    out.insert(reader_(start_));
    if (!replaces_) {
      for (auto* rule = icalcomponent_get_first_property(event_, ICAL_RRULE_PROPERTY); rule; rule = icalcomponent_get_next_property(event_, ICAL_RRULE_PROPERTY))
        if (auto r = follow(icalproperty_get_rrule(rule), out, from, to); !r) return r;
      for (auto* more = icalcomponent_get_first_property(event_, ICAL_RDATE_PROPERTY); more; more = icalcomponent_get_next_property(event_, ICAL_RDATE_PROPERTY)) {
        const auto value = icalproperty_get_rdate(more);
        const auto& t = icaltime_is_null_time(value.time) ? value.period.start : value.time;
        if (sound(t)) out.insert(reader_of(more)(t));
      }
    }
    for (auto* without = icalcomponent_get_first_property(event_, ICAL_EXDATE_PROPERTY); without; without = icalcomponent_get_next_property(event_, ICAL_EXDATE_PROPERTY)) {
      const auto t = icalproperty_get_exdate(without);
      if (!sound(t)) continue;
      if (!t.is_date || start_.is_date) out.erase(reader_of(without)(t));
      else std::erase_if(out, [&](time_point begin) { return std::chrono::floor<days>(local_of(begin, reader_.zone).time_since_epoch()) == wall(t).time_since_epoch(); });
    }
    return {};
  }

  result<void> follow(icalrecurrencetype rule, std::set<time_point>& out, time_point from, time_point to) const {
    const auto too_busy = [&] {
      return error{"calendar_too_busy", "", "the event '" + visible_line(front_of(text_of(icalcomponent_get_summary(event_)), 80)) + "' repeats without end or measure",
                   fmt::format("at most every hour, and at most {} repetitions", steps_max), "Shorten or remove it in a calendar program"};
    };
    if (rule.freq == ICAL_NO_RECURRENCE) return {};
    if (rule.freq == ICAL_SECONDLY_RECURRENCE || rule.freq == ICAL_MINUTELY_RECURRENCE) return too_busy();
    // "Every hour of the 30th of February" keeps the library searching for six centuries, hour by hour.
    const auto picks = [](const short* days_of_rule) { return days_of_rule[0] != ICAL_RECURRENCE_ARRAY_MAX; };
    if (rule.freq == ICAL_HOURLY_RECURRENCE && (picks(rule.by_month) || picks(rule.by_month_day) || picks(rule.by_year_day) || picks(rule.by_day))) return too_busy();
    // Its end is compared here, as a moment: the library would compare a UTC end with local times.
    const auto until = rule.until;
    rule.until = icaltime_null_time();
    // The series runs on the wall clock, so that "every Monday at nine" stays at nine when summer time comes.
    const auto first = as_ical(wall(start_));
    struct free_iterator {
      void operator()(icalrecur_iterator* i) const { icalrecur_iterator_free(i); }
    };
    const std::unique_ptr<icalrecur_iterator, free_iterator> series(icalrecur_iterator_new(rule, first));
    if (!series) return {};
    const auto look_from = local_moment{from.time_since_epoch() - lasts_ - days{2}};
    if (rule.count == 0 && look_from > wall(first)) icalrecur_iterator_set_start(series.get(), as_ical(look_from));
    for (int step = 0;; ++step) {
      if (step >= steps_max) return too_busy();
      const auto next = icalrecur_iterator_next(series.get());
      if (icaltime_is_null_time(next)) return {};
      const auto begin = icaltime_is_utc(start_) ? time_point{wall(next).time_since_epoch()} : reader_(wall(next));
      if (begin >= to || (sound(until) && is_past(until, next, begin))) return {};
      out.insert(begin);
    }
  }

  bool is_past(const icaltimetype& until, const icaltimetype& next, time_point begin) const {
    if (until.is_date) return std::chrono::floor<days>(wall(next).time_since_epoch()) > wall(until).time_since_epoch();
    return begin > (icaltime_is_utc(until) ? time_point{wall(until).time_since_epoch()} : reader_(until));
  }

  icalcomponent* event_;
  icalcomponent* file_;
  std::string zone_, uid_;
  icaltimetype start_ = icaltime_null_time();
  time_reader reader_;
  duration lasts_{0};
  bool usable_ = false;
  std::optional<time_point> replaces_;
};

void collect_events(icalcomponent* file, icalcomponent* calendar, const std::string& zone, std::vector<event_reader>& out) {
  for (auto* c = icalcomponent_get_first_component(calendar, ICAL_ANY_COMPONENT); c; c = icalcomponent_get_next_component(calendar, ICAL_ANY_COMPONENT)) {
    if (icalcomponent_isa(c) == ICAL_VCALENDAR_COMPONENT) collect_events(c, c, zone, out);
    else if (icalcomponent_isa(c) == ICAL_VEVENT_COMPONENT) out.emplace_back(c, file, zone);
  }
}

}  // namespace

result<std::vector<busy_span>> busy_spans(std::string_view file, time_point from, time_point to, const std::string& zone) {
  std::vector<busy_span> out;
  const auto text = with_short_lines(cleaned_text(file));  // a NUL would hide the rest of the file
  if (text.find_first_not_of(" \t\n") == text.npos) return out;
  const std::lock_guard lock(one_at_a_time());
  icalerror_set_errors_are_fatal(0);
  const std::unique_ptr<icalcomponent, free_component> root(icalparser_parse_string(text.c_str()));
  const auto kind = root ? icalcomponent_isa(root.get()) : ICAL_NO_COMPONENT;
  if (kind != ICAL_VCALENDAR_COMPONENT && kind != ICAL_XROOT_COMPONENT)
    return error{"bad_calendar", "", "the file is no calendar", "an iCalendar file (RFC 5545)", "Open it with a calendar program, or move it away to begin a new one"};
  std::vector<event_reader> events;
  collect_events(root.get(), root.get(), zone, events);
  std::map<std::string, std::set<time_point>> moved;
  for (const auto& e : events)
    if (e.replaces()) moved[e.uid()].insert(*e.replaces());
  static const std::set<time_point> none;
  for (const auto& e : events) {
    if (!e.counts()) continue;
    const auto mine = e.replaces() ? moved.end() : moved.find(e.uid());
    if (auto r = e.add_spans(out, from, to, mine == moved.end() ? none : mine->second); !r) return r.error();
    if (out.size() > spans_max) return error{"calendar_too_busy", "", fmt::format("there are more than {} events in this time", spans_max), "fewer", "Ask for a shorter time"};
  }
  std::sort(out.begin(), out.end(), [](const busy_span& a, const busy_span& b) { return std::tie(a.from, a.to, a.summary) < std::tie(b.from, b.to, b.summary); });
  return out;
}

}  // namespace steward
