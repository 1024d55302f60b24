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
  std::string account;  // "company/2026-11-21", "run-3/role/editor": scope and period
  std::string words;    // "the company's limit of 5.00 EUR a day", for the refusal
  std::optional<money> spend;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> calls;
};

class budget {
public:
  struct account {
    money spent, reserved;
    std::int64_t tokens = 0, tokens_reserved = 0;
    std::int64_t calls = 0, calls_reserved = 0;
  };
  struct reservation {
    model_usage worst;
    std::vector<std::string> accounts;
    std::int64_t counts = 1;
  };
  /// All that a budget must remember: a snapshot is this struct.
  struct ledger {
    std::map<std::string, account> accounts;
    std::map<std::string, reservation> reservations;
  };
  budget() = default;
  explicit budget(ledger held) : held_(std::move(held)) {}
  const ledger& held() const { return held_; }

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

  /// Accounts whose name begins so will never be asked for again: their run has ended.
  void forget(const std::string& prefix);
  const std::map<std::string, account>& accounts() const { return held_.accounts; }

private:
  void close(const std::string& reservation, const model_usage& actual, bool made);
  ledger held_;
};
BOOST_DESCRIBE_STRUCT(budget::account, (), (spent, reserved, tokens, tokens_reserved, calls, calls_reserved))
BOOST_DESCRIBE_STRUCT(budget::reservation, (), (worst, accounts, counts))
BOOST_DESCRIBE_STRUCT(budget::ledger, (), (accounts, reservations))

}  // namespace steward
