#include "runtime/expression/functions.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "runtime/expression/lexer.hpp"
#include "runtime/expression/times.hpp"
#include "runtime/expression/utf8.hpp"

namespace steward::cel {
namespace {

using enum call_style;

constexpr function table[] = {
    {"size", either, 1, 1, size_of},
    {"type", plain, 1, 1, type_of},
    {"dyn", plain, 1, 1, same},
    // conversions
    {"bool", plain, 1, 1, to_bool},
    {"int", plain, 1, 1, to_int},
    {"uint", plain, 1, 1, to_uint},
    {"double", plain, 1, 1, to_double},
    {"string", plain, 1, 1, to_string},
    {"bytes", plain, 1, 1, to_bytes},
    {"timestamp", plain, 1, 1, to_timestamp},
    {"duration", plain, 1, 1, to_duration},
    // texts
    {"contains", method, 2, 2, contains},
    {"startsWith", method, 2, 2, starts_with},
    {"endsWith", method, 2, 2, ends_with},
    {"matches", either, 2, 2, matches},
    {"charAt", method, 2, 2, char_at},
    {"indexOf", method, 2, 3, index_of},
    {"lastIndexOf", method, 2, 3, last_index_of},
    {"join", method, 1, 2, join},
    {"lowerAscii", method, 1, 1, lower_ascii},
    {"upperAscii", method, 1, 1, upper_ascii},
    {"replace", method, 3, 4, replace},
    {"reverse", method, 1, 1, reverse},
    {"split", method, 2, 3, split},
    {"substring", method, 2, 3, substring},
    {"trim", method, 1, 1, trim},
    {"format", method, 2, 2, format},
    {"strings.quote", plain, 1, 1, quote},
    {"base64.encode", plain, 1, 1, encode_base64},
    {"base64.decode", plain, 1, 1, decode_base64},
    // numbers
    {"math.greatest", plain, 1, 255, greatest},
    {"math.least", plain, 1, 255, least},
    {"math.ceil", plain, 1, 1, ceil},
    {"math.floor", plain, 1, 1, floor},
    {"math.round", plain, 1, 1, round},
    {"math.trunc", plain, 1, 1, trunc},
    {"math.sqrt", plain, 1, 1, sqrt},
    {"math.isNaN", plain, 1, 1, is_nan},
    {"math.isInf", plain, 1, 1, is_inf},
    {"math.isFinite", plain, 1, 1, is_finite},
    {"math.abs", plain, 1, 1, abs},
    {"math.sign", plain, 1, 1, sign},
    {"math.bitAnd", plain, 2, 2, bit_and},
    {"math.bitOr", plain, 2, 2, bit_or},
    {"math.bitXor", plain, 2, 2, bit_xor},
    {"math.bitNot", plain, 1, 1, bit_not},
    {"math.bitShiftLeft", plain, 2, 2, bit_shift_left},
    {"math.bitShiftRight", plain, 2, 2, bit_shift_right},
    // timestamps (with an optional zone) and durations
    {"getFullYear", method, 1, 2, full_year},
    {"getMonth", method, 1, 2, month},
    {"getDate", method, 1, 2, date},
    {"getDayOfMonth", method, 1, 2, day_of_month},
    {"getDayOfWeek", method, 1, 2, day_of_week},
    {"getDayOfYear", method, 1, 2, day_of_year},
    {"getHours", method, 1, 2, hours},
    {"getMinutes", method, 1, 2, minutes},
    {"getSeconds", method, 1, 2, seconds},
    {"getMilliseconds", method, 1, 2, milliseconds},
};

/// Go's and CEL's texts of numbers may start with a plus, from_chars's may not.
std::string_view without_plus(std::string_view text) { return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text; }

template <class Whole>
std::optional<Whole> read_whole(std::string_view text) {
  Whole n{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return n;
}

template <class Number>
bool read_number(call& c, std::optional<Number> read(std::string_view)) {
  const auto text = c.arguments[0].text();
  c.work = text.size() / 16;
  if (const auto n = read(without_plus(text))) return c.give(value(*n));
  return c.fail(fmt::format("the text is no {}", c.name), fmt::format("the text of {} {}", c.name == "int" ? "an" : "a", c.name));
}

bool out_of_range(call& c) {
  return c.fail(fmt::format("the number does not fit {}", c.name),
                c.name == "uint" ? "0 to 18446744073709551615" : "-9223372036854775808 to 9223372036854775807");
}

}  // namespace

const function* find_function(std::string_view name, call_style style) {
  for (const auto& row : table)
    if (row.name == name && (int(row.style) & int(style))) return &row;
  return nullptr;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  for (const auto* macro : {"has", "all", "exists", "exists_one", "filter", "map", "transformList", "transformMap", "transformMapEntry", "cel.bind"}) names.emplace_back(macro);
  return names;
}

bool call::fail(std::string what_found, std::string what_expected, std::string what_to_do) {
  found = std::move(what_found);
  expected = std::move(what_expected);
  advice = std::move(what_to_do);
  return false;
}

bool call::no_overload(std::string what_expected) {
  std::string types;
  for (const auto& a : arguments) types += (types.empty() ? "" : ", ") + std::string(cel_type_name(a.kind()));
  return fail(fmt::format("there is no {}({})", name, types), std::move(what_expected));
}

bool size_of(call& c) {
  const auto& of = c.arguments[0];
  switch (of.kind()) {
    case value_kind::text: c.work = of.text().size() / 16; return c.give(value(std::int64_t(utf8::count(of.text()))));
    case value_kind::bytes: return c.give(value(std::int64_t(of.octets().size())));
    case value_kind::list:
    case value_kind::map: return c.give(value(std::int64_t(of.size())));
    default: return c.no_overload("a string, bytes, a list or a map");
  }
}

bool type_of(call& c) { return c.give(value::type(c.arguments[0].kind())); }
bool same(call& c) { return c.give(c.arguments[0]); }

bool to_bool(call& c) {
  const auto& v = c.arguments[0];
  if (v.is(value_kind::boolean)) return same(c);
  if (!v.is(value_kind::text)) return c.no_overload("a bool or a string");
  for (const auto* yes : {"true", "True", "TRUE", "t", "T", "1"})
    if (v.text() == yes) return c.give(value(true));
  for (const auto* no : {"false", "False", "FALSE", "f", "F", "0"})
    if (v.text() == no) return c.give(value(false));
  return c.fail("the text is no bool", "\"true\" or \"false\"");
}

bool to_int(call& c) {
  const auto& v = c.arguments[0];
  switch (v.kind()) {
    case value_kind::integer: return same(c);
    case value_kind::unsigned_integer:
      return v.unsigned_integer() > std::uint64_t(INT64_MAX) ? out_of_range(c) : c.give(value(std::int64_t(v.unsigned_integer())));
    case value_kind::real:
      // The bounds themselves are doubtful: the nearest doubles stand for numbers beyond them.
      if (!(v.real() > -9223372036854775808.0 && v.real() < 9223372036854775808.0)) return out_of_range(c);
      return c.give(value(std::int64_t(v.real())));
    case value_kind::text: return read_number(c, read_whole<std::int64_t>);
    case value_kind::timestamp: return c.give(value(v.timestamp().seconds));
    default: return c.no_overload("a number, a string or a timestamp");
  }
}

bool to_uint(call& c) {
  const auto& v = c.arguments[0];
  switch (v.kind()) {
    case value_kind::unsigned_integer: return same(c);
    case value_kind::integer: return v.integer() < 0 ? out_of_range(c) : c.give(value(std::uint64_t(v.integer())));
    case value_kind::real:
      if (!(v.real() > -1.0 && v.real() < 18446744073709551616.0) || std::signbit(v.real()))
        return v.real() == 0 ? c.give(value(std::uint64_t{0})) : out_of_range(c);
      return c.give(value(std::uint64_t(v.real())));
    case value_kind::text: return read_number(c, read_whole<std::uint64_t>);
    default: return c.no_overload("a number or a string");
  }
}

bool to_double(call& c) {
  const auto& v = c.arguments[0];
  switch (v.kind()) {
    case value_kind::real: return same(c);
    case value_kind::integer: return c.give(value(double(v.integer())));
    case value_kind::unsigned_integer: return c.give(value(double(v.unsigned_integer())));
    case value_kind::text: return read_number(c, read_real);
    default: return c.no_overload("a number or a string");
  }
}

bool to_string(call& c) {
  if (c.arguments[0].is(value_kind::bytes)) c.work = c.arguments[0].octets().size() / 16;
  auto text = to_text(c.arguments[0]);
  if (!text && c.arguments[0].is(value_kind::bytes)) return c.fail("the bytes are not UTF-8", "bytes that are a text");
  if (!text) return c.no_overload("a value that has a text");
  c.work = text->size() / 16;
  return c.give(value(std::move(*text)));
}

bool to_bytes(call& c) {
  if (c.arguments[0].is(value_kind::bytes)) return same(c);
  if (!c.arguments[0].is(value_kind::text)) return c.no_overload("a string or bytes");
  c.work = c.arguments[0].text().size() / 16;
  return c.give(value::bytes(std::string(c.arguments[0].text())));
}

bool encode_base64(call& c) {
  if (!c.arguments[0].is(value_kind::bytes)) return c.no_overload("bytes");
  c.work = c.arguments[0].octets().size() / 8;
  return c.give(value(base64_text(c.arguments[0].octets())));
}

bool decode_base64(call& c) {
  if (!c.arguments[0].is(value_kind::text)) return c.no_overload("a string");
  c.work = c.arguments[0].text().size() / 8;
  auto octets = base64_octets(c.arguments[0].text());
  if (!octets) return c.fail("the text is no base64", "letters, digits, + and /, filled up with =");
  return c.give(value::bytes(std::move(*octets)));
}

bool to_timestamp(call& c) {
  const auto& v = c.arguments[0];
  if (v.is(value_kind::timestamp)) return same(c);
  if (v.is(value_kind::text)) c.work = v.text().size() / 16;
  std::optional<cel_timestamp> t;
  if (v.is(value_kind::integer)) t = make_timestamp(nano_sum(v.integer()) * 1'000'000'000);
  else if (v.is(value_kind::text)) t = read_timestamp(v.text());
  else return c.no_overload("a string or the seconds since 1970");
  if (!t && v.is(value_kind::integer)) return c.fail(fmt::format("{} seconds since 1970 are out of range", v.integer()), "a time within the years 1 to 9999: -62135596800 to 253402300799");
  if (!t) return c.fail("found no timestamp", "a time in RFC 3339 within the years 1 to 9999, such as 2026-11-21T09:30:00Z");
  return c.give(value(*t));
}

bool to_duration(call& c) {
  const auto& v = c.arguments[0];
  if (v.is(value_kind::duration)) return same(c);
  if (!v.is(value_kind::text)) return c.no_overload("a string");
  c.work = v.text().size() / 16;
  const auto d = read_duration(v.text());
  if (!d) return c.fail("found no duration", "a length of time with its unit, such as 250ms, 30s, 10m, 2h or 3d, at most 292 years");
  return c.give(value(*d));
}

}  // namespace steward::cel
