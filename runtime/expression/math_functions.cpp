/// The functions of `math.`: greatest and least, rounding, signs, bits.
#include <cmath>

#include <fmt/format.h>

#include "runtime/expression/functions.hpp"

namespace steward::cel {
namespace {

bool is_number(const value& v) { return v.is(value_kind::integer) || v.is(value_kind::unsigned_integer) || v.is(value_kind::real); }

/// The argument, or the item of the one list, that is `wanted` than all others; of equals the first.
bool extreme(call& c, std::partial_ordering wanted) {
  const bool list = c.arguments.size() == 1 && c.arguments[0].is(value_kind::list);
  const auto count = list ? c.arguments[0].size() : c.arguments.size();
  if (count == 0) return c.fail("the list is empty", "at least one number");
  if (!c.affords(count)) return false;
  value best;
  for (std::size_t i = 0; i < count; ++i) {
    auto one = list ? c.arguments[0].item(i) : c.arguments[i];
    if (!is_number(one)) return list ? c.fail(fmt::format("item {} of the list is a value of type {}", i, cel_type_name(one.kind())), "numbers") : c.no_overload("numbers");
    if (i == 0 || compare(one, best) == wanted) best = std::move(one);
  }
  return c.give(std::move(best));
}

template <class Change>
bool of_double(call& c, Change change) {
  if (!c.arguments[0].is(value_kind::real)) return c.no_overload("a double");
  return c.give(value(change(c.arguments[0].real())));
}

template <class Change>
bool of_bits(call& c, Change change) {
  const auto& a = c.arguments[0];
  const auto& b = c.arguments.back();
  if (a.kind() != b.kind() || (!a.is(value_kind::integer) && !a.is(value_kind::unsigned_integer))) return c.no_overload("ints or uints");
  if (a.is(value_kind::unsigned_integer)) return c.give(value(std::uint64_t(change(a.unsigned_integer(), b.unsigned_integer()))));
  return c.give(value(std::int64_t(change(std::uint64_t(a.integer()), std::uint64_t(b.integer())))));
}

/// Bits that are shifted out are lost, zeros come in, whatever the sign.
template <class Change>
bool shifted(call& c, Change change) {
  const auto &a = c.arguments[0], &by = c.arguments[1];
  if ((!a.is(value_kind::integer) && !a.is(value_kind::unsigned_integer)) || !by.is(value_kind::integer)) return c.no_overload("an int or a uint, and how far as an int");
  if (by.integer() < 0) return c.fail(fmt::format("a shift by {}", by.integer()), "0 or more");
  const auto bits = a.is(value_kind::integer) ? std::uint64_t(a.integer()) : a.unsigned_integer();
  const std::uint64_t moved = by.integer() > 63 ? 0 : change(bits, by.integer());
  return c.give(a.is(value_kind::integer) ? value(std::int64_t(moved)) : value(moved));
}

}  // namespace

bool greatest(call& c) { return extreme(c, std::partial_ordering::greater); }
bool least(call& c) { return extreme(c, std::partial_ordering::less); }

bool ceil(call& c) { return of_double(c, [](double d) { return std::ceil(d); }); }
bool floor(call& c) { return of_double(c, [](double d) { return std::floor(d); }); }
bool round(call& c) { return of_double(c, [](double d) { return std::round(d); }); }  // halves away from zero
bool trunc(call& c) { return of_double(c, [](double d) { return std::trunc(d); }); }
bool is_nan(call& c) { return of_double(c, [](double d) { return std::isnan(d); }); }
bool is_inf(call& c) { return of_double(c, [](double d) { return std::isinf(d); }); }
bool is_finite(call& c) { return of_double(c, [](double d) { return bool(std::isfinite(d)); }); }

bool sqrt(call& c) {
  const auto& of = c.arguments[0];
  if (of.is(value_kind::integer)) return c.give(value(std::sqrt(double(of.integer()))));
  if (of.is(value_kind::unsigned_integer)) return c.give(value(std::sqrt(double(of.unsigned_integer()))));
  return of_double(c, [](double d) { return std::sqrt(d); });
}

bool abs(call& c) {
  const auto& of = c.arguments[0];
  if (of.is(value_kind::unsigned_integer)) return c.give(of);
  if (of.is(value_kind::real)) return c.give(value(std::fabs(of.real())));
  if (!of.is(value_kind::integer)) return c.no_overload("a number");
  if (of.integer() == INT64_MIN) return c.fail(fmt::format("math.abs({}) overflows int", of.integer()), "a result of 64 bits");
  return c.give(value(of.integer() < 0 ? -of.integer() : of.integer()));
}

bool sign(call& c) {
  const auto& of = c.arguments[0];
  if (of.is(value_kind::unsigned_integer)) return c.give(value(std::uint64_t(of.unsigned_integer() > 0)));
  if (of.is(value_kind::real)) return c.give(value(std::isnan(of.real()) ? of.real() : double((of.real() > 0) - (of.real() < 0))));
  if (!of.is(value_kind::integer)) return c.no_overload("a number");
  return c.give(value(std::int64_t((of.integer() > 0) - (of.integer() < 0))));
}

bool bit_and(call& c) { return of_bits(c, [](std::uint64_t a, std::uint64_t b) { return a & b; }); }
bool bit_or(call& c) { return of_bits(c, [](std::uint64_t a, std::uint64_t b) { return a | b; }); }
bool bit_xor(call& c) { return of_bits(c, [](std::uint64_t a, std::uint64_t b) { return a ^ b; }); }
bool bit_not(call& c) { return of_bits(c, [](std::uint64_t a, std::uint64_t) { return ~a; }); }
bool bit_shift_left(call& c) { return shifted(c, [](std::uint64_t bits, std::int64_t by) { return bits << by; }); }
bool bit_shift_right(call& c) { return shifted(c, [](std::uint64_t bits, std::int64_t by) { return bits >> by; }); }

}  // namespace steward::cel
