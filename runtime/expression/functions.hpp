/// The functions an expression can call, in one table.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/expression/value.hpp"

namespace re2 {
class RE2;
}

namespace steward::cel {

/// One call while it happens.
struct call {
  std::string_view name;
  std::span<const value> arguments;      // the receiver first
  const re2::RE2* pattern = nullptr;     // matches(): compiled beforehand when it was a literal
  std::uint64_t budget = 0;              // what is left to spend: whoever makes much looks here while making it
  value answer;
  std::uint64_t work = 0;                // beyond the one unit each node costs
  std::string found, expected, advice;   // when it failed

  bool give(value v) {
    answer = std::move(v);
    return true;
  }
  /// Whether so much work is affordable. False: it is booked, and the call ends as too costly.
  bool affords(std::uint64_t more) { return work = more, more <= budget; }
  bool fail(std::string what_found, std::string what_expected = {}, std::string what_to_do = {});
  /// "there is no size(int)".
  bool no_overload(std::string what_expected);
};

enum class call_style : std::uint8_t { plain = 1, method = 2, either = 3 };  // size(x), x.size(), both

struct function {
  std::string_view name;
  call_style style;
  std::uint8_t at_least, at_most;  // arguments, the receiver counted
  bool (*run)(call&);
};

/// nullptr when there is none of that name and style.
const function* find_function(std::string_view name, call_style style);
std::vector<std::string> function_names();

/// Patterns are RE2's: linear in the text, whatever the pattern. An error's `found` says what is wrong with it.
result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern);

// The rows' implementations, by subject.
bool size_of(call&);
bool type_of(call&);
bool same(call&);
bool to_bool(call&);
bool to_int(call&);
bool to_uint(call&);
bool to_double(call&);
bool to_string(call&);
bool to_bytes(call&);
bool to_timestamp(call&);
bool to_duration(call&);

bool contains(call&);
bool starts_with(call&);
bool ends_with(call&);
bool matches(call&);
bool char_at(call&);
bool index_of(call&);
bool last_index_of(call&);
bool join(call&);
bool lower_ascii(call&);
bool upper_ascii(call&);
bool replace(call&);
bool reverse(call&);
bool split(call&);
bool substring(call&);
bool trim(call&);
bool format(call&);
bool quote(call&);
bool encode_base64(call&);
bool decode_base64(call&);

bool greatest(call&);
bool least(call&);
bool ceil(call&);
bool floor(call&);
bool round(call&);
bool trunc(call&);
bool sqrt(call&);
bool is_nan(call&);
bool is_inf(call&);
bool is_finite(call&);
bool abs(call&);
bool sign(call&);
bool bit_and(call&);
bool bit_or(call&);
bool bit_xor(call&);
bool bit_not(call&);
bool bit_shift_left(call&);
bool bit_shift_right(call&);

bool full_year(call&);
bool month(call&);
bool date(call&);
bool day_of_month(call&);
bool day_of_week(call&);
bool day_of_year(call&);
bool hours(call&);
bool minutes(call&);
bool seconds(call&);
bool milliseconds(call&);

}  // namespace steward::cel
