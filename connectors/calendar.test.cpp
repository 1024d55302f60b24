#include "connectors/calendar.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "connectors/calendar_busy.hpp"
#include "connectors/calendar_text.hpp"
#include "connectors/calendar_zone.hpp"
#include "connectors/conformance_disk.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

struct scratch {
  fs::path path = fs::temp_directory_path() / ("steward-calendar-" + std::to_string(::getpid()));
  scratch() { fs::remove_all(path), fs::create_directories(path); }
  ~scratch() { fs::remove_all(path); }
  std::string file() const {
    std::ifstream in(path / "calendar.ics", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(std::string_view bytes) const { std::ofstream(path / "calendar.ics", std::ios::binary).write(bytes.data(), std::streamsize(bytes.size())); }
};

const effect_mark mark{"k3f2a9c", parse_time("2026-11-20T09:30:15.5Z").value()};
std::unique_ptr<connector> calendar(const scratch& here) { return calendar_entry().make({{"zone", "Europe/Berlin"}}, here.path.string()); }
time_point at(const char* text) { return parse_time(text).value(); }

const json slot = {{"from", "2026-11-24T10:00"}, {"to", "2026-11-24T11:00"}, {"zone", "Europe/Berlin"}, {"summary", "Call; with Ada, and others"}};
json with(json arguments, std::string_view key, json value) {
  arguments.get_object()[key] = std::move(value);
  return arguments;
}

outcome carry_out(connector& c, const request& what) {
  const auto disk = make_system_disk();
  outside out{*disk};
  return c.read(what, c.perform(what, out));
}

std::string ics(const std::string& events) { return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n" + events + "END:VCALENDAR\n"; }

/// "24 10:00-11:00 x; …" in UTC.
std::string busy(const std::string& file, const char* from, const char* to, const char* zone = "Europe/Berlin") {
  const auto spans = busy_spans(file, at(from), at(to), zone);
  if (!spans) return spans.error().code;
  std::string out;
  for (const auto& s : *spans) out += (out.empty() ? "" : "; ") + to_text(s.from).substr(5, 11) + "-" + to_text(s.to).substr(11, 5) + " " + s.summary;
  return out;
}

}  // namespace

TEST_CASE("a booking is exactly this event") {
  scratch here;
  const auto c = calendar(here);
  const auto booking = c->prepare({"calendar.book", with(with(slot, "description", "Line one\nLine two"), "attendees", {"Ada \"L\" <ada@example.com>"})}, mark);
  REQUIRE(booking);
  CHECK(booking->bytes ==
        "BEGIN:VEVENT\r\nUID:k3f2a9c\r\nDTSTAMP:20261120T093015Z\r\nDTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\n"
        "SUMMARY:Call\\; with Ada\\, and others\r\nDESCRIPTION:Line one\\nLine two\r\nATTENDEE;CN=\"Ada ^'L^'\":mailto:ada@example.com\r\n"
        "X-STEWARD-ZONE:Europe/Berlin\r\nEND:VEVENT\r\n");
  CHECK(booking->preview == "Book in calendar.ics: Call; with Ada, and others\nTue 24 Nov 2026, 10:00 to 11:00 (Europe/Berlin)\nWith: ada@example.com\n\nLine one\nLine two");
  CHECK_FALSE(fs::exists(here.path / "calendar.ics"));  // preparing writes nothing
  CHECK(c->prepare({"calendar.book", slot}, mark)->bytes == calendar(here)->prepare({"calendar.book", slot}, mark)->bytes);
}

TEST_CASE("long lines are folded between characters and read back whole") {
  calendar_event e{"id", mark.time, at("2026-11-24T09:00:00Z"), at("2026-11-24T10:00:00Z"), "UTC", "", "", {}};
  for (int i = 0; i < 100; ++i) e.summary += "ü" + std::string(std::size_t(i % 3), 'x');
  const auto text = write_event(e);
  for (std::size_t from = 0, to; (to = text.find("\r\n", from)) != text.npos; from = to + 2) {
    CHECK(to - from <= 75);
    CHECK((static_cast<unsigned char>(text[from]) & 0xc0) != 0x80);
  }
  CHECK(read_event(text)->summary == e.summary);
}

TEST_CASE("booking, asking and cancelling agree") {
  scratch here;
  const auto c = calendar(here);
  const auto booking = c->prepare({"calendar.book", slot}, mark).value();
  const auto asking = c->prepare({"calendar.busy", {{"from", "2026-11-24T00:00:00Z"}, {"to", "2026-11-25T00:00:00Z"}}}, mark).value();
  CHECK(canonical(carry_out(*c, asking).answer) == R"({"busy":[]})");
  const auto booked = carry_out(*c, booking);
  REQUIRE(booked.kind == outcome_kind::confirmed);
  CHECK(canonical(booked.answer) == R"({"from":"2026-11-24T09:00:00.000000Z","id":"k3f2a9c","to":"2026-11-24T10:00:00.000000Z"})");
  CHECK(canonical(carry_out(*c, asking).answer) == R"({"busy":[{"from":"2026-11-24T09:00:00.000000Z","to":"2026-11-24T10:00:00.000000Z"}]})");
  const auto once = here.file();
  CHECK(carry_out(*c, booking).kind == outcome_kind::confirmed);
  CHECK(here.file() == once);  // the same key is the same event
  const auto cancel = c->prepare(*booked.undo, {"k2", mark.time}).value();
  CHECK(canonical(carry_out(*c, cancel).answer) == R"({"id":"k3f2a9c","removed":true})");
  CHECK(canonical(carry_out(*c, cancel).answer) == R"({"id":"k3f2a9c","removed":false})");
  CHECK(canonical(carry_out(*c, asking).answer) == R"({"busy":[]})");
}

TEST_CASE("who stands in an appointment is reached by it") {
  scratch here;
  const auto c = calendar(here);
  const auto booking = c->prepare({"calendar.book", with(slot, "attendees", boost::json::array{"Ada <Ada@Example.com>", "bob@example.com"})}, mark).value();
  CHECK(booking.recipients == std::vector<std::string>{"calendar:calendar.ics", "mailbox:ada@example.com", "mailbox:bob@example.com"});
}

TEST_CASE("a slot that somebody took meanwhile is refused and not booked twice") {
  scratch here;
  const auto c = calendar(here);
  CHECK(carry_out(*c, c->prepare({"calendar.book", slot}, mark).value()).kind == outcome_kind::confirmed);
  const auto before = here.file();
  const auto late = carry_out(*c, c->prepare({"calendar.book", with(slot, "from", "2026-11-24T10:59")}, {"other", mark.time}).value());
  CHECK(late.kind == outcome_kind::refused);
  CHECK(late.sentence == "the time is taken: Tue 24 Nov 2026, 10:59 to 11:00 (Europe/Berlin)");
  CHECK(here.file() == before);
  CHECK(carry_out(*c, c->prepare({"calendar.book", with(with(slot, "from", "2026-11-24T11:00"), "to", "2026-11-24T12:00")}, {"next", mark.time}).value()).kind == outcome_kind::confirmed);
}

TEST_CASE("what other programs wrote into the file stays byte for byte") {
  scratch here;
  const auto c = calendar(here);
  const std::string foreign = "BEGIN:VCALENDAR\nX-ODD: kept  \nBEGIN:VEVENT\nUID:theirs\nDTSTART:20261123T100000Z\nDTEND:20261123T110000Z\nSUMMARY:Theirs,\n  folded\nX-UNKNOWN;A=\"b:c\":d\n"
                              "BEGIN:VALARM\nUID:k3f2a9c\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n";
  here.put(foreign);
  const auto booked = carry_out(*c, c->prepare({"calendar.book", slot}, mark).value());
  REQUIRE(booked.kind == outcome_kind::confirmed);
  CHECK(here.file().find("UID:k3f2a9c\r\n") != std::string::npos);
  CHECK(carry_out(*c, c->prepare(*booked.undo, {"k2", mark.time}).value()).kind == outcome_kind::confirmed);
  CHECK(here.file() == foreign);
  here.put("not a calendar");
  const auto failed = carry_out(*c, c->prepare({"calendar.book", slot}, mark).value());
  CHECK(failed.kind == outcome_kind::failed);
  CHECK(failed.sentence.find("bad_calendar") != std::string::npos);
  CHECK(here.file() == "not a calendar");
}

TEST_CASE("calendar refuses what it can't write truthfully") {
  scratch here;
  const auto c = calendar(here);
  const auto refused = [&](json arguments) {
    const auto r = c->prepare({"calendar.book", std::move(arguments)}, mark);
    return r ? std::string("accepted") : r.error().code;
  };
  CHECK(refused(with(slot, "to", "2026-11-24T09:00")) == "bad_time_span");
  CHECK(refused(with(slot, "to", "2027-11-24T09:00")) == "bad_time_span");
  CHECK(refused(with(slot, "to", "soon")) == "bad_time");
  CHECK(refused(with(slot, "zone", "Europe/Berln")) == "unknown_zone");
  CHECK(refused(with(slot, "zone", "../../etc/passwd")) == "unknown_zone");
  CHECK(refused(with(slot, "summary", "x\r\nATTENDEE:mailto:eve@example.com")) == "header_injection");
  CHECK(refused(with(slot, "attendees", {"ada@example.com\nX:y"})) == "header_injection");
  CHECK(refused(with(slot, "attendees", {"nobody"})) == "bad_mail_address");
  CHECK(refused(with(slot, "from", "2026-10-25T02:30")) == "bad_local_time");  // twice
  CHECK(refused(with(slot, "from", "2026-03-29T02:30")) == "bad_local_time");  // never
  CHECK(c->prepare({"calendar.cancel", {{"id", "a\nb"}}}, mark).error().code == "header_injection");
  CHECK(c->prepare({"calendar.busy", {{"from", "2026-01-01T00:00:00Z"}, {"to", "2028-01-01T00:00:00Z"}}}, mark).error().code == "bad_time_span");
  const auto lines = c->prepare({"calendar.book", with(slot, "description", "a\r\nEND:VEVENT\r\nBEGIN:VEVENT")}, mark);
  CHECK(lines->bytes.find("DESCRIPTION:a\\nEND:VEVENT\\nBEGIN:VEVENT\r\n") != std::string::npos);
  CHECK_THROWS_AS(calendar_entry().make({{"zone", "Mars"}}, "/"), error_thrown);
}

TEST_CASE("a weekly meeting keeps its hour when summer time ends") {
  const auto weekly = ics("BEGIN:VEVENT\nUID:w\nDTSTART;TZID=Europe/Berlin:20261005T090000\nDTEND;TZID=Europe/Berlin:20261005T100000\nRRULE:FREQ=WEEKLY\nSUMMARY:w\nEND:VEVENT\n");
  CHECK(busy(weekly, "2026-10-18T00:00:00Z", "2026-11-03T00:00:00Z") == "10-19T07:00-08:00 w; 10-26T08:00-09:00 w; 11-02T08:00-09:00 w");
  CHECK(busy(weekly, "2037-07-01T00:00:00Z", "2037-07-08T00:00:00Z") == "07-06T07:00-08:00 w");
}

TEST_CASE("a series leaves out its exceptions and follows its moved instances") {
  const auto series = ics(
      "BEGIN:VEVENT\nUID:s\nDTSTART;TZID=Europe/Berlin:20261102T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\n"
      "EXDATE;TZID=Europe/Berlin:20261103T090000,20261104T090000\nRDATE;TZID=Europe/Berlin:20261110T120000\nSUMMARY:s\nEND:VEVENT\n"
      "BEGIN:VEVENT\nUID:s\nRECURRENCE-ID;TZID=Europe/Berlin:20261105T090000\nDTSTART;TZID=Europe/Berlin:20261105T150000\nDTEND;TZID=Europe/Berlin:20261105T160000\nSUMMARY:moved\nEND:VEVENT\n");
  CHECK(busy(series, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") == "11-02T08:00-09:00 s; 11-05T14:00-15:00 moved; 11-06T08:00-09:00 s; 11-10T11:00-12:00 s");
  CHECK(busy(series, "2026-11-06T08:30:00Z", "2026-11-06T08:40:00Z") == "11-06T08:00-09:00 s");
  CHECK(busy(series, "2026-11-06T09:00:00Z", "2026-11-07T08:00:00Z") == "");  // an end touches nothing
}

TEST_CASE("a series ends on its last day, said in UTC, in local time or as a date") {
  for (const char* until : {"20261104T080000Z", "20261104T090000", "20261104"})
    CHECK(busy(ics(std::string("BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Europe/Berlin:20261102T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=") + until + "\nSUMMARY:u\nEND:VEVENT\n"), "2026-11-01T00:00:00Z",
               "2026-12-01T00:00:00Z") == "11-02T08:00-09:00 u; 11-03T08:00-09:00 u; 11-04T08:00-09:00 u");
}

TEST_CASE("whole days, free time, cancelled events and foreign zones are read as people mean them") {
  CHECK(busy(ics("BEGIN:VEVENT\nUID:d\nDTSTART;VALUE=DATE:20261025\nSUMMARY:day\nEND:VEVENT\n"), "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z") == "10-24T22:00-23:00 day");
  CHECK(busy(ics("BEGIN:VEVENT\nUID:d\nDTSTART:20261102T090000Z\nDTEND:20261102T100000Z\nTRANSP:TRANSPARENT\nEND:VEVENT\n"
                 "BEGIN:VEVENT\nUID:c\nDTSTART:20261102T090000Z\nDTEND:20261102T100000Z\nSTATUS:CANCELLED\nEND:VEVENT\n"),
             "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") == "");
  CHECK(busy(ics("BEGIN:VEVENT\nUID:f\nDTSTART:20261102T090000\nDTEND:20261102T100000\nSUMMARY:floating\nEND:VEVENT\n"), "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "America/New_York") ==
        "11-02T14:00-15:00 floating");
  CHECK(busy(ics("BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n"
                 "BEGIN:VEVENT\nUID:z\nDTSTART;TZID=Office:20261102T090000\nDTEND;TZID=Office:20261102T100000\nSUMMARY:office\nEND:VEVENT\n"),
             "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z") == "11-02T06:00-07:00 office");
  CHECK(busy(ics("BEGIN:VEVENT\nUID:z\nDTSTART;TZID=/freeassociation.sourceforge.net/Asia/Tokyo:20261102T090000\nDURATION:PT30M\nSUMMARY:tokyo\nEND:VEVENT\n"), "2026-11-01T00:00:00Z",
             "2026-12-01T00:00:00Z") == "11-02T00:00-00:30 tokyo");
}

TEST_CASE("a calendar that was made to hang or break its reader does neither") {
  const auto event = [](const std::string& rule, const std::string& start = "DTSTART:19700101T000000Z") {
    return ics("BEGIN:VEVENT\nUID:x\n" + start + "\nDURATION:PT1M\n" + rule + "\nSUMMARY:x\nEND:VEVENT\n");
  };
  const char *from = "2026-11-01T00:00:00Z", *to = "2026-11-02T00:00:00Z";
  CHECK(busy(event("RRULE:FREQ=SECONDLY"), from, to) == "calendar_too_busy");
  CHECK(busy(event("RRULE:FREQ=HOURLY;COUNT=2000000000"), from, to) == "calendar_too_busy");
  CHECK(busy(event("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), from, to) == "");
  CHECK(busy(event("RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"), from, to) == "calendar_too_busy");
  CHECK(busy(event("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), from, to) == "");
  CHECK(busy(event("RRULE:FREQ=DAILY;INTERVAL=0"), from, to).size() < 1000);
  CHECK(busy(event("RRULE:FREQ=DAILY;BYHOUR=99;BYMONTHDAY=-99"), from, to).size() < 1000);
  CHECK(busy(event("RRULE:nonsense"), from, to) == "");
  CHECK(busy(event("", "DTSTART:99999999T999999Z"), from, to) == "");
  CHECK(busy(event("", "DTSTART:"), from, to) == "");
  CHECK(busy("", from, to) == "");
  CHECK(busy("hello", from, to) == "bad_calendar");
  CHECK(busy(std::string(1'000'000, 'x'), from, to) == "bad_calendar");
  CHECK(busy(ics("BEGIN:VEVENT\nUID:x\nDTSTART:20261101T100000Z\nDTEND:20261101T110000Z\nSUMMARY:a" + std::string(1, '\0') + "\x1b[2J\xff\nEND:VEVENT\n"), from, to) == "11-01T10:00-11:00 a[2J\uFFFD");
  const std::string event_at_ten = "DTSTART:20261101T100000Z\nDTEND:20261101T110000Z\nSUMMARY:x\nEND:VEVENT\n";
  CHECK(busy(ics("BEGIN:VEVENT\nUID:x\nATTACH:" + std::string(5'000'000, 'x') + "\n" + event_at_ten), from, to) == "11-01T10:00-11:00 x");
  std::string folded = "DESCRIPTION:x\n";
  for (int i = 0; i < 100'000; ++i) folded += " xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
  CHECK(busy(ics("BEGIN:VEVENT\nUID:x\n" + folded + event_at_ten), from, to) == "11-01T10:00-11:00 x");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "BEGIN:VCALENDAR\n";
  CHECK(busy(deep, from, to).size() < 100);
}
