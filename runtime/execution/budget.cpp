#include "runtime/execution/budget.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "runtime/execution/limit_definition.hpp"

namespace steward {
namespace {

std::int64_t tokens_of(const model_usage& u) { return u.tokens_in + u.tokens_out; }

void join(budget::account& a, const budget::account& b) {
  for (const auto& m : b.spent) put(a.spent, m);
  for (const auto& m : b.reserved) put(a.reserved, m);
  a.tokens += b.tokens;
  a.tokens_reserved += b.tokens_reserved;
  a.calls += b.calls;
  a.calls_reserved += b.calls_reserved;
}

bool holds_nothing_back(const budget::account& a) { return a.reserved.empty() && a.tokens_reserved == 0 && a.calls_reserved == 0; }

/// A sum beyond what a number holds stays at the most that it can be, which no limit lets through.
std::int64_t bounded_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

/// What is spent and reserved of a limit, in its own measure; of spend in nano-units of its currency.
struct used_part {
  std::int64_t used = 0;
  bool other_currency = false;  // there is also something that can't be added: no rate, no spend
};

void add_part(used_part& sum, const budget::account& a, const budget_limit& limit) {
  if (limit.of == budget_measure::tokens) sum.used = bounded_sum(sum.used, a.tokens + a.tokens_reserved);
  if (limit.of == budget_measure::calls) sum.used = bounded_sum(sum.used, a.calls + a.calls_reserved);
  if (limit.of != budget_measure::spend) return;
  for (const auto* some : {&a.spent, &a.reserved})
    for (const auto& m : *some) {
      if (m.currency == limit.spend.currency) sum.used = bounded_sum(sum.used, m.nano);
      else sum.other_currency = true;
    }
}

template <class Visit>
void for_each_account(const std::map<std::string, budget::account>& all, const budget_limit& limit, Visit visit) {
  if (limit.until.empty()) {
    if (const auto found = all.find(limit.from); found != all.end()) visit(found->second);
    return;
  }
  const auto visit_range = [&](const std::string& from, const std::string& until) {
    for (auto it = all.lower_bound(from); it != all.end() && it->first < until; ++it) visit(it->second);
  };
  visit_range(limit.from, limit.until);
  for (const auto& range : limit.also) visit_range(range.from, range.until);
}

used_part used_of(const std::map<std::string, budget::account>& all, const budget_limit& limit) {
  used_part sum;
  for_each_account(all, limit, [&](const budget::account& a) { add_part(sum, a, limit); });
  return sum;
}

/// What a call adds to this limit at worst.
std::int64_t added_by(const model_usage& worst, const budget_limit& limit) {
  return limit.of == budget_measure::spend ? worst.cost.nano : limit.of == budget_measure::tokens ? tokens_of(worst) : 1;
}

std::string most_of(const budget_limit& limit) {
  return limit.of == budget_measure::spend ? to_text(limit.spend) : fmt::format("{} {}", limit.count, to_word(limit.of));
}

}  // namespace

std::optional<std::int64_t> parse_percent(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || std::string_view(end, std::size_t(text.data() + text.size() - end)) != "%" || value < 1 || value > 100) return std::nullopt;
  return value;
}

std::string to_words(const budget_limit& limit) { return fmt::format("{} limit of {} a {}", limit.whose, most_of(limit), to_word(limit.period)); }

std::string mark_of(const budget_limit& limit) { return fmt::format("budget/{}/{}/{}", to_word(limit.period), to_word(limit.of), limit.from); }

void put(amounts& into, const money& more) {
  if (more.nano == 0) return;
  const auto at = std::lower_bound(into.begin(), into.end(), more, [](const money& a, const money& b) { return a.currency < b.currency; });
  if (at == into.end() || at->currency != more.currency) into.insert(at, more);
  else if (at->nano = bounded_sum(at->nano, more.nano); at->nano == 0) into.erase(at);
}

void take(amounts& from, const money& less) { put(from, {-less.nano, less.currency}); }

std::string to_text(const amounts& all) {
  std::string text;
  for (const auto& m : all) text += (text.empty() ? "" : " and ") + to_text(m);
  return text.empty() ? to_text(money{}) : text;
}

budget::account budget::total(const budget_limit& limit) const {
  account sum;
  for_each_account(held_.accounts, limit, [&](const account& a) { join(sum, a); });
  return sum;
}

bool budget::warns(const budget_limit& limit) const {
  if (limit.warn_at == 0) return false;
  const auto used = used_of(held_.accounts, limit).used;
  const auto most = limit.of == budget_measure::spend ? limit.spend.nano : limit.count;
  return used > 0 && double(used) * 100 >= double(most) * double(limit.warn_at);  // a mark is rough; no product overflows
}

result<void> budget::check(const model_usage& worst, const std::vector<budget_limit>& limits) const {
  for (const auto& limit : limits) {
    const auto more = added_by(worst, limit);
    if (more == 0) continue;
    const auto sum = used_of(held_.accounts, limit);
    const bool of_money = limit.of == budget_measure::spend;
    const bool fits = of_money ? !sum.other_currency && worst.cost.currency == limit.spend.currency && bounded_sum(sum.used, more) <= limit.spend.nano : bounded_sum(sum.used, more) <= limit.count;
    if (fits) continue;
    const auto a = total(limit);
    const auto over = of_money ? fmt::format("{} spent, {} reserved, {} more at worst", to_text(a.spent), to_text(a.reserved), to_text(worst.cost))
                      : limit.of == budget_measure::tokens ? fmt::format("{} tokens used or reserved, {} more at worst", a.tokens + a.tokens_reserved, more)
                                                           : fmt::format("{} call{} made or under way", a.calls + a.calls_reserved, a.calls + a.calls_reserved == 1 ? "" : "s");
    return error{"budget_used_up", "", "the call doesn't fit into " + to_words(limit) + ": " + over, "", "Raise the limit in the manifest and 'steward retry', or wait for the next period"};
  }
  return {};
}

result<void> budget::reserve(const std::string& reservation, const model_usage& worst, const std::vector<share>& shares, const std::vector<budget_limit>& limits) {
  if (auto r = check(worst, limits); !r) return r;
  restore(reservation, worst, shares);
  return {};
}

void budget::restore(const std::string& reservation, const model_usage& worst, const std::vector<share>& shares) {
  if (!held_.reservations.emplace(reservation, budget::reservation{worst, shares}).second) return;
  for (const auto& share : shares) {
    if (worst.cost.nano == 0 && tokens_of(worst) == 0 && share.calls == 0) continue;  // what costs nothing opens no account
    auto& a = held_.accounts[share.account];
    put(a.reserved, worst.cost);
    a.tokens_reserved += tokens_of(worst);
    a.calls_reserved += share.calls;
  }
}

void budget::close(const std::string& reservation, const model_usage& actual, bool made) {
  const auto found = held_.reservations.find(reservation);
  if (found == held_.reservations.end()) return;
  const auto& worst = found->second.worst;
  for (const auto& share : found->second.shares) {
    const bool reserved = worst.cost.nano != 0 || tokens_of(worst) != 0 || share.calls != 0;
    if (!reserved && actual.cost.nano == 0 && tokens_of(actual) == 0) continue;
    auto& a = held_.accounts[share.account];
    take(a.reserved, worst.cost);
    a.tokens_reserved -= tokens_of(worst);
    a.calls_reserved -= share.calls;
    put(a.spent, actual.cost);
    a.tokens += tokens_of(actual);
    a.calls += made ? share.calls : 0;
  }
  held_.reservations.erase(found);
}

void budget::forget(const std::string& prefix) {
  auto& all = held_.accounts;
  for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix);) it = all.erase(it);
}

void budget::sum_up(std::chrono::sys_days today) {
  auto& all = held_.accounts;
  for (auto it = all.begin(); it != all.end();) {
    const auto into = holds_nothing_back(it->second) ? summed_up(it->first, today) : std::nullopt;
    if (!into) {
      ++it;
      continue;
    }
    join(all[*into], it->second);
    it = all.erase(it);
  }
}

}  // namespace steward
