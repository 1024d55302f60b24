/// Equality, order and divisibility of JSON's numbers, whatever type they were stored in.
#include <charconv>
#include <cmath>

#include "runtime/schema/rule_book.hpp"

namespace steward::schema_detail {
namespace {

__extension__ typedef __int128 wide;

/// A decimal number: digits times ten to the power of `exponent`.
struct decimal {
  wide digits = 0;
  int exponent = 0;
};

decimal to_decimal(const json& number) {
  if (const auto* i = number.if_int64()) return {*i, 0};
  if (const auto* u = number.if_uint64()) return {wide(*u), 0};
  // The shortest text that reads back is what the writer meant: 19.99, not 19.989999999999998436805981327779591083526611328125.
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number.get_double(), std::chars_format::scientific).ptr;
  decimal d;
  bool below_zero = false, behind_point = false;
  const char* at = buffer;
  for (; at < end && *at != 'e'; ++at) {
    if (*at == '-') below_zero = true;
    else if (*at == '.') behind_point = true;
    else {
      d.digits = d.digits * 10 + (*at - '0');
      if (behind_point) --d.exponent;
    }
  }
  int power = 0;
  if (at < end) std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, power);
  d.exponent += power;
  if (below_zero) d.digits = -d.digits;
  return d;
}

long double to_long(const json& number) {  // its 64 bits of mantissa hold each of the three types exactly
  if (const auto* i = number.if_int64()) return static_cast<long double>(*i);
  if (const auto* u = number.if_uint64()) return static_cast<long double>(*u);
  return number.get_double();
}

}  // namespace

int compare_numbers(const json& a, const json& b) {
  const auto x = to_long(a), y = to_long(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

bool is_whole(const json& number) { return !number.is_double() || std::trunc(number.get_double()) == number.get_double(); }

bool is_multiple(const json& number, const json& of) {
  auto a = to_decimal(number), b = to_decimal(of);
  if (a.digits == 0) return true;
  if (b.digits == 0) return false;
  // Ten to the power of n, modulo m, without ever leaving 128 bits: only the divisor's digits have to fit.
  while (b.digits % 10 == 0) b.digits /= 10, ++b.exponent;
  while (a.digits % 10 == 0) a.digits /= 10, ++a.exponent;
  const wide divisor = b.digits < 0 ? -b.digits : b.digits;
  wide rest = (a.digits < 0 ? -a.digits : a.digits) % divisor;
  if (a.exponent < b.exponent) {
    // The divisor has more zeros than the number: it must divide digits that end in no zero, so it can't.
    return false;
  }
  for (int i = a.exponent - b.exponent; i > 0 && rest != 0; --i) rest = rest * 10 % divisor;
  return rest == 0;
}

bool same(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    const auto &x = a.get_array(), &y = b.get_array();
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), same);
  }
  if (a.is_object()) {
    const auto &x = a.get_object(), &y = b.get_object();
    return x.size() == y.size() && std::all_of(x.begin(), x.end(), [&](const auto& pair) {
             const auto* other = y.if_contains(pair.key());
             return other && same(pair.value(), *other);
           });
  }
  return a == b;
}

namespace {
json with_plain_numbers(const json& value) {
  if (const auto* d = value.if_double(); d && is_whole(value) && std::abs(*d) < 9e18) return json(std::int64_t(*d));
  if (const auto* list = value.if_array()) {
    boost::json::array out;
    for (const auto& item : *list) out.push_back(with_plain_numbers(item));
    return out;
  }
  if (const auto* map = value.if_object()) {
    boost::json::object out;
    for (const auto& pair : *map) out[pair.key()] = with_plain_numbers(pair.value());
    return out;
  }
  return value;
}
}  // namespace

std::string identity(const json& value) { return canonical(with_plain_numbers(value)); }

std::string shown(const json& value) {
  auto text = canonical(value);
  if (text.size() > 60) {
    std::size_t cut = 57;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // never in the middle of a character
    text = text.substr(0, cut) + "...";
  }
  return text;
}

}  // namespace steward::schema_detail
