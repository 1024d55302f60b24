/// The stretches of time that limits are for, in the operator's calendar: a run, a day, a week from Monday, a month, a year.
///
/// Accounts are kept by the day: "company/2026-11-21". A longer period is the sum of its days, so no account is kept twice, and
/// old days may be summed up into their month ("company/2026-09") and old months into their year without any sum changing.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"

namespace steward {

enum class budget_period { run, day, week, month, year };
BOOST_DESCRIBE_ENUM(budget_period, run, day, week, month, year)

/// The accounts of one scope that a period covers are those whose last part lies in [from, until).
struct period_span {
  std::string from;   // "2026-11-16", "2026-11"
  std::string until;  // "2026-11-23", "2026-12"
};

/// "2026-11-21", the account of a day.
std::string day_text(std::chrono::sys_days day);
/// Of a period other than a run, the one that `day` lies in.
period_span span_of(budget_period period, std::chrono::sys_days day);
/// The first day after it.
std::chrono::sys_days day_after(budget_period period, std::chrono::sys_days day);

/// What an account of an old day is summed up into, on `today`: its month where it is older than last month (a week may reach back
/// into that), its year where it is older than last year. Nothing where it stays.
std::optional<std::string> summed_up(std::string_view account, std::chrono::sys_days today);

}  // namespace steward
