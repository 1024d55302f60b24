/// Functions on texts; positions and lengths are code points.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <re2/re2.h>

#include "runtime/expression/functions.hpp"
#include "runtime/expression/utf8.hpp"

namespace steward::cel {
namespace {

constexpr std::int64_t pattern_memory = 1 << 20;  // of a compiled pattern: a{1000}{1000} is refused instead of eating the machine

/// Whether the receiver and all arguments from `first` on (up to `count` of them) are texts.
bool all_texts(const call& c, std::size_t count) {
  for (std::size_t i = 0; i < count && i < c.arguments.size(); ++i)
    if (!c.arguments[i].is(value_kind::text)) return false;
  return true;
}
bool int_at(const call& c, std::size_t i) { return c.arguments.size() <= i || c.arguments[i].is(value_kind::integer); }
std::string_view text(const call& c, std::size_t i) { return c.arguments[i].text(); }

void charge_texts(call& c) {
  for (const auto& a : c.arguments)
    if (a.is(value_kind::text)) c.work += a.text().size() / 16;
}

/// Where `what` stands in `in` from `from` on, or npos. Linear in both; string_view's own find takes their product at worst.
std::size_t first_place(std::string_view in, std::string_view what, std::size_t from = 0) {
  if (what.empty() || from > in.size()) return from > in.size() ? in.npos : from;
  const auto* hit = memmem(in.data() + from, in.size() - from, what.data(), what.size());
  return hit ? std::size_t(static_cast<const char*>(hit) - in.data()) : in.npos;
}
/// The last place at or before `latest`: the first one, seen from behind.
std::size_t last_place(std::string_view in, std::string_view what, std::size_t latest) {
  if (what.size() > in.size()) return in.npos;
  const auto end = std::min(latest, in.size() - what.size()) + what.size();
  const std::string mirrored(in.rend() - std::ptrdiff_t(end), in.rend());
  const auto hit = first_place(mirrored, std::string(what.rbegin(), what.rend()));
  return hit == in.npos ? in.npos : end - hit - what.size();
}

template <class Test>
bool compare_texts(call& c, Test test) {
  if (!all_texts(c, 2)) return c.no_overload("two strings");
  charge_texts(c);
  return c.give(value(test(text(c, 0), text(c, 1))));
}

/// The byte of code point number `index`, which may be the one behind the last.
bool byte_at(call& c, std::string_view in, std::int64_t index, std::size_t& byte) {
  byte = index < 0 || std::uint64_t(index) > in.size() ? in.npos : utf8::byte_of(in, std::size_t(index));
  return byte != in.npos || c.fail(fmt::format("the position {} is outside the text", index), fmt::format("0 to {}", utf8::count(in)));
}

template <class Change>
bool map_letters(call& c, Change change) {
  if (!all_texts(c, 1)) return c.no_overload("a string");
  charge_texts(c);
  std::string out(text(c, 0));
  for (char& letter : out) letter = change(letter);
  return c.give(value(std::move(out)));
}

/// Unicode's White_Space.
bool is_space(std::uint32_t p) {
  return (p >= 9 && p <= 13) || p == 0x20 || p == 0x85 || p == 0xA0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200A) || p == 0x2028 || p == 0x2029 ||
         p == 0x202F || p == 0x205F || p == 0x3000;
}

}  // namespace

bool contains(call& c) {
  return compare_texts(c, [](std::string_view a, std::string_view b) { return first_place(a, b) != a.npos; });
}
bool starts_with(call& c) {
  return compare_texts(c, [](std::string_view a, std::string_view b) { return a.starts_with(b); });
}
bool ends_with(call& c) {
  return compare_texts(c, [](std::string_view a, std::string_view b) { return a.ends_with(b); });
}

result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return error{"expression_error", "", "the pattern is wrong: " + compiled->error(), "a regular expression of RE2", ""};
  return compiled;
}

bool matches(call& c) {
  if (!all_texts(c, 2)) return c.no_overload("a string and a pattern");
  charge_texts(c);
  std::shared_ptr<const re2::RE2> made_now;
  const auto* pattern = c.pattern;
  if (!pattern) {
    if (!c.affords(c.work + 2'000 + 10 * text(c, 1).size())) return false;  // what compiling costs, about
    auto compiled = compile_pattern(text(c, 1));
    if (!compiled) return c.fail(compiled.error().found, compiled.error().expected);
    made_now = std::move(*compiled);
    pattern = made_now.get();
  }
  // Mostly a nanosecond a byte; where RE2's memory does not suffice it walks through its program for each.
  if (!c.affords(c.work + text(c, 0).size() * std::uint64_t(pattern->ProgramSize()) / 256)) return false;
  return c.give(value(re2::RE2::PartialMatch(re2::StringPiece(text(c, 0).data(), text(c, 0).size()), *pattern)));
}

bool char_at(call& c) {
  if (!all_texts(c, 1) || !int_at(c, 1)) return c.no_overload("a string and an int");
  charge_texts(c);
  std::size_t at = 0;
  if (!byte_at(c, text(c, 0), c.arguments[1].integer(), at)) return false;
  return c.give(value(at == text(c, 0).size() ? std::string() : std::string(text(c, 0).substr(at, utf8::width(text(c, 0), at)))));
}

bool index_of(call& c) {
  if (!all_texts(c, 2) || !int_at(c, 2)) return c.no_overload("two strings, and the position to start from");
  charge_texts(c);
  std::size_t from = 0;
  if (c.arguments.size() == 3 && !byte_at(c, text(c, 0), c.arguments[2].integer(), from)) return false;
  const auto at = first_place(text(c, 0), text(c, 1), from);
  return c.give(value(at == std::string_view::npos ? std::int64_t{-1} : std::int64_t(utf8::count(text(c, 0).substr(0, at)))));
}

bool last_index_of(call& c) {
  if (!all_texts(c, 2) || !int_at(c, 2)) return c.no_overload("two strings, and the position to start from");
  charge_texts(c);
  std::size_t from = std::string_view::npos;
  if (c.arguments.size() == 3 && !byte_at(c, text(c, 0), c.arguments[2].integer(), from)) return false;
  const auto at = last_place(text(c, 0), text(c, 1), from);
  return c.give(value(at == std::string_view::npos ? std::int64_t{-1} : std::int64_t(utf8::count(text(c, 0).substr(0, at)))));
}

bool join(call& c) {
  if (!c.arguments[0].is(value_kind::list) || (c.arguments.size() == 2 && !c.arguments[1].is(value_kind::text)))
    return c.no_overload("a list of strings, and the string between them");
  const auto between = c.arguments.size() == 2 ? text(c, 1) : std::string_view{};
  std::string out;
  const auto n = c.arguments[0].size();
  for (std::size_t i = 0; i < n; ++i) {
    const auto item = c.arguments[0].item(i);
    if (!item.is(value_kind::text))
      return c.fail(fmt::format("item {} of the list is a value of type {}", i, cel_type_name(item.kind())), "a list of strings",
                    "Convert with list.map(x, string(x))");
    if (i > 0) out += between;
    out += item.text();
    if (!c.affords(i + out.size() / 16)) return false;
  }
  c.work = n + out.size() / 16;
  return c.give(value(std::move(out)));
}

bool lower_ascii(call& c) {
  return map_letters(c, [](char l) { return l >= 'A' && l <= 'Z' ? char(l + 32) : l; });
}
bool upper_ascii(call& c) {
  return map_letters(c, [](char l) { return l >= 'a' && l <= 'z' ? char(l - 32) : l; });
}

bool replace(call& c) {
  if (!all_texts(c, 3) || !int_at(c, 3)) return c.no_overload("three strings, and how often at most");
  const auto in = text(c, 0), old = text(c, 1), with = text(c, 2);
  std::int64_t left = c.arguments.size() == 4 ? c.arguments[3].integer() : -1;
  std::string out;
  std::size_t at = 0;
  while (left != 0) {
    const auto hit = first_place(in, old, at);
    if (hit == in.npos) break;
    --left;
    out.append(in.substr(at, hit - at)).append(with);
    at = hit + old.size();
    if (old.empty()) {
      // Between all characters: one goes over before the next hit.
      if (at >= in.size()) break;
      const auto n = utf8::width(in, at);
      out.append(in.substr(at, n));
      at += n;
    }
    if (!c.affords((in.size() + out.size()) / 16)) return false;
  }
  if (at < in.size()) out.append(in.substr(at));
  c.work = (in.size() + out.size()) / 16;
  return c.give(value(std::move(out)));
}

bool reverse(call& c) {
  if (!all_texts(c, 1)) return c.no_overload("a string");
  charge_texts(c);
  std::string out;
  for (std::size_t end = text(c, 0).size(); end > 0;) {
    auto from = end - 1;
    while (from > 0 && (static_cast<unsigned char>(text(c, 0)[from]) & 0xC0) == 0x80) --from;
    out.append(text(c, 0).substr(from, end - from));
    end = from;
  }
  return c.give(value(std::move(out)));
}

bool split(call& c) {
  if (!all_texts(c, 2) || !int_at(c, 2)) return c.no_overload("two strings, and how many parts at most");
  const auto by = text(c, 1);
  auto rest = text(c, 0);
  const std::int64_t most = c.arguments.size() == 3 ? c.arguments[2].integer() : -1;
  value::list_items parts;
  if (most == 0) return c.give(value(std::move(parts)));
  if (!(by.empty() && rest.empty())) {
    while (most < 0 || std::int64_t(parts.size()) + 1 < most) {
      const auto hit = by.empty() ? utf8::width(rest, 0) : first_place(rest, by);
      if (hit >= rest.size()) break;
      parts.emplace_back(std::string(rest.substr(0, hit)));
      rest.remove_prefix(hit + by.size());
      if (!c.affords(4 * parts.size())) return false;
    }
    parts.emplace_back(std::string(rest));
  }
  c.work = 4 * parts.size() + text(c, 0).size() / 16;
  return c.give(value(std::move(parts)));
}

bool substring(call& c) {
  if (!all_texts(c, 1) || !int_at(c, 1) || !int_at(c, 2)) return c.no_overload("a string, where it starts, and where it ends");
  charge_texts(c);
  std::size_t from = 0, to = text(c, 0).size();
  if (!byte_at(c, text(c, 0), c.arguments[1].integer(), from)) return false;
  if (c.arguments.size() == 3 && !byte_at(c, text(c, 0), c.arguments[2].integer(), to)) return false;
  if (from > to)
    return c.fail(fmt::format("the part would start at {} and end at {}", c.arguments[1].integer(), c.arguments[2].integer()), "an end behind the start");
  return c.give(value(std::string(text(c, 0).substr(from, to - from))));
}

bool trim(call& c) {
  if (!all_texts(c, 1)) return c.no_overload("a string");
  charge_texts(c);
  const auto in = text(c, 0);
  std::size_t first = in.size(), behind = 0;
  for (std::size_t at = 0; at < in.size(); at += utf8::width(in, at)) {
    if (is_space(utf8::decode(in, at))) continue;
    first = std::min(first, at);
    behind = at + utf8::width(in, at);
  }
  return c.give(value(first < behind ? std::string(in.substr(first, behind - first)) : std::string()));
}

}  // namespace steward::cel
