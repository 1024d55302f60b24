/// Money for costs: whole nano-units of one currency, with every overflow and mix-up refused.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace steward {

/// An amount in nano-units (10^-9) of `currency` (ISO 4217). A model call can cost 0.00005 EUR; int64 still holds 9 billion.
/// In JSON and YAML a text such as "0.20 EUR". No currency and zero nano is "nothing", which adds to any currency.
struct money {
  std::int64_t nano = 0;
  std::string currency;
  bool operator==(const money& other) const { return nano == other.nano && (nano == 0 || currency == other.currency); }
};

std::string to_text(const money& m);                   // "0.20 EUR": at least two decimals, no more than needed
result<money> parse_money(std::string_view text);      // "0.20 EUR"
/// a + b; an error for two currencies (no rate is guessed) or an overflow.
result<money> add(const money& a, const money& b);
result<money> subtract(const money& a, const money& b);

}  // namespace steward
