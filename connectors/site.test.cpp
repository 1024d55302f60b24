#include "connectors/site.hpp"

#include <filesystem>
#include <fstream>

#include "connectors/conformance.hpp"
#include "connectors/conformance_disk.hpp"
#include "connectors/site_markdown.hpp"
#include "connectors/scratch.test.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

json value(std::string_view text) { return parse_json(text).value(); }

std::string scratch(const std::string& name) { return scratch_folder("site-" + name); }

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const json settings = value(R"({"title":"Acme <News>","base_url":"https://example.com/news","author":"Acme & Co"})");
const time_point morning = parse_time("2026-11-21T09:00:00Z").value();

action_call publish(const std::string& path, const std::string& title, const std::string& markdown = "Hello *world*.") {
  return {"site.publish", {{"path", path}, {"title", title}, {"summary", "Short & good."}, {"markdown", markdown}}};
}

/// A site in a folder of its own, and the ways to use it.
struct bench {
  explicit bench(const std::string& name, const json& with = settings) : folder(scratch(name)), site(site_entry().make(with, folder)), disk(make_system_disk()) {}

  request prepared(const action_call& call, const std::string& key, time_point at = morning) { return site->prepare(call, {key, at}).value(); }
  outcome done(const action_call& call, const std::string& key, time_point at = morning) {
    const auto what = prepared(call, key, at);
    outside doors{*disk};
    return site->read(what, site->perform(what, doors));
  }
  std::string file(const std::string& path) const { return slurp(folder + "/site/" + path); }
  bool has(const std::string& path) const { return fs::exists(folder + "/site/" + path); }

  std::string folder;
  std::unique_ptr<connector> site;
  std::unique_ptr<steward::disk> disk;
};

/// What a visitor sees: the pages, the index's links, the feed's entries.
std::string visitor(const std::string& workspace) {
  std::vector<std::string> seen;
  const fs::path root = fs::path(workspace) / "site";
  if (!fs::exists(root)) return "";
  for (const auto& item : fs::recursive_directory_iterator(root)) {
    const auto name = fs::relative(item.path(), root).string();
    if (!item.is_regular_file() || name.starts_with(".entries") || name.find(".tmp-") != name.npos) continue;
    const auto bytes = slurp(item.path());
    if (name == "index.html" || name == "feed.xml") {
      const std::string open = name == "feed.xml" ? "<entry>" : "<li>", close = name == "feed.xml" ? "</entry>" : "</li>";
      for (auto at = bytes.find(open); at != bytes.npos; at = bytes.find(open, at + 1)) seen.push_back(name + " " + bytes.substr(at, bytes.find(close, at) - at));
    } else {
      seen.push_back(name + " " + bytes);
    }
  }
  std::sort(seen.begin(), seen.end());
  std::string out;
  for (const auto& one : seen) out += one + "\n";
  return out;
}

conformance_samples samples() {
  conformance_samples s;
  s.settings = settings;
  s.world = visitor;
  s.arrange = [](const std::string& workspace) {
    auto site = site_entry().make(settings, workspace);
    const auto disk = make_system_disk();
    outside doors{*disk};
    site->perform(site->prepare(publish("2026/10/first.html", "The first"), {"k0first", morning}).value(), doors);
  };
  s.calls = {publish("2026/11/update.html", "A new page", "# A new page\n\nIt has [a link](https://example.com) and a list:\n\n- one\n- two"),
             publish("2026/10/first.html", "The first, again"),
             {"site.unpublish", {{"path", "2026/10/first.html"}, {"version", "k0first"}}},
             {"site.list", {{"limit", 10}}}};
  for (const char* path : {"../x.html", "/x.html", "a/../x.html", "a//x.html", ".x.html", "a/.x.html", "x.htm", "x.html.php", "index.html", "a b.html", "ä.html", "x%2e.html", "a/.html", "feed.xml", "C:\\x.html", ".entries/pages.html"})
    s.traps.push_back({std::string("the path ") + path, publish(path, "Title")});
  s.traps.push_back({"a title of blanks", publish("x.html", " \t ")});
  s.traps.push_back({"a date that is none", {"site.publish", {{"path", "x.html"}, {"title", "T"}, {"markdown", "x"}, {"date", "next week"}}}});
  s.harm = [](const action_call&, const request& made) -> std::string {
    if (made.action != "site.publish") return {};
    const auto page = text_at(parse_json(made.bytes).value(), "page");
    if (page.find("<script") != page.npos || page.find("<img src=x") != page.npos) return "the page holds the reader's own HTML";
    return made.recipients.size() == 1 && made.recipients[0].starts_with("site:/") ? "" : "it does not say which page it makes";
  };
  return s;
}

}  // namespace

TEST_CASE("site passes the conformance suite") {
  const auto report = check_conformance(site_entry(), samples(), scratch("conformance"));
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 500);
  for (const auto& code : report.error_codes) {
    CAPTURE(code);
    CHECK(fs::exists(fs::path(STEWARD_SOURCE_DIR) / "docs/errors" / (code + ".md")));
  }
}

TEST_CASE("site writes the page that was approved, byte for byte, and lists it") {
  bench b("publish");
  const auto what = b.prepared(publish("2026/11/update.html", "Faster & safer", "# Faster & safer\n\nText."), "k1");
  const auto said = b.done(publish("2026/11/update.html", "Faster & safer", "# Faster & safer\n\nText."), "k1");
  CHECK(said.kind == outcome_kind::confirmed);
  CHECK(said.answer == value(R"({"path":"2026/11/update.html","url":"https://example.com/news/2026/11/update.html","title":"Faster & safer"})"));
  const auto page = b.file("2026/11/update.html");
  CHECK(page == text_at(value(what.bytes), "page"));
  CHECK(what.recipients == std::vector<std::string>{"site:/2026/11/update.html"});
  CHECK_THAT(what.preview, Catch::StartsWith("Publish \"Faster & safer\" at https://example.com/news/2026/11/update.html\nDated 21 November 2026, for everyone to read\nShort & good.\n\nText."));
  // The title stands once, and the way back up fits the depth.
  CHECK(page.find("<h1>Faster &amp; safer</h1>") != page.npos);
  CHECK(page.find("<h2>Faster") == page.npos);
  CHECK(page.find("href=\"../../index.html\"") != page.npos);
  CHECK(page.find("<html lang=\"en\">") != page.npos);
  CHECK(page.find("<title>Faster &amp; safer · Acme &lt;News&gt;</title>") != page.npos);
  const auto index = b.file("index.html");
  CHECK(index.find("<a href=\"2026/11/update.html\">Faster &amp; safer</a>") != index.npos);
}

TEST_CASE("site writes a feed that follows RFC 4287") {
  bench b("feed");
  b.done(publish("a.html", "One", "Hi <b>you</b>"), "k1", morning);
  b.done(publish("b.html", "Two"), "k2", morning + std::chrono::hours{1});
  const auto feed = b.file("feed.xml");
  for (const char* part : {"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"", "<title>Acme &lt;News&gt;</title>", "<author><name>Acme &amp; Co</name></author>",
                           "<updated>2026-11-21T10:00:00Z</updated>", "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://example.com/news/feed.xml\"/>",
                           "<link rel=\"alternate\" type=\"text/html\" href=\"https://example.com/news/a.html\"/>", "<published>2026-11-21T09:00:00Z</published>",
                           "&lt;p&gt;Hi &amp;lt;b&amp;gt;you&amp;lt;/b&amp;gt;&lt;/p&gt;"}) {
    CAPTURE(part);
    CHECK(feed.find(part) != feed.npos);
  }
  CHECK(feed.find("<title>Two</title>") < feed.find("<title>One</title>"));
}

TEST_CASE("site keeps a page's feed id when the page is published again") {
  bench b("ids");
  const auto id_of = [](const request& r) { return text_at(*at_path(value(r.bytes), "entry"), "id"); };
  const auto first = id_of(b.prepared(publish("a.html", "One"), "k1")), again = id_of(b.prepared(publish("a.html", "Other"), "k2", morning + std::chrono::hours{5}));
  CHECK(first == again);
  CHECK(first != id_of(b.prepared(publish("b.html", "One"), "k3")));
  CHECK_THAT(first, Catch::Matches("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST_CASE("site orders its index by the date that a page carries") {
  bench b("order");
  auto old = publish("old.html", "Old");
  old.arguments.as_object()["date"] = "2025-01-01";
  b.done(publish("new.html", "New"), "k1");
  b.done(old, "k2", morning + std::chrono::hours{1});
  const auto list = b.done({"site.list", boost::json::object{}}, "k3").answer;
  CHECK(at_path(list, "total")->as_int64() == 2);
  CHECK(text_at(at_path(list, "pages")->at(0), "path") == "new.html");
  CHECK(text_at(at_path(list, "pages")->at(1), "published") == "2025-01-01T00:00:00.000000Z");
  const auto index = b.file("index.html");
  CHECK(index.find("new.html") < index.find("old.html"));
}

TEST_CASE("site takes a page back and shows the version before it") {
  bench b("undo");
  const auto first = b.done(publish("a.html", "One", "first words"), "k1");
  const auto second = b.done(publish("a.html", "Two", "second words"), "k2");
  REQUIRE(second.undo);
  CHECK(b.file("a.html").find("second words") != std::string::npos);

  const auto undone = b.done(*second.undo, "k3");
  CHECK(undone.answer == value(R"({"path":"a.html","restored":true})"));
  CHECK(b.file("a.html").find("first words") != std::string::npos);
  CHECK(b.file("feed.xml").find("first words") != std::string::npos);

  // The same effect again takes nothing more away; a late repeat of the publication brings nothing back.
  CHECK(b.done(*second.undo, "k3").kind == outcome_kind::confirmed);
  CHECK(b.done(publish("a.html", "Two", "second words"), "k2").kind == outcome_kind::confirmed);
  CHECK(b.file("a.html").find("first words") != std::string::npos);

  CHECK(b.done(*first.undo, "k4").answer == value(R"({"path":"a.html","restored":false})"));
  CHECK_FALSE(b.has("a.html"));
  CHECK(b.file("index.html").find("Nothing has been published yet") != std::string::npos);
  CHECK(b.file("feed.xml").find("<entry>") == std::string::npos);
  const auto third = b.done({"site.unpublish", {{"path", "a.html"}}}, "k5");
  CHECK(third.kind == outcome_kind::refused);
  CHECK(third.sentence == "a.html is not on the site any more");
}

TEST_CASE("site undoes the publication that is named, not the one that came later") {
  bench b("undo-older");
  const auto first = b.done(publish("a.html", "One", "first words"), "k1");
  b.done(publish("a.html", "Two", "second words"), "k2");
  CHECK(b.done(*first.undo, "k3").kind == outcome_kind::confirmed);
  CHECK(b.file("a.html").find("second words") != std::string::npos);
}

TEST_CASE("site overwrites nothing that someone else wrote") {
  bench b("foreign");
  fs::create_directories(b.folder + "/site");
  std::ofstream(b.folder + "/site/about.html") << "by hand";
  const auto page = b.done(publish("about.html", "About"), "k1");
  CHECK(page.kind == outcome_kind::refused);
  CHECK(page.sentence == "about.html was written or changed by someone else; move it away to publish here");
  CHECK(b.file("about.html") == "by hand");

  CHECK(b.done(publish("a.html", "One"), "k2").kind == outcome_kind::confirmed);
  std::ofstream(b.folder + "/site/a.html") << "mended by hand";
  CHECK(b.done(publish("a.html", "Two"), "k3").kind == outcome_kind::refused);
  CHECK(b.done({"site.unpublish", {{"path", "a.html"}}}, "k4").kind == outcome_kind::refused);
  CHECK(b.file("a.html") == "mended by hand");

  bench other("foreign-index");
  fs::create_directories(other.folder + "/site");
  std::ofstream(other.folder + "/site/index.html") << "<h1>Our site</h1>";
  CHECK(other.done(publish("a.html", "One"), "k1").kind == outcome_kind::refused);
  CHECK(other.file("index.html") == "<h1>Our site</h1>");
}

TEST_CASE("site follows no symbolic link out of its folder") {
  bench b("links");
  fs::create_directories(b.folder + "/site");
  fs::create_directories(b.folder + "/elsewhere");
  fs::create_directory_symlink(b.folder + "/elsewhere", b.folder + "/site/2026");
  const auto said = b.done(publish("2026/a.html", "One"), "k1");
  CHECK(said.kind == outcome_kind::refused);
  CHECK(fs::is_empty(b.folder + "/elsewhere"));
}

TEST_CASE("site refuses a key that comes back with other bytes") {
  bench b("key");
  CHECK(b.done(publish("a.html", "One"), "k1").kind == outcome_kind::confirmed);
  const auto said = b.done(publish("a.html", "Two"), "k1");
  CHECK(said.kind == outcome_kind::refused);
  CHECK(b.file("a.html").find("<h1>One</h1>") != std::string::npos);
}

TEST_CASE("site works without an address of its own") {
  bench b("relative", boost::json::object{});
  const auto said = b.done(publish("2026/a.html", "One"), "k1");
  CHECK(text_at(said.answer, "url") == "2026/a.html");
  CHECK(b.file("feed.xml").find("href=\"2026/a.html\"") != std::string::npos);
  CHECK_THROWS_AS(site_entry().make({{"base_url", "javascript:alert(1)"}}, b.folder), error_thrown);
}

TEST_CASE("site says in words when its catalogue is broken and leaves the pages alone") {
  bench b("broken");
  b.done(publish("a.html", "One"), "k1");
  std::ofstream(b.folder + "/site/.entries/pages.json") << "{\"pages\":";
  const auto what = b.prepared(publish("b.html", "Two"), "k2");
  outside doors{*b.disk};
  const auto came_back = b.site->perform(what, doors);
  CHECK(came_back.trouble.code == "site_catalogue_broken");
  CHECK_FALSE(b.has("b.html"));
  CHECK(b.has("a.html"));
}
