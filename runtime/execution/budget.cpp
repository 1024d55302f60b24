#include "runtime/execution/budget.hpp"

#include <fmt/format.h>

namespace steward {
namespace {

std::int64_t tokens_of(const model_usage& u) { return u.tokens_in + u.tokens_out; }

/// Sums that can't be formed (two currencies, overflow) count as over the limit: no rate, no spend.
bool within(const money& spent, const money& reserved, const money& more, const money& limit) {
  const auto so_far = add(spent, reserved);
  if (!so_far) return false;
  const auto sum = add(*so_far, more);
  if (!sum) return false;
  return sum->nano == 0 || (sum->currency == limit.currency && sum->nano <= limit.nano);
}

}  // namespace

result<void> budget::check(const model_usage& worst, const std::vector<budget_limit>& limits) const {
  static const account nothing;
  for (const auto& limit : limits) {
    const auto found = held_.accounts.find(limit.account);
    const auto& a = found == held_.accounts.end() ? nothing : found->second;
    std::string over;
    if (limit.spend && worst.cost.nano != 0 && !within(a.spent, a.reserved, worst.cost, *limit.spend))
      over = fmt::format("{} spent, {} reserved, {} more at worst", to_text(a.spent), to_text(a.reserved), to_text(worst.cost));
    else if (limit.tokens && a.tokens + a.tokens_reserved + tokens_of(worst) > *limit.tokens)
      over = fmt::format("{} tokens used or reserved, {} more at worst", a.tokens + a.tokens_reserved, tokens_of(worst));
    else if (limit.calls && a.calls + a.calls_reserved + 1 > *limit.calls)
      over = fmt::format("{} calls made or under way", a.calls + a.calls_reserved);
    if (!over.empty())
      return error{"budget_used_up", "", "the call doesn't fit into " + limit.words + ": " + over, "", "Raise the limit in the manifest and 'steward retry', or wait for the next period"};
  }
  return {};
}

result<void> budget::reserve(const std::string& reservation, const model_usage& worst, const std::vector<budget_limit>& limits) {
  if (auto r = check(worst, limits); !r) return r;
  std::vector<std::string> names;
  for (const auto& limit : limits) names.push_back(limit.account);
  restore(reservation, worst, names);
  return {};
}

void budget::restore(const std::string& reservation, const model_usage& worst, const std::vector<std::string>& names, std::int64_t counts) {
  if (!held_.reservations.emplace(reservation, budget::reservation{worst, names, counts}).second) return;
  for (const auto& name : names) {
    auto& a = held_.accounts[name];
    if (const auto sum = add(a.reserved, worst.cost)) a.reserved = *sum;
    a.tokens_reserved += tokens_of(worst);
    a.calls_reserved += counts;
  }
}

void budget::close(const std::string& reservation, const model_usage& actual, bool made) {
  const auto found = held_.reservations.find(reservation);
  if (found == held_.reservations.end()) return;
  for (const auto& name : found->second.accounts) {
    auto& a = held_.accounts[name];
    if (const auto rest = subtract(a.reserved, found->second.worst.cost)) a.reserved = *rest;
    a.tokens_reserved -= tokens_of(found->second.worst);
    a.calls_reserved -= found->second.counts;
    if (const auto sum = add(a.spent, actual.cost)) a.spent = *sum;
    a.tokens += tokens_of(actual);
    a.calls += made ? found->second.counts : 0;
  }
  held_.reservations.erase(found);
}

void budget::forget(const std::string& prefix) {
  auto& all = held_.accounts;
  for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix);) it = all.erase(it);
}

}  // namespace steward
