#include "runtime/execution/budget_period.hpp"

#include <fmt/format.h>

namespace steward {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

sys_days monday_of(sys_days day) { return day - (std::chrono::weekday{day} - std::chrono::Monday); }
std::string month_text(std::chrono::year_month m) { return fmt::format("{:04}-{:02}", int(m.year()), unsigned(m.month())); }
std::string year_text(std::chrono::year y) { return fmt::format("{:04}", int(y)); }

std::chrono::year_month month_of(sys_days day) {
  const year_month_day ymd{day};
  return ymd.year() / ymd.month();
}

constexpr std::size_t of_a_year = 4, of_a_month = 7, of_a_day = 10;  // "2026", "2026-11", "2026-11-21"

bool is_date(std::string_view text) {
  if (text.size() != of_a_year && text.size() != of_a_month && text.size() != of_a_day) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i == of_a_year || i == of_a_month ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  return true;
}

}  // namespace

std::string day_text(sys_days day) {
  const year_month_day ymd{day};
  return fmt::format("{:04}-{:02}-{:02}", int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day()));
}

sys_days day_after(budget_period period, sys_days day) {
  const auto month = month_of(day);
  switch (period) {
    case budget_period::run:
    case budget_period::day: break;
    case budget_period::week: return monday_of(day) + days{7};
    case budget_period::month: return sys_days{(month + std::chrono::months{1}) / 1};
    case budget_period::year: return sys_days{(month.year() + std::chrono::years{1}) / 1 / 1};
  }
  return day + days{1};
}

period_span span_of(budget_period period, sys_days day) {
  const auto month = month_of(day);
  switch (period) {
    case budget_period::run:
    case budget_period::day: break;
    case budget_period::week: return {day_text(monday_of(day)), day_text(monday_of(day) + days{7})};
    case budget_period::month: return {month_text(month), month_text(month + std::chrono::months{1})};
    case budget_period::year: return {year_text(month.year()), year_text(month.year() + std::chrono::years{1})};
  }
  return {day_text(day), day_text(day + days{1})};
}

std::optional<std::string> summed_up(std::string_view account, sys_days today) {
  const auto slash = account.rfind('/');
  const auto date = account.substr(slash == account.npos ? 0 : slash + 1);
  if (!is_date(date) || date.size() == of_a_year) return std::nullopt;
  const auto month = month_of(today);
  if (date.substr(0, of_a_year) < year_text(month.year() - std::chrono::years{1})) return std::string(account.substr(0, account.size() - date.size() + of_a_year));
  if (date.size() == of_a_day && date.substr(0, of_a_month) < month_text(month - std::chrono::months{1})) return std::string(account.substr(0, account.size() - 3));
  return std::nullopt;
}

}  // namespace steward
