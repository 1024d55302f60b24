#include "connectors/mailbox_html.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace steward {
namespace {

constexpr std::array block_tags{"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr", "pre"};
constexpr std::array silent_tags{"script", "style", "head", "title", "template"};
constexpr std::pair<std::string_view, std::string_view> entities[] = {{"amp", "&"},      {"lt", "<"},   {"gt", ">"},    {"quot", "\""},  {"apos", "'"},  {"nbsp", " "},
                                                                      {"ndash", "–"},    {"mdash", "—"}, {"hellip", "…"}, {"euro", "€"},   {"copy", "©"},  {"auml", "ä"},
                                                                      {"ouml", "ö"},     {"uuml", "ü"}, {"szlig", "ß"}, {"Auml", "Ä"},   {"Ouml", "Ö"},  {"Uuml", "Ü"},
                                                                      {"eacute", "é"},   {"laquo", "«"}, {"raquo", "»"}, {"bdquo", "„"},  {"ldquo", "“"}, {"rdquo", "”"},
                                                                      {"lsquo", "‘"},    {"rsquo", "’"}};

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) out += char(c);
  else if (c < 0x800) out += {char(0xc0 | c >> 6), char(0x80 | (c & 0x3f))};
  else if (c < 0x10000) out += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
  else out += {char(0xf0 | c >> 18), char(0x80 | (c >> 12 & 0x3f)), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
}

/// Resolves the entity at the front of `text` ("&…;") and says how many bytes it took; 1 when it is only an ampersand.
std::size_t entity(std::string& out, std::string_view text) {
  const auto end = text.substr(0, 12).find(';');
  if (end != text.npos) {
    const auto name = text.substr(1, end - 1);
    for (const auto& [word, value] : entities)
      if (word == name) return out += value, end + 1;
    if (name.size() > 1 && name[0] == '#') {
      const bool hex = name[1] == 'x' || name[1] == 'X';
      const auto digits = name.substr(hex ? 2 : 1);
      std::uint32_t code = 0;
      const auto [stop, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
      if (bad == std::errc{} && stop == digits.data() + digits.size() && code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
        return append_utf8(out, code), end + 1;
    }
  }
  out += '&';
  return 1;
}

std::string tag_name(std::string_view tag) {
  std::string name;
  for (const char c : tag) {
    if (c >= 'A' && c <= 'Z') name += char(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name += c;
    else break;
  }
  return name;
}

template <class List>
bool is_one_of(const List& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// Blanks run together, at most one empty line in a row.
std::string tidied(std::string_view text) {
  std::string out;
  int line_ends = 2;
  bool blank = false;
  for (const char c : text) {
    if (c == '\n') {
      if (line_ends < 2) out += '\n', ++line_ends;
      blank = false;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      blank = true;
    } else {
      if (blank && line_ends == 0) out += ' ';
      out += c;
      blank = false;
      line_ends = 0;
    }
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  if (!out.empty()) out += '\n';
  return out;
}

}  // namespace

std::string text_of_html_mail(std::string_view html) {
  std::string out;
  std::string silent;  // the silent tag that we are in
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] == '<' && i + 1 < html.size() && (html[i + 1] == '/' || html[i + 1] == '!' || html[i + 1] == '?' || std::isalpha(static_cast<unsigned char>(html[i + 1])))) {
      if (html.substr(i, 4) == "<!--") {
        const auto end = html.find("-->", i + 4);
        i = end == html.npos ? html.size() : end + 3;
        continue;
      }
      const auto end = html.find('>', i);
      if (end == html.npos) break;  // an unfinished tag to the end: nothing more to read
      const bool closing = html[i + 1] == '/';
      const auto name = tag_name(html.substr(i + (closing ? 2 : 1), end - i));
      if (silent.empty()) {
        if (!closing && is_one_of(silent_tags, name) && html[end - 1] != '/') silent = name;
        else if (is_one_of(block_tags, name)) out += name == "p" || name[0] == 'h' ? "\n\n" : "\n";
      } else if (closing && name == silent) {
        silent.clear();
      }
      i = end + 1;
    } else if (!silent.empty()) {
      const auto next = html.find('<', i + 1);
      i = next == html.npos ? html.size() : next;
    } else if (html[i] == '&') {
      i += entity(out, html.substr(i));
    } else {
      out += html[i] == '\n' ? ' ' : html[i];
      ++i;
    }
  }
  return tidied(out);
}

}  // namespace steward
