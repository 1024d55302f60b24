#include "runtime/visible_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace steward {
namespace {

struct span {
  std::uint32_t first, last;
};
/// Characters that show nothing, or that reorder what is shown (Unicode 15: default ignorable code points, bidi controls, interlinear marks).
/// U+FE0E and U+FE0F are missing on purpose: every second emoji carries one.
constexpr span hidden[] = {{0x00, 0x08},     {0x0b, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},     {0x115f, 0x1160},
                           {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfe00, 0xfe0d},
                           {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

bool is_hidden(std::uint32_t c) {
  const auto* past = std::upper_bound(std::begin(hidden), std::end(hidden), c, [](std::uint32_t value, const span& s) { return value < s.first; });
  return past != std::begin(hidden) && c <= (past - 1)->last;
}

/// The length of the character at the front of `s` (RFC 3629: no overlong forms, no surrogates), or 0 when it is broken.
std::size_t character(std::string_view s, std::uint32_t& code) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const auto lead = at(0);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (length == 0 || s.size() < length) return 0;
  constexpr std::uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  code = lead & masks[length];
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (at(i) & 0x3f);
  }
  const bool sound = (length < 3 || code >= 0x800) && (length < 4 || code >= 0x10000) && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return sound ? length : 0;
}

template <class Good, class Broken>
void each_character(std::string_view bytes, Good&& good, Broken&& broken) {
  while (!bytes.empty()) {
    std::uint32_t code = 0;
    const auto length = character(bytes, code);
    if (length == 0) broken(static_cast<std::uint8_t>(bytes[0]));
    else good(code, bytes.substr(0, length));
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

std::string written_out(std::string_view bytes, bool one_line) {
  std::string out;
  out.reserve(bytes.size());
  each_character(
      bytes,
      [&](std::uint32_t code, std::string_view text) {
        if (code == '\n' && one_line) out += "\\n";
        else if (code == '\t' && one_line) out += ' ';
        else if (is_hidden(code)) out += fmt::format("\\u{{{:04X}}}", code);
        else out += text;
      },
      [&](std::uint8_t byte) { out += fmt::format("\\x{{{:02X}}}", byte); });
  return out;
}

}  // namespace

std::string cleaned_text(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  each_character(
      bytes,
      [&](std::uint32_t code, std::string_view text) {
        if (code >= 0x20 ? code < 0x7f || code > 0x9f : code == '\n' || code == '\t') out += text;
      },
      [&](std::uint8_t) { out += "\xef\xbf\xbd"; });
  return out;
}

std::string cleaned_line(std::string_view bytes) {
  auto text = cleaned_text(bytes);
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  const auto from = text.find_first_not_of(' ');
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

std::string visible_text(std::string_view bytes) { return written_out(bytes, false); }
std::string visible_line(std::string_view bytes) { return written_out(bytes, true); }

bool hides_something(std::string_view bytes) {
  bool hides = false;
  each_character(bytes, [&](std::uint32_t code, std::string_view) { hides = hides || is_hidden(code); }, [&](std::uint8_t) { hides = true; });
  return hides;
}

bool is_utf8(std::string_view bytes) {
  bool sound = true;
  each_character(bytes, [](std::uint32_t, std::string_view) {}, [&](std::uint8_t) { sound = false; });
  return sound;
}

std::string_view front_of(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<std::uint8_t>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

std::string first_lines(std::string_view text, std::size_t lines, std::size_t columns) {
  std::string out;
  while (!text.empty() && lines > 0) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    const auto front = front_of(line, columns);
    if (!out.empty()) out += '\n';
    out += front;
    if (front.size() < line.size()) out += "…";
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    --lines;
  }
  if (!text.empty()) out += "\n…";
  return out;
}

}  // namespace steward
