#include "runtime/hosting/replay_difference.hpp"

#include <algorithm>

namespace steward {
namespace {

constexpr std::size_t shown_whole = 72;   // bytes of a value that is shown as it is
constexpr std::size_t shown_around = 18;  // bytes before and behind the part that differs

bool within_letter(const std::string& text, std::size_t at) { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; }

/// `text` from `begin` to `end`, from the edge of a word where one is near; "…" stands for what is left out.
std::string cut(const std::string& text, std::size_t begin, std::size_t end) {
  const auto is_edge = [&](std::size_t at) { return at == 0 || at >= text.size() || text[at] == ' ' || text[at - 1] == ' '; };
  end = std::min(end, text.size());
  for (std::size_t i = 0; i < 12 && !is_edge(begin); ++i) --begin;
  for (std::size_t i = 0; i < 12 && !is_edge(end); ++i) ++end;
  while (begin > 0 && within_letter(text, begin)) --begin;
  while (within_letter(text, end)) ++end;
  if (end - begin > 3 * shown_whole) {  // the differing part is long itself: its beginning tells enough
    end = begin + 2 * shown_whole;
    for (std::size_t i = 0; i < 24 && !is_edge(end); ++i) ++end;
    while (within_letter(text, end)) ++end;
  }
  return (begin > 0 ? "…" : "") + text.substr(begin, end - begin) + (end < text.size() ? "…" : "");
}

changed_part part_of(const std::string& path, const std::string& a, const std::string& b) {
  if (a.size() <= shown_whole && b.size() <= shown_whole) return {path, a, b};
  std::size_t same = 0, tail = 0;
  const auto shorter = std::min(a.size(), b.size());
  while (same < shorter && a[same] == b[same]) ++same;
  while (tail < shorter - same && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const auto begin = same > shown_around ? same - shown_around : 0;
  const auto shown = [&](const std::string& text) { return text.size() <= shown_whole ? text : cut(text, begin, text.size() - tail + shown_around); };
  return {path, shown(a), shown(b)};
}

std::string text_of(const json* value) { return !value ? "nothing" : canonical(*value); }

std::string below(const std::string& path, std::string_view key) { return path.empty() ? std::string(key) : path + "." + std::string(key); }

}  // namespace

std::optional<changed_part> first_change(const json& before, const json& after, const std::string& path) {
  if (before.is_object() && after.is_object()) {
    const auto &a = before.get_object(), &b = after.get_object();
    for (const auto& [key, value] : a) {
      const auto* other = b.if_contains(key);
      if (!other) return part_of(below(path, key), text_of(&value), text_of(nullptr));
      if (auto found = first_change(value, *other, below(path, key))) return found;
    }
    for (const auto& [key, value] : b)
      if (!a.contains(key)) return part_of(below(path, key), text_of(nullptr), text_of(&value));
    return {};
  }
  if (before.is_array() && after.is_array()) {
    const auto &a = before.get_array(), &b = after.get_array();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (auto found = first_change(a[i], b[i], path + "[" + std::to_string(i) + "]")) return found;
    if (a.size() == b.size()) return {};
    const auto at = std::min(a.size(), b.size());
    return part_of(path + "[" + std::to_string(at) + "]", text_of(at < a.size() ? &a[at] : nullptr), text_of(at < b.size() ? &b[at] : nullptr));
  }
  const auto a = canonical(before), b = canonical(after);
  if (a == b) return {};
  return part_of(path, before.is_null() ? "nothing" : a, after.is_null() ? "nothing" : b);
}

std::string in_words(const changed_part& part) { return (part.path.empty() ? "it" : part.path) + " was " + part.before + ", would be " + part.after; }

}  // namespace steward
