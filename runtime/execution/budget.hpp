/// Limits with reservations: reserve the worst case before, settle the actual after. Spending never passes a limit.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/execution/budget_period.hpp"
#include "runtime/model.hpp"
#include "runtime/money.hpp"

namespace steward {

enum class budget_measure { spend, tokens, calls };
BOOST_DESCRIBE_ENUM(budget_measure, spend, tokens, calls)

/// One limit that must hold, and the accounts whose sum it holds for.
struct budget_limit {
  std::string from;    // "company/2026-11-21", "run-3/role/editor": scope and period
  std::string until;   // empty: that account alone; else all whose names lie in [from, until), the days of a month
  std::vector<period_span> also;  // further accounts that it holds for: those of a record that was merged into this one
  std::string whose;   // "the company's", "the role editor's", for the refusal
  budget_period period = budget_period::day;
  budget_measure of = budget_measure::spend;
  money spend;             // of spend
  std::int64_t count = 0;  // of tokens and calls
  std::int64_t warn_at = 0;  // percent of it, its soft mark; 0: none
};
/// "the company's limit of 5.00 EUR a day".
std::string to_words(const budget_limit& limit);
/// Names one limit in one period, for the card that tells once: "budget/day/spend/company/2026-11-21".
std::string mark_of(const budget_limit& limit);

/// Amounts of several currencies, each once, sorted; nothing of a currency stands as no entry. No rate is guessed between them.
using amounts = std::vector<money>;
void put(amounts& into, const money& more);
void take(amounts& from, const money& less);
std::string to_text(const amounts& all);  // "0.20 EUR", "0.20 EUR and 1.00 USD", "0.00"

/// Who spends, and on what: which accounts a reservation counts in, and which limits it must fit into, follows from it.
struct expense {
  std::string role;  // empty: the workflow's own effect
  std::string run;
  std::string model, model_class;  // of a question to a model: its provider, and what the role asked for
  std::string connector;           // of an effect
};

class budget {
public:
  struct account {
    amounts spent, reserved;
    std::int64_t tokens = 0, tokens_reserved = 0;
    std::int64_t calls = 0, calls_reserved = 0;
    bool operator==(const account&) const = default;
  };
  /// An account that a reservation counts in, and what it adds to the calls there: a question to a model is a call of its role and
  /// of its model, an effect only of its connector.
  struct share {
    std::string account;
    std::int64_t calls = 1;
    bool operator==(const share&) const = default;
  };
  struct reservation {
    model_usage worst;
    std::vector<share> shares;
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
  result<void> reserve(const std::string& reservation, const model_usage& worst, const std::vector<share>& shares, const std::vector<budget_limit>& limits);
  /// Would `reserve` succeed? Changes nothing.
  result<void> check(const model_usage& worst, const std::vector<budget_limit>& limits) const;
  /// For the fold: the reservation is on disk already, so it is taken whatever the limits say today.
  void restore(const std::string& reservation, const model_usage& worst, const std::vector<share>& shares);
  /// The actual cost takes the place of the reservation. Unknown reservations (settled before) change nothing.
  void settle(const std::string& reservation, const model_usage& actual) { close(reservation, actual, true); }
  /// Nothing was spent after all; the call was not made.
  void release(const std::string& reservation) { close(reservation, {}, false); }

  /// What the accounts of this limit hold together.
  account total(const budget_limit& limit) const;
  /// Whether what is spent and reserved has come to its soft mark.
  bool warns(const budget_limit& limit) const;

  /// Accounts whose name begins so will never be asked for again: their run has ended.
  void forget(const std::string& prefix);
  /// A new day: accounts of days long gone, with nothing reserved, become part of their month's, and these of their year's.
  void sum_up(std::chrono::sys_days today);
  const std::map<std::string, account>& accounts() const { return held_.accounts; }

private:
  void close(const std::string& reservation, const model_usage& actual, bool made);
  ledger held_;
};
BOOST_DESCRIBE_STRUCT(budget::account, (), (spent, reserved, tokens, tokens_reserved, calls, calls_reserved))
BOOST_DESCRIBE_STRUCT(budget::share, (), (account, calls))
BOOST_DESCRIBE_STRUCT(budget::reservation, (), (worst, shares))
BOOST_DESCRIBE_STRUCT(budget::ledger, (), (accounts, reservations))

}  // namespace steward
