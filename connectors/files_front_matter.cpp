#include "connectors/files_front_matter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t keys_max = 100, items_max = 200;

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

error trouble(std::string what) { return {"", "", std::move(what), "", ""}; }

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= 60 && std::all_of(key.begin(), key.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

/// Takes a quoted text from the front of `text`.
result<json> quoted(std::string_view& text) {
  const char quote = text.front();
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
      continue;
    }
    if (text[at] != quote) continue;
    if (quote == '\'' && at + 1 < text.size() && text[at + 1] == '\'') {
      ++at;
      continue;
    }
    const auto whole = text.substr(0, at + 1);
    text = trimmed(text.substr(at + 1));
    if (quote == '"') {
      auto value = parse_json(whole);
      if (!value) return trouble("a quoted text has an escape that is not known");
      return std::move(*value);
    }
    std::string out;
    for (std::size_t i = 1; i + 1 < whole.size(); ++i) {
      out += whole[i];
      if (whole[i] == '\'') ++i;
    }
    return json(out);
  }
  return trouble("a quoted text is never closed");
}

json bare(std::string_view text) {
  if (text.empty() || text == "null" || text == "~") return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  const bool number_like = (text.front() >= '0' && text.front() <= '9') || (text.front() == '-' && text.size() > 1);
  if (number_like)
    if (auto number = parse_json(text); number && number->is_number()) return std::move(*number);
  return json(text);
}

bool is_comment(std::string_view rest) { return rest.empty() || rest.front() == '#'; }

/// Without a comment: a # after a blank.
std::string_view without_comment(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (text[at] == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')) return trimmed(text.substr(0, at));
  return text;
}

result<json> list(std::string_view text) {
  boost::json::array items;
  text = trimmed(text.substr(1));
  while (true) {
    if (text.empty()) return trouble("a list is never closed");
    if (text.front() == ']') break;
    if (items.size() == items_max) return trouble(fmt::format("a list has more than {} items", items_max));
    if (text.front() == '"' || text.front() == '\'') {
      auto value = quoted(text);
      if (!value) return value.error();
      items.push_back(std::move(*value));
    } else {
      const auto end = std::min(text.find_first_of(",]"), text.size());
      const auto item = trimmed(text.substr(0, end));
      if (item.empty()) return trouble("a list has an empty item");
      if (item.find_first_of("[{") != item.npos) return trouble("a list holds another list or map");
      items.push_back(bare(item));
      text = trimmed(text.substr(end));
    }
    if (!text.empty() && text.front() == ',') text = trimmed(text.substr(1));
    else if (!text.empty() && text.front() != ']') return trouble("between the items of a list a comma is missing");
  }
  if (!is_comment(trimmed(text.substr(1)))) return trouble("something stands behind a list");
  return json(std::move(items));
}

result<json> scalar_or_list(std::string_view text) {
  if (text.empty()) return json(nullptr);
  const char first = text.front();
  if (first == '[') return list(text);
  if (first == '"' || first == '\'') {
    auto value = quoted(text);
    if (value && !is_comment(text)) return trouble("something stands behind a quoted text");
    return value;
  }
  if (std::string_view("{|>&*!%@`").find(first) != std::string_view::npos) return trouble(fmt::format("a value begins with {}, which is YAML that is not read here; quote it if it is a text", first));
  return bare(without_comment(text));
}

result<boost::json::object> front_matter(std::string_view block) {
  boost::json::object out;
  int line = 1;  // the line with --- above
  for (std::size_t at = 0; at < block.size();) {
    const auto end = std::min(block.find('\n', at), block.size());
    const auto full = block.substr(at, end - at);
    const auto text = trimmed(full);
    at = end + 1;
    ++line;
    const auto fail = [&](const std::string& what) { return trouble(fmt::format("line {}: {}", line, what)); };
    if (text.empty() || text.front() == '#') continue;
    if (full.front() == ' ' || full.front() == '\t' || text.starts_with("- ")) return fail("lists and maps over several lines are not read here; write [a, b]");
    const auto colon = text.find(':');
    const auto key = trimmed(text.substr(0, colon));
    if (colon == text.npos || !is_key(key)) return fail("this is no 'key: value'");
    if (colon + 1 < text.size() && text[colon + 1] != ' ' && text[colon + 1] != '\t') return fail("a blank is missing behind the colon");
    if (out.contains(key)) return fail("the key '" + std::string(key) + "' stands here a second time");
    if (out.size() == keys_max) return fail(fmt::format("there are more than {} keys", keys_max));
    auto value = scalar_or_list(trimmed(text.substr(colon + 1)));
    if (!value) return fail(value.error().found);
    out[key] = std::move(*value);
  }
  return out;
}

std::string first_heading(std::string_view text) {
  bool fenced = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```")) fenced = !fenced;
    const auto hashes = line.find_first_not_of('#');
    if (fenced || hashes == line.npos || hashes == 0 || hashes > 6 || line[hashes] != ' ') continue;
    auto heading = trimmed(line.substr(hashes));
    while (!heading.empty() && heading.back() == '#') heading.remove_suffix(1);
    return std::string(trimmed(heading));
  }
  return {};
}

}  // namespace

markdown_note read_markdown_note(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const auto clean = cleaned_text(bytes);
  std::string_view text = clean;
  markdown_note out;
  if (text.starts_with("---\n")) {
    auto end = text.starts_with("---\n---\n") || text == "---\n---" ? std::size_t{3} : text.find("\n---\n", 3);
    if (end == text.npos && text.ends_with("\n---")) end = text.size() - 4;
    // Without an end it is a rule at the top of the text, as in any Markdown.
    if (end != text.npos) {
      auto read = front_matter(text.substr(4, end < 4 ? 0 : end - 4));
      if (read) out.front_matter = std::move(*read);
      else out.trouble = visible_line(read.error().found);
      text = text.substr(std::min(end + 5, text.size()));
    }
  }
  while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  out.text = std::string(text);
  if (const auto* title = out.front_matter.if_contains("title"); title && title->is_string()) out.title = cleaned_line(title->get_string());
  if (out.title.empty()) out.title = first_heading(out.text);
  return out;
}

}  // namespace steward
