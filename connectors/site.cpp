#include "connectors/site.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/plain_key.hpp"
#include "connectors/site_markdown.hpp"
#include "connectors/site_page.hpp"
#include "connectors/site_store.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t path_max = 200, title_max = 200, summary_max = 1'000;  // bytes
constexpr std::size_t markdown_max = 500'000;                                // bytes: a book's chapter

json schema(std::string_view text) { return parse_json(text).value(); }

connector_manifest site_manifest() {
  connector_manifest m;
  m.name = "site";
  m.summary = "Pages in a folder, with an index and an Atom feed";
  m.version = "1";
  m.settings = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "folder": {"type": "string", "minLength": 1, "description": "where the pages go; default site"},
      "title": {"type": "string", "minLength": 1, "maxLength": 200, "description": "of index and feed; default Updates"},
      "base_url": {"type": "string", "pattern": "^https?://.*[^/]$", "description": "where the folder can be reached, such as https://example.com/news, without a slash at its end; without it links are relative"},
      "author": {"type": "string", "minLength": 1, "maxLength": 200, "description": "default The company"},
      "language": {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", "description": "of the pages, such as en or de-CH; default en"}
    }})");
  action_manifest publish;
  publish.name = "site.publish";
  publish.summary = "Publishes a page and lists it in the index and the feed";
  publish.repeats = effect_class::keyed;
  publish.risk = risk_kind::public_;
  publish.undo = "site.unpublish";
  publish.arguments = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path", "title", "markdown"],
    "properties": {
      "path": {"type": "string", "minLength": 6, "maxLength": 200, "description": "below the site's folder, such as 2026/11/update.html"},
      "title": {"type": "string", "minLength": 1, "maxLength": 200},
      "summary": {"type": "string", "maxLength": 1000, "description": "plain text; stands in the index and the feed"},
      "markdown": {"type": "string", "minLength": 1, "maxLength": 500000},
      "date": {"type": "string", "description": "a day such as 2026-11-23 or a moment; default: when it was proposed"}
    }})");
  publish.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path", "url", "title"],
    "properties": {"path": {"type": "string"}, "url": {"type": "string"}, "title": {"type": "string"}}})");
  action_manifest unpublish;
  unpublish.name = "site.unpublish";
  unpublish.summary = "Takes a page off the site; the version that it replaced comes back";
  unpublish.repeats = effect_class::keyed;
  unpublish.risk = risk_kind::public_;
  unpublish.undo = "none";
  unpublish.arguments = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path"],
    "properties": {
      "path": {"type": "string", "minLength": 6, "maxLength": 200},
      "version": {"type": "string", "maxLength": 100, "description": "effect key of the publication to take back; default: the one that shows"}
    }})");
  unpublish.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["path", "restored"],
    "properties": {"path": {"type": "string"}, "restored": {"type": "boolean", "description": "an earlier version shows again"}}})");
  action_manifest list;
  list.name = "site.list";
  list.summary = "The pages that are on the site, newest first";
  list.repeats = effect_class::read_only;
  list.risk = risk_kind::none;
  list.arguments = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 500, "description": "default 50"}}})");
  list.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["pages", "total"],
    "properties": {
      "total": {"type": "integer"},
      "pages": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["path", "url", "title", "summary", "published", "updated"],
        "properties": {"path": {"type": "string"}, "url": {"type": "string"}, "title": {"type": "string"}, "summary": {"type": "string"},
                       "published": {"type": "string"}, "updated": {"type": "string"}}}}
    }})");
  m.actions = {std::move(publish), std::move(unpublish), std::move(list)};
  return m;
}

/// Only letters that need no escaping in a URL and mean one thing on every disk.
result<void> check_path(std::string_view path) {
  const auto fail = [&](std::string code, std::string why) {
    return error{std::move(code), "path", "the path '" + visible_line(front_of(path, 80)) + "' " + why, "a path such as 2026/11/update.html", ""};
  };
  if (path.starts_with('/')) return fail("path_climbs_out", "is absolute");
  for (std::size_t from = 0; from <= path.size();) {
    const auto end = std::min(path.find('/', from), path.size());
    const auto part = path.substr(from, end - from);
    if (part == "..") return fail("path_climbs_out", "climbs out");
    if (part.empty() || part.front() == '.') return fail("bad_page_path", "has an empty or hidden part");
    from = end + 1;
  }
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("._-/").find(c) != std::string_view::npos; });
  if (!plain) return fail("bad_page_path", "holds something else than letters, digits, '.', '_' and '-'");
  if (path.size() > path_max) return fail("bad_page_path", fmt::format("is longer than {} bytes", path_max));
  if (!path.ends_with(".html") || path.ends_with("/.html")) return fail("bad_page_path", "does not end in .html");
  if (path == "index.html") return fail("bad_page_path", "is the site's index");
  return {};
}

result<std::string> line_argument(const json& arguments, std::string_view name, std::size_t most) {
  auto text = cleaned_line(text_at(arguments, name));
  if (text.size() > most) return error{"page_too_large", std::string(name), fmt::format("the {} has {} bytes", name, text.size()), fmt::format("at most {}", most), ""};
  return text;
}

/// "# Title" on the first line says what the page's own heading says already.
std::string_view without_title(std::string_view markdown, std::string_view title) {
  const auto from = markdown.find_first_not_of("\r\n");
  if (from == markdown.npos || !markdown.substr(from).starts_with("# ")) return markdown;
  const auto end = std::min(markdown.find('\n', from), markdown.size());
  return cleaned_line(markdown.substr(from + 2, end - from - 2)) == title ? markdown.substr(end) : markdown;
}

class site final : public connector {
public:
  explicit site(site_settings settings) : settings_(std::move(settings)) {}

  const connector_manifest& manifest() const override {
    static const connector_manifest m = site_manifest();
    return m;
  }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (!is_plain_key(mark.key)) return error{"bad_effect_key", "", "the effect key is '" + visible_line(mark.key) + "'", "lower-case letters and digits", ""};
    if (call.action == "site.publish") return prepare_publish(call.arguments, mark);
    if (call.action == "site.unpublish") return prepare_unpublish(call.arguments, mark);
    if (call.action == "site.list") return request{.action = call.action, .key = mark.key, .bytes = canonical(call.arguments), .preview = "Look which pages are on the site"};
    return error{"unknown_action", call.action, "site has no such action", "site.publish, site.unpublish or site.list", ""};
  }

  answer perform(const request& what, outside& out) override {
    if (!is_plain_key(what.key)) return {.nothing_sent = true, .trouble = {"bad_effect_key", "", "the effect key is no plain word", "", ""}};
    site_store store(out.files, settings_);
    if (what.action == "site.list") {
      const auto pages = store.pages();
      if (!pages) return {.nothing_sent = true, .trouble = pages.error()};
      return {.complete = true, .bytes = to_json_text(*pages)};
    }
    const auto receipt = [&]() -> result<site_receipt> {
      if (what.action == "site.publish") return store.publish(what.key, what.bytes);
      const auto withdrawal = from_json_text<site_withdrawal>(what.bytes);
      if (!withdrawal) return withdrawal.error();
      return store.withdraw(what.key, *withdrawal);
    }();
    if (receipt) return {.complete = true, .bytes = to_json_text(*receipt)};
    const auto& trouble = receipt.error();
    if (trouble.code == "path_climbs_out") return {.complete = true, .bytes = to_json_text(site_receipt{.refusal = to_sentence(trouble)})};
    return {.nothing_sent = store.untouched_by(what.key), .trouble = trouble};
  }

  outcome read(const request& what, const answer& came_back) const override {
    if (!came_back.complete) {
      const auto why = came_back.trouble.code.empty() ? std::string("the answer was lost") : to_sentence(came_back.trouble);
      if (came_back.nothing_sent) return {.kind = outcome_kind::failed, .sentence = "nothing was changed: " + why};
      return {.kind = outcome_kind::in_doubt, .sentence = "the site may be changed in part; a repeat completes it: " + why};
    }
    if (what.action == "site.list") return read_list(what, came_back);
    const auto receipt = from_json_text<site_receipt>(came_back.bytes);
    if (!receipt) return {.kind = outcome_kind::in_doubt, .sentence = "the site gave an answer that can't be read"};
    if (!receipt->done) return {.kind = outcome_kind::refused, .sentence = receipt->refusal};
    if (what.action == "site.publish") {
      const auto publication = from_json_text<site_publication>(what.bytes);
      if (!publication) return {.kind = outcome_kind::in_doubt, .sentence = to_sentence(publication.error())};
      const auto& entry = publication->entry;
      return {.kind = outcome_kind::confirmed,
              .answer = {{"path", entry.path}, {"url", url_of(settings_, entry.path)}, {"title", entry.title}},
              .sentence = "published as " + url_of(settings_, entry.path),
              .undo = action_call{"site.unpublish", {{"path", entry.path}, {"version", what.key}}}};
    }
    const auto withdrawal = from_json_text<site_withdrawal>(what.bytes);
    if (!withdrawal) return {.kind = outcome_kind::in_doubt, .sentence = to_sentence(withdrawal.error())};
    return {.kind = outcome_kind::confirmed,
            .answer = {{"path", withdrawal->path}, {"restored", receipt->restored}},
            .sentence = withdrawal->path + (receipt->restored ? " shows an earlier version again" : " is off the site")};
  }

private:
  result<request> prepare_publish(const json& arguments, const effect_mark& mark) const {
    site_publication out;
    out.key = mark.key;
    out.entry.path = text_at(arguments, "path");
    if (auto r = check_path(out.entry.path); !r) return r.error();
    auto title = line_argument(arguments, "title", title_max), summary = line_argument(arguments, "summary", summary_max);
    if (!title) return title.error();
    if (!summary) return summary.error();
    if (title->empty()) return error{"bad_page_title", "title", "the title is empty", "a line of text", ""};
    out.entry.title = std::move(*title);
    out.entry.summary = std::move(*summary);
    const auto markdown = text_at(arguments, "markdown");
    if (markdown.size() > markdown_max) return error{"page_too_large", "markdown", fmt::format("the page has {} bytes", markdown.size()), fmt::format("at most {}", markdown_max), "Make it several pages"};
    out.entry.id = urn_of("steward site entry", settings_.base_url + "\n" + out.entry.path);
    out.entry.updated = mark.time;
    out.entry.published = mark.time;
    if (const auto date = text_at(arguments, "date"); !date.empty()) {
      auto moment = parse_time(date.size() == 10 ? date + "T00:00:00Z" : date);
      if (!moment) return error{"bad_time", "date", "found '" + visible_line(front_of(date, 60)) + "'", "a day such as 2026-11-23, or a moment such as 2026-11-23T09:30:00Z", ""};
      out.entry.published = *moment;
    }
    auto html = html_of_markdown(without_title(markdown, out.entry.title));
    if (!html) return html.error();
    out.html = std::move(*html);
    out.page = site_page(settings_, out.entry, out.html);

    request ready{.action = "site.publish", .key = mark.key, .bytes = to_json_text(out), .recipients = {"site:/" + out.entry.path}};
    ready.preview = fmt::format("Publish \"{}\" at {}\nDated {}, for everyone to read\n", visible_line(out.entry.title), url_of(settings_, out.entry.path), day_in_words(out.entry.published));
    if (!out.entry.summary.empty()) ready.preview += visible_line(out.entry.summary) + "\n";
    ready.preview += "\n" + first_lines(visible_text(text_of_html(out.html)), 12, 300);
    return ready;
  }

  result<request> prepare_unpublish(const json& arguments, const effect_mark& mark) const {
    const site_withdrawal out{mark.key, text_at(arguments, "path"), text_at(arguments, "version"), mark.time};
    if (auto r = check_path(out.path); !r) return r.error();
    if (!out.version.empty() && !is_plain_key(out.version)) return error{"bad_effect_key", "version", "found '" + visible_line(front_of(out.version, 60)) + "'", "the effect key of a publication", ""};
    return request{.action = "site.unpublish", .key = mark.key, .bytes = to_json_text(out), .recipients = {"site:/" + out.path},
                   .preview = fmt::format("Take {} off the site\n{}", url_of(settings_, out.path),
                                          out.version.empty() ? "The version that it replaced, if there is one, shows again" : "Only the publication " + out.version + " is taken back")};
  }

  outcome read_list(const request& what, const answer& came_back) const {
    const auto pages = from_json_text<std::vector<published_page>>(came_back.bytes);
    if (!pages) return {.kind = outcome_kind::failed, .sentence = to_sentence(pages.error())};
    const auto arguments = parse_json(what.bytes);
    const auto* limit = arguments ? at_path(*arguments, "limit") : nullptr;
    const auto most = limit && limit->is_int64() ? std::size_t(std::clamp<std::int64_t>(limit->get_int64(), 1, 500)) : 50;
    boost::json::array list;
    for (const auto& page : *pages) {
      if (list.size() == most) break;
      list.push_back({{"path", page.path}, {"url", url_of(settings_, page.path)}, {"title", page.title}, {"summary", page.summary}, {"published", to_text(page.published)}, {"updated", to_text(page.updated)}});
    }
    const auto shown = list.size();
    return {.kind = outcome_kind::confirmed, .answer = {{"pages", std::move(list)}, {"total", std::int64_t(pages->size())}}, .sentence = fmt::format("{} of {} pages", shown, pages->size())};
  }

  site_settings settings_;
};

std::unique_ptr<connector> make_site(const json& given, const std::string& workspace) {
  site_settings settings;
  const std::filesystem::path folder = text_at(given, "folder", "site");
  settings.folder = (folder.is_absolute() ? folder : workspace / folder).lexically_normal().string();
  settings.title = cleaned_line(text_at(given, "title", settings.title));
  settings.author = cleaned_line(text_at(given, "author", settings.author));
  settings.language = text_at(given, "language", settings.language);
  settings.base_url = text_at(given, "base_url");
  if (!settings.base_url.empty() && (!is_safe_link(settings.base_url, false) || !settings.base_url.starts_with("http")))
    throw error_thrown({"bad_base_url", "connectors.yaml: site.base_url", "found '" + visible_line(settings.base_url) + "'", "an address such as https://example.com/news", ""});
  if (!settings.base_url.empty() && settings.base_url.back() != '/') settings.base_url += '/';
  return std::make_unique<site>(std::move(settings));
}

}  // namespace

connector_entry site_entry() { return {"site", site_manifest(), make_site}; }

}  // namespace steward
