/// When it is too much: "5 per 1d per customer", and the hours in which nobody wants to hear from us. Pure.
#pragma once
#include <bitset>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/rules/policy_definition.hpp"
#include "runtime/schedule.hpp"

namespace steward {

/// Of what each has a count of its own: these words, or an entity type.
inline constexpr std::string_view count_scopes[] = {"company", "role", "workflow", "run", "action", "recipient"};

struct rule_limit {
  std::int64_t count = 0;
  duration within{};
  std::string per = "company";
};

inline constexpr std::int64_t limit_most = 10'000;                       // what is remembered of each count
inline constexpr duration limit_longest = std::chrono::hours{24 * 31};  // and for how long

/// "5 per 1d", "5 per 1d per customer"; error bad_at_most.
result<rule_limit> parse_rule_limit(std::string_view text);

class quiet_hours {
public:
  /// Errors: bad_time_of_day and unknown_zone; `where` names the key.
  static result<quiet_hours> parse(const quiet_hours_definition& said, std::string_view company_zone);
  bool hold_at(const local_time& at) const;
  const std::string& zone() const { return zone_; }
  /// "from 20:00 to 08:00 (Europe/Berlin)".
  const std::string& words() const { return words_; }

private:
  int from_ = 0, to_ = 0;   // minutes of a day
  std::bitset<7> days_;     // Monday first
  std::string zone_, words_;
};

}  // namespace steward
