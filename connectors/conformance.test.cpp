#include "connectors/conformance.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "connectors/calendar.hpp"
#include "connectors/catalog.hpp"
#include "connectors/mailbox.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}
std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (const auto& file : fs::directory_iterator(folder, ec)) out.push_back(file.path());
  std::sort(out.begin(), out.end());
  return out;
}

// --- mailbox: the outside is a mail program that takes mails out of new/ and keeps a ledger of what it sent.

const json plain_mail = {{"to", "Ada <ada@example.com>"}, {"subject", "Hello"}, {"body", "A line.\n"}};
const json full_mail = {{"to", {"ada@example.com", {{"name", "Bob"}, {"address", "bob@example.com"}}}},
                        {"cc", {"carol@example.com"}},
                        {"subject", "Grüße"},
                        {"body", "Text.\n"},
                        {"html", "<p>Text.</p>"},
                        {"in_reply_to", "q1@example.com"},
                        {"references", {"q0@example.com"}},
                        {"attachments", {{{"name", "figures.csv"}, {"text", "a;b\n"}, {"type", "text/csv"}}}}};

void take_mails(const std::string& workspace) {
  for (const auto& mail : files_in(fs::path(workspace) / "mail/outbox/new")) {
    const auto ledger = fs::path(workspace) / "outside";
    put(ledger / std::to_string(files_in(ledger).size()), slurp(mail));
    fs::remove(mail);
  }
}

std::string mails_sent(const std::string& workspace) {
  std::string out;
  for (const auto& mail : files_in(fs::path(workspace) / "outside")) out += "sent: " + slurp(mail) + "\n";
  for (const auto& mail : files_in(fs::path(workspace) / "mail/outbox/new")) out += "sent: " + slurp(mail) + "\n";  // will be, any moment now
  return out;
}

/// The names of the fields in a mail's head, read as plainly as can be.
std::set<std::string> fields_of(const std::string& mail) {
  std::set<std::string> names;
  for (std::size_t at = 0; at < mail.size() && mail[at] != '\n';) {
    const auto end = mail.find('\n', at);
    if (mail[at] != ' ' && mail[at] != '\t') names.insert(mail.substr(at, mail.find(':', at) - at));
    at = end + 1;
  }
  return names;
}

std::string mail_harm(const action_call&, const request& made) {
  static const std::set<std::string> known = {"From", "To", "Cc", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};
  for (const auto& name : fields_of(made.bytes))
    if (!known.contains(name)) return "the mail has a field '" + name + "'";
  for (const auto& who : made.recipients)
    if (who.find("eve") != who.npos) return "the mail goes to " + who;
  return "";
}

conformance_samples mailbox_samples() {
  return {.settings = {{"from", {{"name", "Grace"}, {"address", "grace@example.com"}}}},
          .arrange =
              [](const std::string& w) {
                put(fs::path(w) / "mail/inbox/new/1.a", "Message-ID: <a@example.com>\nFrom: ada@example.com\nSubject: Hi\n\nText\n");
                put(fs::path(w) / "mail/inbox/new/2.b", "no header at all");
                put(fs::path(w) / "mail/inbox/new/3.c", "Subject: \xff\xfe\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n\x80\n");
              },
          .outsider = take_mails,
          .world = mails_sent,
          .calls = {{"mailbox.send", plain_mail}, {"mailbox.send", full_mail}},
          .traps = {{"hidden recipients", {"mailbox.send", {{"to", "ada@example.com"}, {"subject", "s"}, {"body", "b"}, {"bcc", {"eve@example.com"}}}}},
                    {"two addresses in one text", {"mailbox.send", {{"to", "ada@example.com, eve@example.com"}, {"subject", "s"}, {"body", "b"}}}},
                    {"a line break in a name", {"mailbox.send", {{"to", {{{"name", "A\r\nBcc: eve@example.com"}, {"address", "ada@example.com"}}}}, {"subject", "s"}, {"body", "b"}}}},
                    {"a subject with a second field", {"mailbox.send", {{"to", "ada@example.com"}, {"subject", "s\nBcc: eve@example.com"}, {"body", "b"}}}},
                    {"nobody", {"mailbox.send", {{"to", boost::json::array{}}, {"subject", "s"}, {"body", "b"}}}},
                    {"a file name that is a path", {"mailbox.send", {{"to", "ada@example.com"}, {"subject", "s"}, {"body", "b"}, {"attachments", {{{"name", "../x"}, {"text", ""}}}}}}}},
          .harm = mail_harm};
}

// --- calendar: the outside is any program that reads the file; what it sees is the set of events.

std::string appointments(const std::string& workspace) {
  std::vector<std::string> events;
  std::string event;
  std::istringstream in(slurp(fs::path(workspace) / "calendar.ics"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("BEGIN:VEVENT")) event.clear();
    event += line + "\n";
    if (line.starts_with("END:VEVENT")) events.push_back(event);
  }
  std::sort(events.begin(), events.end());
  std::string out;
  for (const auto& e : events) out += e;
  return out;
}

std::string calendar_harm(const action_call& call, const request& made) {
  if (call.action != "calendar.book") return "";
  std::size_t begins = 0;
  for (auto at = made.bytes.find("BEGIN:"); at != made.bytes.npos; at = made.bytes.find("BEGIN:", at + 1)) begins += at == 0 || made.bytes[at - 1] == '\n';
  return begins == 1 ? "" : "the text holds more than one event";
}

conformance_samples calendar_samples() {
  const json booking = {{"from", "2026-11-24T10:00"}, {"to", "2026-11-24T11:00"}, {"zone", "Europe/Berlin"}, {"summary", "Call"}, {"description", "Line\nline"}, {"attendees", {"Ada <ada@example.com>"}}};
  const auto book = [&](const char* key, const char* value) {
    auto copy = booking;
    copy.get_object()[key] = value;
    return action_call{"calendar.book", copy};
  };
  return {.settings = {{"zone", "Europe/Berlin"}},
          .arrange =
              [](const std::string& w) {
                put(fs::path(w) / "calendar.ics",
                    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:theirs\r\nDTSTART:20261123T100000Z\r\nDTEND:20261123T110000Z\r\nSUMMARY:Theirs\r\nEND:VEVENT\r\n"
                    "END:VCALENDAR\r\n");
              },
          .world = appointments,
          .calls = {{"calendar.busy", {{"from", "2026-11-20T00:00:00Z"}, {"to", "2026-11-30T00:00:00Z"}, {"zone", "UTC"}}}, {"calendar.book", booking}, {"calendar.cancel", {{"id", "theirs"}}}},
          .traps = {{"an end before the begin", book("to", "2026-11-24T09:00")},
                    {"a second line in the summary", book("summary", "x\r\nATTENDEE:mailto:eve@example.com")},
                    {"a zone that is a path", book("zone", "../../../etc/passwd")},
                    {"a time that the clocks skip", book("from", "2026-03-29T02:30")}},
          .harm = calendar_harm};
}

void passes(const connector_entry& entry, const conformance_samples& samples) {
  const auto report = check_conformance(entry, samples, (fs::temp_directory_path() / (entry.name + std::to_string(::getpid()))).string());
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 500);
  for (const auto& code : report.error_codes) {
    INFO("error code " << code);
    CHECK(fs::exists(fs::path(STEWARD_SOURCE_DIR) / "docs/errors" / (code + ".md")));
  }
}

}  // namespace

TEST_CASE("mailbox passes the conformance suite") { passes(mailbox_entry(), mailbox_samples()); }

TEST_CASE("calendar passes the conformance suite") { passes(calendar_entry(), calendar_samples()); }

TEST_CASE("no connector is in the catalogue without a test that hands it to the conformance suite") {
  std::string tests;
  for (const auto& file : files_in(fs::path(STEWARD_SOURCE_DIR) / "connectors"))
    if (file.string().ends_with(".test.cpp")) tests += slurp(file);
  std::set<std::string> names;
  for (const auto& entry : connectors()) {
    INFO("connector " << entry.name);
    CHECK(names.insert(entry.name).second);
    CHECK(entry.manifest.name == entry.name);
    CHECK((tests.find("passes(" + entry.name + "_entry()") != tests.npos || tests.find("check_conformance(" + entry.name + "_entry()") != tests.npos));
    CHECK(entry.make(boost::json::object{}, "/nowhere") != nullptr);  // the default settings suffice
  }
  CHECK(names == std::set<std::string>{"calendar", "files", "git", "ledger", "mailbox", "site"});
}
