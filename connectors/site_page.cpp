#include "connectors/site_page.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/site_markdown.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr std::string_view html_mark = "<meta name=\"generator\" content=\"Steward\">";
constexpr std::string_view feed_mark = "<generator>Steward</generator>";

// One column that a phone can show, the reader's own font and colours light or dark. All contrasts are above 7:1 (WCAG AAA).
constexpr std::string_view style = R"(<style>
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#4a5058;--paper:#fdfdfb;--line:#d9dad5;--link:#0b4f8a;--code:#f1f1ec}
@media (prefers-color-scheme:dark){:root{--ink:#e9e8e3;--soft:#b9bcc0;--paper:#16181b;--line:#3a3e43;--link:#9ccbff;--code:#22252a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:42rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.65 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem}
header,footer{color:var(--soft);font-size:.95rem}header{margin-bottom:2.5rem}footer{margin-top:4rem;border-top:1px solid var(--line);padding-top:1rem}
h1,h2,h3,h4{line-height:1.25;margin:2.2em 0 .6em;text-wrap:balance}h1{font-size:2rem;margin-top:0}h2{font-size:1.4rem}h3{font-size:1.15rem}
.date,.lead{color:var(--soft)}.lead{font-size:1.15rem}
img{max-width:100%;height:auto}
pre,code{font-family:ui-monospace,monospace;font-size:.92em;background:var(--code);border-radius:4px}code{padding:.1em .3em}pre{padding:1rem;overflow-x:auto;overflow-wrap:normal}pre code{padding:0}
blockquote{margin:1.5em 0;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse}th,td{border-bottom:1px solid var(--line);padding:.4rem .8rem .4rem 0;text-align:left}.center{text-align:center}.right{text-align:right}
hr{border:0;border-top:1px solid var(--line);margin:2.5em 0}
.pages{list-style:none;padding:0}.pages li{margin:0 0 2rem}.pages h2{margin:0 0 .2rem}.pages p{margin:.2rem 0}
@media print{body{max-width:none}header nav,.skip{display:none}}
</style>
)";

std::string rfc3339(time_point t) {
  auto text = to_text(std::chrono::floor<std::chrono::seconds>(t));
  return text.substr(0, 19) + "Z";
}

/// "../../" for "2026/11/update.html".
std::string to_top(std::string_view path) {
  std::string up;
  for (const char c : path)
    if (c == '/') up += "../";
  return up.empty() ? "./" : up;
}

/// No script runs on these pages, whatever stands in them.
std::string head(const site_settings& site, const std::string& title, const std::string& top, std::string_view description) {
  auto out = fmt::format("<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", escaped(site.language));
  out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src * file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n";
  out += fmt::format("<title>{}</title>\n{}\n", escaped(title), html_mark);
  if (!description.empty()) out += fmt::format("<meta name=\"description\" content=\"{}\">\n", escaped(description));
  out += fmt::format("<link rel=\"alternate\" type=\"application/atom+xml\" title=\"{}\" href=\"{}feed.xml\">\n", escaped(site.title), top);
  out += style;
  out += "</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n";
  return out;
}

std::string foot(const site_settings& site, const std::string& top) {
  return fmt::format("<footer><p>{} · <a href=\"{}feed.xml\">Feed</a></p></footer>\n</body>\n</html>\n", escaped(site.author), top);
}

std::string time_element(time_point t) { return fmt::format("<time datetime=\"{}\">{}</time>", to_text(t).substr(0, 10), day_in_words(t)); }

}  // namespace

std::string day_in_words(time_point t) {
  constexpr std::array months{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(t)};
  return fmt::format("{} {} {}", unsigned(day.day()), months[unsigned(day.month()) - 1], int(day.year()));
}

std::string urn_of(std::string_view kind, std::string_view name) {
  auto d = digest_of({kind, name});
  d[6] = std::uint8_t((d[6] & 0x0f) | 0x80);  // version 8: our own rule
  d[8] = std::uint8_t((d[8] & 0x3f) | 0x80);
  const auto hex = to_hex(d);
  return fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20, 12));
}

std::string url_of(const site_settings& site, std::string_view path) { return site.base_url + std::string(path); }

std::string site_page(const site_settings& site, const published_page& entry, std::string_view html) {
  const auto top = to_top(entry.path);
  auto out = head(site, entry.title + " · " + site.title, top, entry.summary);
  out += fmt::format("<header><nav aria-label=\"Site\"><a href=\"{}index.html\">{}</a></nav></header>\n<main id=\"content\">\n<article>\n", top, escaped(site.title));
  out += fmt::format("<h1>{}</h1>\n<p class=\"date\">{}</p>\n", escaped(entry.title), time_element(entry.published));
  if (!entry.summary.empty()) out += fmt::format("<p class=\"lead\">{}</p>\n", escaped(entry.summary));
  out += html;
  out += "</article>\n</main>\n" + foot(site, top);
  return out;
}

std::string site_index(const site_settings& site, const std::vector<published_page>& newest_first) {
  auto out = head(site, site.title, "./", "");
  out += fmt::format("<main id=\"content\">\n<h1>{}</h1>\n", escaped(site.title));
  if (newest_first.empty()) out += "<p>Nothing has been published yet.</p>\n";
  else out += "<ul class=\"pages\">\n";
  for (const auto& entry : newest_first) {
    out += fmt::format("<li><h2><a href=\"{}\">{}</a></h2><p class=\"date\">{}</p>", escaped(entry.path), escaped(entry.title), time_element(entry.published));
    if (!entry.summary.empty()) out += fmt::format("<p>{}</p>", escaped(entry.summary));
    out += "</li>\n";
  }
  if (!newest_first.empty()) out += "</ul>\n";
  out += "</main>\n" + foot(site, "./");
  return out;
}

std::string site_feed(const site_settings& site, const std::vector<feed_item>& newest_first, time_point updated) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"" + escaped(site.language) + "\">\n";
  out += fmt::format("<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n{}\n", urn_of("steward site feed", site.base_url), escaped(site.title), rfc3339(updated),
                     escaped(site.author), feed_mark);
  out += fmt::format("<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n", escaped(url_of(site, "feed.xml")),
                     escaped(url_of(site, "index.html")));
  for (const auto& [entry, html] : newest_first) {
    const auto url = escaped(url_of(site, entry.path));
    out += fmt::format("<entry>\n<id>{}</id>\n<title>{}</title>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n<published>{}</published>\n<updated>{}</updated>\n", entry.id,
                       escaped(entry.title), url, rfc3339(entry.published), rfc3339(entry.updated));
    if (!entry.summary.empty()) out += fmt::format("<summary>{}</summary>\n", escaped(entry.summary));
    // The base lets a reader resolve the page's relative links.
    out += fmt::format("<content type=\"html\" xml:base=\"{}\">{}</content>\n</entry>\n", url, escaped(html));
  }
  return out + "</feed>\n";
}

bool is_our_index(std::string_view bytes) { return bytes.substr(0, 2000).find(html_mark) != std::string_view::npos; }
bool is_our_feed(std::string_view bytes) { return bytes.substr(0, 4000).find(feed_mark) != std::string_view::npos; }

}  // namespace steward
