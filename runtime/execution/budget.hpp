/// Limits with reservations: reserve the worst case before, settle the actual after. Spending never passes a limit.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/model.hpp"
#include "runtime/money.hpp"

namespace steward {

/// One limit that must hold, and the account that it is counted in.
struct budget_limit {
  std::string account;  // "company/2026-11-21", "role/editor/run-3": scope and period
  std::string words;    // "the company's limit of 5.00 EUR a day", for the refusal
  std::optional<money> spend;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> calls;
};

class budget {
public:
  /// Reserves `worst` in every account, or in none. An error `budget_used_up` names the first limit that it would cross.
  result<void> reserve(const std::string& reservation, const model_usage& worst, const std::vector<budget_limit>& limits);
  /// Would `reserve` succeed? Changes nothing.
  result<void> check(const model_usage& worst, const std::vector<budget_limit>& limits) const;
  /// For the fold: the reservation is on disk already, so it is taken whatever the limits say today.
  /// `counts` is what the reservation adds to the calls: 1 for a model's, 0 for an effect.
  void restore(const std::string& reservation, const model_usage& worst, const std::vector<std::string>& accounts, std::int64_t counts = 1);
  /// The actual cost takes the place of the reservation. Unknown reservations (settled before) change nothing.
  void settle(const std::string& reservation, const model_usage& actual) { close(reservation, actual, true); }
  /// Nothing was spent after all; the call was not made.
  void release(const std::string& reservation) { close(reservation, {}, false); }

  struct account {
    money spent, reserved;
    std::int64_t tokens = 0, tokens_reserved = 0;
    std::int64_t calls = 0, calls_reserved = 0;
  };
  const std::map<std::string, account>& accounts() const { return accounts_; }

private:
  struct reservation_entry {
    model_usage worst;
    std::vector<std::string> accounts;
    std::int64_t counts = 1;
  };
  void close(const std::string& reservation, const model_usage& actual, bool made);
  std::map<std::string, account> accounts_;
  std::map<std::string, reservation_entry> reservations_;
};

}  // namespace steward
