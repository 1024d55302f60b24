#include "runtime/money.hpp"

#include <fmt/format.h>

namespace steward {
namespace {
constexpr std::int64_t nano_per_unit = 1'000'000'000;
}

std::string to_text(const money& m) {
  const bool below_zero = m.nano < 0;
  const std::uint64_t nano = below_zero ? 0 - std::uint64_t(m.nano) : std::uint64_t(m.nano);
  std::string decimals = fmt::format("{:09}", nano % nano_per_unit);
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  return fmt::format("{}{}.{}{}{}", below_zero ? "-" : "", nano / nano_per_unit, decimals, m.currency.empty() ? "" : " ", m.currency);
}

result<money> parse_money(std::string_view text) {
  const auto fail = [&] {
    return error{"bad_money", "", fmt::format("found '{}'", text), "an amount and its currency, such as 0.20 EUR", ""};
  };
  std::size_t at = 0;
  const bool below_zero = !text.empty() && text[0] == '-' && ++at;
  std::int64_t whole = 0, nano = 0;
  const auto whole_from = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
    if ((whole = whole * 10 + (text[at] - '0')) > INT64_MAX / nano_per_unit - 1) return fail();
  if (at == whole_from) return fail();
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = nano_per_unit / 10;
    const auto from = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
      if (scale == 0) return fail();  // A tenth decimal would have to be rounded, and money is never rounded by a parser.
      nano += (text[at] - '0') * scale;
    }
    if (at == from) return fail();
  }
  if (at == text.size() && whole == 0 && nano == 0) return money{};  // nothing has no currency: what to_text(money{}) writes
  if (at + 4 != text.size() || text[at] != ' ') return fail();
  const auto currency = text.substr(at + 1);
  for (const char c : currency)
    if (c < 'A' || c > 'Z') return fail();
  const std::int64_t total = whole * nano_per_unit + nano;
  return money{below_zero ? -total : total, std::string(currency)};
}

result<money> add(const money& a, const money& b) {
  if (a.nano == 0) return b.currency.empty() ? money{b.nano, a.currency} : b;
  if (b.nano == 0) return a;
  if (a.currency != b.currency)
    return error{"currencies_differ", "", fmt::format("{} and {} can't be added", to_text(a), to_text(b)), "one currency", "Declare a dated exchange rate"};
  money sum{0, a.currency};
  if (__builtin_add_overflow(a.nano, b.nano, &sum.nano))
    return error{"money_overflow", "", fmt::format("{} + {} is more than we can count", to_text(a), to_text(b)), "", ""};
  return sum;
}

result<money> subtract(const money& a, const money& b) {
  if (b.nano == INT64_MIN) return error{"money_overflow", "", "an amount is more than we can count", "", ""};
  return add(a, money{-b.nano, b.currency});
}

}  // namespace steward
