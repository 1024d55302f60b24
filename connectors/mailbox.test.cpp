#include "connectors/mailbox.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <unistd.h>

#include "connectors/conformance_disk.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

/// A folder that goes when the test goes.
struct scratch {
  fs::path path = fs::temp_directory_path() / ("steward-mailbox-" + std::to_string(::getpid()));
  scratch() { fs::remove_all(path), fs::create_directories(path); }
  ~scratch() { fs::remove_all(path); }
  fs::path operator/(const char* name) const { return path / name; }
};

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

const json settings = {{"from", {{"name", "Grace Müller"}, {"address", "grace@example.com"}}}};
const effect_mark mark{"k3f2a9c", parse_time("2026-11-24T09:30:15.5Z").value()};

std::unique_ptr<connector> mailbox(const scratch& workspace) { return mailbox_entry().make(settings, workspace.path.string()); }
action_call send(json arguments) { return {"mailbox.send", std::move(arguments)}; }
const json plain = {{"to", "ada@example.com"}, {"subject", "Hello"}, {"body", "A line.\n"}};

json with(json arguments, std::string_view key, json value) {
  arguments.get_object()[key] = std::move(value);
  return arguments;
}

/// The outside world, in its own words: takes mails out of new/ and writes down what it sent.
struct collector {
  fs::path outbox;
  std::map<std::string, int> sent;  // bytes -> how often
  void collect() {
    std::error_code ec;
    for (const auto& file : fs::directory_iterator(outbox / "new", ec)) {
      ++sent[slurp(file.path())];
      fs::remove(file.path());
    }
  }
};

}  // namespace

TEST_CASE("a prepared mail is exactly these bytes") {
  scratch here;
  const auto mail = mailbox(here)->prepare(send({{"to", {"Ada Lovelace <ada@example.com>", {{"name", "Jörg"}, {"address", "j@example.org"}}}},
                                                 {"cc", "Bob@Example.org"},
                                                 {"subject", "Grüße aus Köln"},
                                                 {"body", "Guten Tag,\r\nzwölf.\n"},
                                                 {"in_reply_to", "<q1@example.com>"},
                                                 {"references", {"q0@example.com"}}}),
                                           mark);
  REQUIRE(mail);
  CHECK(mail->bytes ==
        "From: Grace =?UTF-8?b?TcO8bGxlcg==?= <grace@example.com>\n"
        "To: Ada Lovelace <ada@example.com>, =?UTF-8?b?SsO2cmc=?= <j@example.org>\n"
        "Cc: Bob@example.org\n"
        "Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=\n"
        "Date: Tue, 24 Nov 2026 09:30:15 +0000\n"
        "Message-Id: <k3f2a9c@example.com>\n"
        "In-Reply-To: <q1@example.com>\n"
        "References: <q0@example.com> <q1@example.com>\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        "Guten Tag,\n"
        "zw=C3=B6lf.\n");
  CHECK(mail->recipients == std::vector<std::string>{"mailbox:ada@example.com", "mailbox:j@example.org", "mailbox:bob@example.org"});
  CHECK(mail->preview == "To: Ada Lovelace <ada@example.com>, Jörg <j@example.org>\nCc: Bob@example.org\nSubject: Grüße aus Köln\n\nGuten Tag,\nzwölf.");
}

TEST_CASE("a mail's bytes depend on the arguments and the mark alone") {
  scratch here;
  const auto box = mailbox(here);
  const json full = with(with(plain, "html", "<p>A line.</p>"), "attachments", {{{"name", "Zahlen für März.csv"}, {"text", "a;b\n1;2\n"}, {"type", "text/csv"}}});
  for (const auto& arguments : {plain, full}) {
    const auto once = box->prepare(send(arguments), mark);
    const auto again = mailbox(here)->prepare(send(arguments), mark);
    REQUIRE(once);
    CHECK(once->bytes == again->bytes);
    CHECK(box->prepare(send(arguments), {"k3f2a9d", mark.time})->bytes != once->bytes);
    CHECK(box->prepare(send(arguments), {mark.key, mark.time + std::chrono::seconds{1}})->bytes != once->bytes);
    CHECK(std::all_of(once->bytes.begin(), once->bytes.end(), [](char c) { return c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f); }));
  }
}

TEST_CASE("a mail with HTML and a file has its parts in the order that readers expect") {
  scratch here;
  const auto mail = mailbox(here)->prepare(send(with(with(plain, "html", "<p>Another <b>tale</b></p>"), "attachments", {{{"name", "figures.csv"}, {"text", "a;b\n"}, {"type", "text/csv"}}})), mark);
  REQUIRE(mail);
  std::vector<std::size_t> at;
  for (const auto* mark_of : {"Content-Type: multipart/mixed", "Content-Type: multipart/alternative", "Content-Type: text/plain", "A line.", "Content-Type: text/html", "<b>tale</b>",
                              "Content-Type: text/csv", "Content-Disposition: attachment; filename=figures.csv", "a;b"})
    at.push_back(mail->bytes.find(mark_of));
  CHECK(std::is_sorted(at.begin(), at.end()));
  CHECK(at.back() != std::string::npos);
  // What the HTML says is shown as well: most readers see that and not the text.
  CHECK(mail->preview == "To: ada@example.com\nSubject: Hello\nAttached: figures.csv (4 bytes)\n\nA line.\n\nIts HTML form reads:\nAnother tale");
}

TEST_CASE("a text that looks like a boundary or a header stays text") {
  scratch here;
  const auto box = mailbox(here);
  const std::string trick = "Bcc: eve@example.com\n\n--=_deadbeef\nFrom me\n.\n" + std::string(5000, 'x') + "\ntrailing blank \n";
  const auto mail = box->prepare(send(with(with(plain, "body", json(trick)), "html", "<p>x</p>")), mark);
  REQUIRE(mail);
  CHECK(mail->recipients == std::vector<std::string>{"mailbox:ada@example.com"});
  const auto head = mail->bytes.substr(0, mail->bytes.find("\n\n"));
  CHECK(head.find("Bcc") == head.npos);
  std::size_t longest = 0;
  for (std::size_t from = 0, to; (to = mail->bytes.find('\n', from)) != std::string::npos; from = to + 1) longest = std::max(longest, to - from);
  CHECK(longest <= 998);
}

TEST_CASE("mailbox refuses a mail that could reach or show anything but what was asked") {
  scratch here;
  const auto box = mailbox(here);
  const auto refused = [&](json arguments) {
    const auto r = box->prepare(send(std::move(arguments)), mark);
    return r ? std::string("accepted") : r.error().code;
  };
  CHECK(refused(with(plain, "subject", "Hi\r\nBcc: eve@example.com")) == "header_injection");
  CHECK(refused(with(plain, "subject", "Hi\nthere")) == "header_injection");
  CHECK(refused(with(plain, "to", "ada@example.com\nBcc: eve@example.com")) == "header_injection");
  CHECK(refused(with(plain, "to", {{{"name", "Ada\r\nCc: eve@example.com"}, {"address", "ada@example.com"}}})) == "header_injection");
  CHECK(refused(with(plain, "in_reply_to", "<a@b>\r\nBcc: eve@example.com")) == "header_injection");
  CHECK(refused(with(plain, "in_reply_to", "two words")) == "bad_text");
  CHECK(refused(with(plain, "references", {"a@b", "c@d\nX: y"})) == "header_injection");
  CHECK(refused(with(plain, "to", boost::json::array{})) == "no_recipient");
  CHECK(refused(with(plain, "to", "ada@example.com, eve@example.com")) == "bad_mail_address");
  CHECK(refused(with(plain, "bcc", {"eve@example.com"})) == "hidden_recipients");
  CHECK(refused(with(plain, "body", json(boost::json::string("a\0b", 3)))) == "bad_text");
  CHECK(refused(with(plain, "body", "\xff")) == "bad_text");
  CHECK(refused(with(plain, "attachments", {{{"name", "../../etc/passwd"}, {"text", ""}}})) == "bad_text");
  CHECK(refused(with(plain, "attachments", {{{"name", "invoice\u202Efdp.exe"}, {"text", ""}}})) == "bad_text");
  CHECK(refused(with(plain, "attachments", {{{"name", "a"}, {"text", ""}, {"type", "text/html; x=y"}}})) == "bad_text");
  CHECK(refused(with(plain, "body", json(std::string(3'000'000, 'x')))) == "mail_too_large");
  boost::json::array many;
  for (int i = 0; i < 51; ++i) many.push_back(json("a" + std::to_string(i) + "@example.com"));
  CHECK(refused(with(plain, "to", many)) == "too_many_recipients");
  CHECK(box->prepare({"mailbox.burn", plain}, mark).error().code == "unknown_action");
  CHECK(box->prepare(send(plain), {"../x", mark.time}).error().code == "bad_effect_key");
}

TEST_CASE("a mail reaches each person once, however often and however he is named") {
  scratch here;
  const auto mail = mailbox(here)->prepare(send({{"to", {"ada@example.com", "Ada <ADA@Example.com>"}}, {"cc", {"ada@example.com"}}, {"subject", ""}, {"body", ""}}), mark);
  REQUIRE(mail);
  CHECK(mail->recipients == std::vector<std::string>{"mailbox:ada@example.com"});
}

TEST_CASE("a name that looks like an address is shown to be a name") {
  scratch here;
  const auto mail = mailbox(here)->prepare(send(with(plain, "to", {{{"name", "boss@example.com>, Team"}, {"address", "eve@example.net"}}})), mark);
  REQUIRE(mail);
  CHECK(mail->recipients == std::vector<std::string>{"mailbox:eve@example.net"});
  CHECK(mail->preview.starts_with("To: \"boss@example.com>, Team\" <eve@example.net>\n"));
}

TEST_CASE("a mail is handed over once, whatever operation it is killed at and whatever is collected meanwhile") {
  // At each operation of perform: cut it in six ways, with a collector that runs after every single operation or only at the
  // end. Then do what the engine does: look up, and perform again only when the answer is "it did not happen".
  const auto disk = make_system_disk();
  const json arguments = with(plain, "body", json(std::string(5000, 'x')));
  int points = 0;
  for (const bool eager : {false, true}) {
    for (const auto how : {cut_kind::fails_once, cut_kind::fails_for_good, cut_kind::reports_failure, cut_kind::killed_before, cut_kind::killed_halfway, cut_kind::killed_after}) {
      bool reached = true;
      for (int at = 0; reached; ++at) {
        scratch here;
        const auto mail = mailbox(here)->prepare(send(arguments), mark).value();
        collector world{here / "mail/outbox", {}};
        INFO("cut " << to_word(how) << " at operation " << at << (eager ? ", eager collector" : ""));
        answer first;
        {
          conformance_disk cut(*disk, how, at, eager ? std::function<void()>([&] { world.collect(); }) : nullptr);
          outside out{cut};
          try {
            first = mailbox(here)->perform(mail, out);
          } catch (const process_killed&) {
          }
          reached = cut.was_cut();
        }
        points += reached;
        outside out{*disk};
        const auto box = mailbox(here);
        const auto outcome = box->read(mail, first);
        if (first.nothing_sent) CHECK(world.sent.empty());
        if (outcome.kind == outcome_kind::confirmed) CHECK((world.collect(), world.sent.size()) == 1);
        for (int turns = 0;; ++turns) {
          REQUIRE(turns < 3);
          const auto known = box->read(mail, box->look_up(mail, out));
          REQUIRE(known.kind != outcome_kind::in_doubt);  // after any crash the disk itself says what happened
          if (known.kind == outcome_kind::confirmed) break;
          CHECK(world.sent.empty());  // "not sent" is the truth
          box->perform(mail, out);
          if (eager) world.collect();
        }
        box->perform(mail, out);  // one too many does no harm
        world.collect();
        CHECK(world.sent == std::map<std::string, int>{{mail.bytes, 1}});
        CHECK(disk->list((here / "mail/outbox/tmp").string()).empty());
        CHECK(slurp(here / "mail/outbox/.Sent/cur/k3f2a9c:2,S") == mail.bytes);
      }
    }
  }
  CHECK(points == 60);
}

TEST_CASE("a half-written mail of another attempt is never handed over") {
  scratch here;
  const auto disk = make_system_disk();
  outside out{*disk};
  const auto box = mailbox(here);
  const auto mail = box->prepare(send(plain), mark).value();
  put(here / "mail/outbox/tmp/k3f2a9c", "half a ma");
  fs::create_directories(here / "mail/outbox/.Sent/cur");
  fs::create_hard_link(here / "mail/outbox/tmp/k3f2a9c", here / "mail/outbox/.Sent/cur/k3f2a9c:2,S");
  CHECK(box->read(mail, box->look_up(mail, out)).kind == outcome_kind::failed);
  CHECK(box->perform(mail, out).complete);
  CHECK(slurp(here / "mail/outbox/new/k3f2a9c") == mail.bytes);
  CHECK(slurp(here / "mail/outbox/.Sent/cur/k3f2a9c:2,S") == mail.bytes);
}

TEST_CASE("a look-up on a disk that does not answer says that nobody knows") {
  scratch here;
  const auto disk = make_system_disk();
  const auto box = mailbox(here);
  const auto mail = box->prepare(send(plain), mark).value();
  conformance_disk dead(*disk, cut_kind::fails_for_good, 0);
  outside out{dead};
  CHECK(box->read(mail, box->look_up(mail, out)).kind == outcome_kind::in_doubt);
}

TEST_CASE("a mail that arrives is read as what it says") {
  scratch here;
  const auto disk = make_system_disk();
  outside out{*disk};
  const auto box = mailbox(here);
  CHECK(box->poll(out, 10)->empty());
  put(here / "mail/inbox/new/200.b.host", "Message-ID: <later@example.com>\nFrom: bob@example.com\n\nsecond\n");
  put(here / "mail/inbox/new/100.a.host",
      "Message-ID: <q1@example.com>\r\nFrom: =?utf-8?q?Ada_L=C3=B6velace?= <Ada@Example.com>\r\nTo: grace@example.com, Team <team@example.com>\r\n"
      "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\nDate: Tue, 24 Nov 2026 10:30:00 +0100\r\nIn-Reply-To: <k1@example.com>\r\nReferences: <k0@example.com>\r\n <k1@example.com>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>html</p>\r\n"
      "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsch=F6n\r\n"
      "--b\r\nContent-Type: text/csv; name=\"../x.csv\"\r\nContent-Disposition: attachment; filename=\"../x.csv\"\r\n\r\n1;2\r\n--b--\r\n");
  put(here / "mail/inbox/new/.hidden", "From: eve@example.com\n\n");
  const auto mails = box->poll(out, 10).value();
  REQUIRE(mails.size() == 2);
  CHECK(mails[0].natural_key == "q1@example.com");
  CHECK(mails[1].natural_key == "later@example.com");
  CHECK((mails[0].labels & label_untrusted) != 0);
  CHECK(canonical(mails[0].body) ==
        R"({"attachments":[{"name":"x.csv","size":3,"type":"text/csv"}],"date":"2026-11-24T09:30:00.000000Z","from":"ada@example.com","from_name":"Ada Lövelace",)"
        R"("in_reply_to":"k1@example.com","message_id":"q1@example.com","references":["k0@example.com","k1@example.com"],"subject":"Grüße","text":"schön",)"
        R"("to":["grace@example.com","team@example.com"]})");
  CHECK(box->poll(out, 1)->size() == 1);
  REQUIRE(box->acknowledge(out, mails[0].receipt));
  CHECK(fs::exists(here / "mail/inbox/cur/100.a.host:2,S"));
  CHECK(box->poll(out, 10)->size() == 1);
  CHECK(box->acknowledge(out, mails[0].receipt));  // a second time does no harm
  for (const char* bad : {"", "..", "../../mail/outbox/x", ".hidden"}) CHECK(box->acknowledge(out, bad).error().code == "path_climbs_out");
}

TEST_CASE("a mail without an id is known by its bytes") {
  scratch here;
  const auto disk = make_system_disk();
  outside out{*disk};
  put(here / "mail/inbox/new/1", "Subject: a\n\n");
  put(here / "mail/inbox/new/2", "Subject: b\n\n");
  put(here / "mail/inbox/new/3", "Subject: a\n\n");
  const auto mails = mailbox(here)->poll(out, 10).value();
  REQUIRE(mails.size() == 3);
  CHECK(mails[0].natural_key == mails[2].natural_key);
  CHECK(mails[0].natural_key != mails[1].natural_key);
}

TEST_CASE("mail that was made to break its reader is read as clean text of bounded size") {
  scratch here;
  const auto disk = make_system_disk();
  outside out{*disk};
  const auto box = mailbox(here);
  std::string nested = "Content-Type: multipart/mixed; boundary=\"b0\"\n\n";
  for (int i = 0; i < 3000; ++i) nested += "--b" + std::to_string(i) + "\nContent-Type: multipart/mixed; boundary=\"b" + std::to_string(i + 1) + "\"\n\n";
  const std::string nul(1, '\0');
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += char(i);
  const std::pair<const char*, std::string> mails[] = {
      {"no header", "just words"},
      {"only a line end", "\n"},
      {"NULs", "From: a" + nul + "b@example.com\nSubject: x" + nul + "y\n\nte" + nul + "xt\n"},
      {"all bytes", all_bytes + "\n\n" + all_bytes},
      {"a header of 1 MB", "Subject: " + std::string(1'000'000, 's') + "\n\nx"},
      {"a line of 1 MB", "Subject: x\n\n" + std::string(1'000'000, 'l')},
      {"nested parts", nested},
      {"a boundary that never comes", "Content-Type: multipart/mixed; boundary=zz\n\nno part"},
      {"no boundary at all", "Content-Type: multipart/mixed\n\n--\nx\n----"},
      {"unknown charset", "Content-Type: text/plain; charset=klingon\n\n\xff\xfe q\n"},
      {"a charset that is a path", "Content-Type: text/plain; charset=\"../../etc/passwd\"\n\nx\n"},
      {"charset UTF-16 with half a character", "Content-Type: text/plain; charset=utf-16le\n\nA"},
      {"said UTF-8 and is not", "Content-Type: text/plain; charset=utf-8\n\n\xc3\x28 \xff\n"},
      {"broken base64", "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!====\n"},
      {"broken encoded words", "Subject: =?utf-8?q?=ZZ?= =?bogus?x?y?= =?utf-8?b?////?=\nFrom: =?utf-8?q?=0D=0AX:_y?= <a@example.com>\n\n"},
      {"recipients without end", "To: " + std::string(200'000, ',') + "a@example.com\nFrom: " + std::string(100'000, '<') + "\n\nx"},
      {"comments without end", "From: " + std::string(100'000, '(') + "\nDate: " + std::string(100'000, '(') + "\n\nx"},
      {"a date that is none", "Date: Tue, 99 Nov 99999999999999 99:99:99 +9999\n\nx"},
      {"HTML without end", "Content-Type: text/html\n\n" + std::string(300'000, '<')},
      {"a mail in a mail in a mail", "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: inner\n\nx"},
  };
  int i = 0;
  for (const auto& [name, bytes] : mails) put(here / "mail/inbox/new" / std::to_string(100 + i++), bytes);
  put(here / "mail/inbox/new/99", "");  // somebody writes it in place: it is left until it is there
  const auto read = box->poll(out, 1000).value();
  REQUIRE(read.size() == std::size(mails));
  for (std::size_t n = 0; n < read.size(); ++n) {
    INFO(mails[n].first);
    const auto text = canonical(read[n].body);
    CHECK(parse_json(text));  // also says that it is valid UTF-8
    CHECK(text.size() < 300'000);
    for (int c = 0; c < 0x20; ++c)
      if (c != '\n' && c != '\t') CHECK(text.find("\\u00" + std::string(1, "0123456789abcdef"[c >> 4]) + "0123456789abcdef"[c & 15]) == std::string::npos);
    CHECK_FALSE(read[n].natural_key.empty());
    CHECK(text_at(read[n].body, "from_name").find('\n') == std::string::npos);
    CHECK(text_at(read[n].body, "subject").size() <= 1000);
  }
  CHECK(text_at(read[5].body, "text").find("[The mail goes on; 800000 more bytes were left out.]") != std::string::npos);
}

TEST_CASE("a mail too large to read is announced and not read") {
  scratch here;
  const auto disk = make_system_disk();
  put(here / "mail/inbox/new/1", "Subject: x\n\n");
  fs::resize_file(here / "mail/inbox/new/1", 3'000'000'000);  // a sparse file
  conformance_disk watched(*disk);
  outside out{watched};
  const auto mails = mailbox(here)->poll(out, 10).value();
  REQUIRE(mails.size() == 1);
  CHECK(text_at(mails[0].body, "subject") == "A mail of 3000 MB was not read");
}

TEST_CASE("one mail that can't be read does not stand in the way of the next") {
  scratch here;
  const auto disk = make_system_disk();
  put(here / "mail/inbox/new/1", "Subject: a\n\n");
  put(here / "mail/inbox/new/2", "Subject: b\n\n");
  conformance_disk cut(*disk, cut_kind::fails_once, 3);  // list, is_folder, size, read
  outside out{cut};
  const auto mails = mailbox(here)->poll(out, 10).value();
  REQUIRE(mails.size() == 1);
  CHECK(text_at(mails[0].body, "subject") == "b");
  conformance_disk dead(*disk, cut_kind::fails_for_good, 1);
  outside nowhere{dead};
  CHECK(mailbox(here)->poll(nowhere, 10).error().code == "disk_failed");
}

TEST_CASE("mailbox refuses settings without a usable sender") {
  CHECK_THROWS_AS(mailbox_entry().make({{"from", {{"address", "nobody"}}}}, "/"), error_thrown);
}
