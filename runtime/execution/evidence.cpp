#include "runtime/execution/evidence.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/execution/limit_definition.hpp"

namespace steward {
namespace {

std::int64_t* member_of(evidence_count& c, evidence_kind what) {
  switch (what) {
    case evidence_kind::approved: return &c.approved;
    case evidence_kind::modified: return &c.modified;
    case evidence_kind::rejected: return &c.rejected;
    case evidence_kind::undone: return &c.undone;
    case evidence_kind::failed: return &c.failed;
    case evidence_kind::same: return &c.same;
    case evidence_kind::different: break;
  }
  return &c.different;
}

bool is_incident(evidence_kind what) { return what == evidence_kind::rejected || what == evidence_kind::undone || what == evidence_kind::failed; }

/// How many there must be when all that are still to come are right: of few, even all right ones prove too little.
std::int64_t enough(const weight& w, const ladder_rules& rules) {
  auto all = std::max(rules.after, w.all);
  while (all < std::int64_t(evidence_kept) && wilson_lower_bound(all - (w.all - w.right), all) < rules.at_least) ++all;
  return all;
}

}  // namespace

ladder_rules rules_of(const std::optional<ladder_definition>& said) {
  ladder_rules r;
  const auto climb = said ? said->climb.value_or(climb_definition{}) : climb_definition{};
  const auto fall = said ? said->fall.value_or(fall_definition{}) : fall_definition{};
  r.after = climb.after;
  if (climb.at_least)
    if (const auto percent = parse_percent(*climb.at_least)) r.at_least = double(*percent) / 100;
  r.within = climb.within.value_or(r.within);
  r.quiet_for = climb.quiet_for.value_or(r.quiet_for);
  r.ask_again = climb.ask_again.value_or(r.ask_again);
  r.rejections = fall.rejections;
  r.failures = fall.failures;
  return r;
}

std::string ladder_key(const std::string& role, const std::string& action) { return role + "/" + action; }
std::string role_of_ladder(const std::string& key) { return key.substr(0, key.find('/')); }
std::string action_of_ladder(const std::string& key) { return key.substr(key.find('/') + 1); }

void add_evidence(ladder& l, evidence e) {
  if (is_incident(e.what)) l.incident = e.at;
  if (e.what == evidence_kind::rejected) ++l.rejected_in_a_row;
  else if (e.what == evidence_kind::approved || e.what == evidence_kind::modified) l.rejected_in_a_row = 0;
  if (e.what == evidence_kind::failed) ++l.failed_in_a_row;
  else if (e.what == evidence_kind::approved) l.failed_in_a_row = 0;
  l.seen.push_back(std::move(e));
  if (l.seen.size() > evidence_kept) l.seen.pop_front();
}

evidence_count count_of(const ladder& l, time_point since) {
  evidence_count c;
  for (const auto& e : l.seen)
    if (e.at >= std::max(since, l.since)) ++*member_of(c, e.what);
  return c;
}

double wilson_lower_bound(std::int64_t right, std::int64_t all) {
  if (all <= 0) return 0;
  constexpr double z = 1.96;
  const double n = double(all), p = double(right) / n;
  return std::max(0.0, (p + z * z / (2 * n) - z * std::sqrt((p * (1 - p) + z * z / (4 * n)) / n)) / (1 + z * z / n));
}

weight weigh(const ladder& l, autonomy rung, const ladder_rules& rules, time_point now) {
  weight w;
  w.counted = count_of(l, now - rules.within);
  const auto& c = w.counted;
  const bool compares = rung == autonomy::shadow;  // nothing is done there that could be approved
  w.right = compares ? c.same : c.approved;
  w.all = compares ? c.same + c.different : c.approved + c.modified + c.rejected + c.undone + c.failed;
  w.at_least = wilson_lower_bound(w.right, w.all);
  if (rung == autonomy::act) return w;
  const auto lacks = [&](std::string text) { w.missing += (w.missing.empty() ? "" : "; ") + std::move(text); };
  if (w.all < rules.after) lacks(fmt::format("{} {} of {}", w.all, compares ? "comparisons" : "decisions", enough(w, rules)));
  else if (w.at_least < rules.at_least) lacks(fmt::format("{} of {} right, hence at least {:.0f} % by the odds, not {:.0f} %", w.right, w.all, std::floor(w.at_least * 100), rules.at_least * 100));
  if (l.incident && now - *l.incident < rules.quiet_for) lacks("quiet until " + to_text(*l.incident + rules.quiet_for).substr(0, 16) + "Z");
  return w;
}

std::optional<std::string> reason_to_fall(const ladder& l, const ladder_rules& rules, bool of_a_role) {
  if (l.seen.empty()) return {};
  const auto& newest = l.seen.back();
  if (newest.what == evidence_kind::undone) return "you took " + newest.of + " back";
  if (newest.what == evidence_kind::rejected && l.rejected_in_a_row >= rules.rejections)
    return l.rejected_in_a_row == 1 ? "you rejected " + newest.of : fmt::format("you rejected {} in a row, the last with {}", l.rejected_in_a_row, newest.of);
  if (newest.what == evidence_kind::failed && of_a_role && l.failed_in_a_row >= rules.failures)
    return l.failed_in_a_row == 1 ? newest.of + " failed for good" : fmt::format("{} in a row failed for good, the last was {}", l.failed_in_a_row, newest.of);
  return {};
}

std::optional<autonomy> fallen(autonomy rung, autonomy manifest) {
  const auto below = rung_below(rung);
  if (!below || *below < std::min(manifest, autonomy::ask)) return {};
  return below;
}

std::string to_words(const evidence_count& c) {
  std::string text;
  const auto say = [&](std::int64_t n, const char* what) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, what);
  };
  say(c.approved, "approved as proposed");
  say(c.modified, "modified");
  say(c.rejected, "rejected");
  say(c.undone, "undone");
  say(c.failed, "failed");
  say(c.same, "as you did it");
  say(c.different, "unlike what you did");
  return text.empty() ? "nothing yet" : text;
}

}  // namespace steward
