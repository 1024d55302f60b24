#include "actors/text.hpp"

namespace steward {
namespace {

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string first_paragraph(std::string_view markdown) {
  std::string paragraph;
  while (!markdown.empty()) {
    const auto end = markdown.find('\n');
    const auto line = trimmed(markdown.substr(0, end));
    markdown.remove_prefix(end == std::string_view::npos ? markdown.size() : end + 1);
    const bool heading = line.starts_with('#') || line.starts_with("<!--");
    if (line.empty() || heading) {
      if (!paragraph.empty()) break;
      continue;
    }
    if (!paragraph.empty()) paragraph += ' ';
    paragraph += line;
  }
  return paragraph;
}

std::string shorten(std::string_view text, std::size_t most) {
  constexpr std::string_view ellipsis = "…";
  if (text.size() <= most) return std::string(text);
  if (most < ellipsis.size()) return {};
  text = text.substr(0, most - ellipsis.size() + 1);  // One more byte: when it is a space, the word before it is whole.
  const auto space = text.rfind(' ');
  if (space != std::string_view::npos && space > 0) {
    text = text.substr(0, space);
  } else {  // One long word: cut it, but never inside a letter of several bytes.
    text.remove_suffix(1);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.remove_suffix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == ',' || text.back() == ';')) text.remove_suffix(1);
  return std::string(text) + std::string(ellipsis);
}

std::string part_between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = begin.empty() ? text.npos : text.find(begin);
  if (from != text.npos) text.remove_prefix(from + begin.size());
  if (!end.empty()) text = text.substr(0, text.find(end));

  std::string part(trimmed(text));
  const auto word = part.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  const bool plain = word > 0 && (word == part.npos || part[word] == ' ' || part[word] == ',');  // not calendar.busy, not a_name
  if (from != std::string_view::npos && plain && !part.empty()) part.front() = char(part.front() - 'a' + 'A');
  return part;
}

std::string slug_of(std::string_view title, std::size_t most) {
  std::string slug;
  bool gap = false;
  for (const char c : title) {
    if (c == '\'') continue;  // "it's" is one word
    const bool upper = c >= 'A' && c <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
      gap = true;
      continue;
    }
    if (slug.size() + (gap ? 2 : 1) > most) break;
    if (gap && !slug.empty()) slug += '-';
    gap = false;
    slug += upper ? char(c - 'A' + 'a') : c;
  }
  return slug;
}

}  // namespace steward
