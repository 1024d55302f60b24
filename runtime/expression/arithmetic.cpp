/// CEL's + - * / %: no mixing of types, no silent overflow.
#include <cmath>

#include <fmt/format.h>

#include "runtime/expression/evaluator.hpp"
#include "runtime/expression/times.hpp"

namespace steward::cel {
namespace {

constexpr char sign_of(op does) {
  switch (does) {
    case op::add: return '+';
    case op::subtract: return '-';
    case op::multiply: return '*';
    case op::divide: return '/';
    default: return '%';
  }
}

bool fail(error& problem, std::string found, std::string expected, std::string advice = {}) {
  problem = {"expression_error", "", std::move(found), std::move(expected), std::move(advice)};
  return false;
}

template <class Whole>
bool whole_arithmetic(op does, Whole a, Whole b, value& out, error& problem) {
  const auto type = std::is_signed_v<Whole> ? "int" : "uint";
  Whole r{};
  bool overflow = false;
  switch (does) {
    case op::add: overflow = __builtin_add_overflow(a, b, &r); break;
    case op::subtract: overflow = __builtin_sub_overflow(a, b, &r); break;
    case op::multiply: overflow = __builtin_mul_overflow(a, b, &r); break;
    default:
      if (b == 0) return fail(problem, does == op::divide ? "division by zero" : "modulus by zero", "a divisor that is not 0");
      if constexpr (std::is_signed_v<Whole>) overflow = a == INT64_MIN && b == -1;
      if (!overflow) r = does == op::divide ? a / b : a % b;
  }
  if (overflow) return fail(problem, fmt::format("{} {} {} overflows {}", a, sign_of(does), b, type), "a result of 64 bits");
  out = value(r);
  return true;
}

bool no_overload(op does, const value& a, const value& b, error& problem) {
  const auto is_number = [](const value& v) { return v.is(value_kind::integer) || v.is(value_kind::unsigned_integer) || v.is(value_kind::real); };
  std::string advice;
  if (is_number(a) && is_number(b)) advice = "CEL does not mix numbers: write 2.0 instead of 2, or convert with double(x), int(x), uint(x)";
  else if (does == op::add && (a.is(value_kind::text) || b.is(value_kind::text))) advice = "Convert with string(x)";
  return fail(problem, fmt::format("there is no {} {} {}", cel_type_name(a.kind()), sign_of(does), cel_type_name(b.kind())), "two values of one type", advice);
}

/// Sums of timestamps and durations; in nanoseconds they fit 128 bits with room to spare.
bool time_arithmetic(op does, const value& a, const value& b, value& out, error& problem) {
  const bool plus = does == op::add;
  const auto give = [&](auto made) {
    if (!made) return fail(problem, "the result is out of range", "a timestamp within the years 1 to 9999, a duration of at most 292 years");
    out = value(*made);
    return true;
  };
  const auto left = a.kind(), right = b.kind();
  if (left == value_kind::timestamp && right == value_kind::duration)
    return give(make_timestamp(plus ? nanos_of(a.timestamp()) + nanos_of(b.length()) : nanos_of(a.timestamp()) - nanos_of(b.length())));
  if (left == value_kind::duration && right == value_kind::duration)
    return give(make_duration(plus ? nanos_of(a.length()) + nanos_of(b.length()) : nanos_of(a.length()) - nanos_of(b.length())));
  if (plus && left == value_kind::duration && right == value_kind::timestamp) return give(make_timestamp(nanos_of(a.length()) + nanos_of(b.timestamp())));
  if (!plus && left == value_kind::timestamp && right == value_kind::timestamp) return give(make_duration(nanos_of(a.timestamp()) - nanos_of(b.timestamp())));
  return no_overload(does, a, b, problem);
}

}  // namespace

bool arithmetic(op does, const value& a, const value& b, value& out, error& problem, std::uint64_t& work) {
  const auto left = a.kind();
  const bool alike = left == b.kind();
  if (alike && left == value_kind::integer) return whole_arithmetic(does, a.integer(), b.integer(), out, problem);
  if (alike && left == value_kind::unsigned_integer) return whole_arithmetic(does, a.unsigned_integer(), b.unsigned_integer(), out, problem);
  if (alike && left == value_kind::real && does != op::modulo) {
    const double x = a.real(), y = b.real();
    out = value(does == op::add ? x + y : does == op::subtract ? x - y : does == op::multiply ? x * y : x / y);
    return true;
  }
  if (does != op::add && does != op::subtract) return no_overload(does, a, b, problem);
  if (does == op::add && alike) {
    if (left == value_kind::text || left == value_kind::bytes) {
      const auto x = left == value_kind::text ? a.text() : a.octets(), y = left == value_kind::text ? b.text() : b.octets();
      work += (x.size() + y.size()) / 16;
      std::string both;
      both.reserve(x.size() + y.size());
      both.append(x).append(y);
      out = left == value_kind::text ? value(std::move(both)) : value::bytes(std::move(both));
      return true;
    }
    if (left == value_kind::list) {
      value::list_items all;
      const auto n = a.size(), m = b.size();
      work += n + m;
      all.reserve(n + m);
      for (std::size_t i = 0; i < n; ++i) all.push_back(a.item(i));
      for (std::size_t i = 0; i < m; ++i) all.push_back(b.item(i));
      out = value(std::move(all));
      return true;
    }
  }
  return time_arithmetic(does, a, b, out, problem);
}

bool negate(const value& a, value& out, error& problem) {
  if (a.is(value_kind::real)) {
    out = value(-a.real());
    return true;
  }
  if (!a.is(value_kind::integer)) return fail(problem, fmt::format("there is no -{}", cel_type_name(a.kind())), "an int or a double");
  if (a.integer() == INT64_MIN) return fail(problem, fmt::format("-({}) overflows int", a.integer()), "a result of 64 bits");
  out = value(-a.integer());
  return true;
}

}  // namespace steward::cel
