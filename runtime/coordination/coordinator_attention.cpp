/// What is put before the operator, and when: snoozed cards, questions that are alike, and the day's number of questions.
#include <algorithm>

#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/likeness.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

constexpr duration snooze_longest = std::chrono::hours{24 * 90};   // What is to rest for longer is a note in a calendar, not a card.
constexpr duration morning = std::chrono::hours{12};               // A question that comes back at midnight must leave this long to answer it.

}  // namespace

result<void> coordinator::snooze_card(const std::string& what, time_point until, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(what);
  auto id = what;
  if (const auto about = state_.cards_about.find(what); about != state_.cards_about.end() && !about->second.empty()) id = *about->second.begin();
  const auto it = state_.cards.find(id);
  if (it == state_.cards.end()) return error{"not_open", "", "there is no open card '" + what + "'", "a card or a question that is open", "'steward inbox --all' lists them"};
  const auto& said = it->second.said;
  std::optional<time_point> ends;
  if (const auto a = state_.approvals.find(said.subject); a != state_.approvals.end()) ends = a->second.said.expires_at;
  if (const auto r = state_.runs.find(said.run); r != state_.runs.end() && said.about == "person" && r->second.here) ends = r->second.here->due;
  if (ends && until > *ends)
    return error{"bad_snooze", id, "it would sleep until " + to_local_text(state_.zone, until) + ", and its time is up at " + to_local_text(state_.zone, *ends), "an earlier moment",
                 "A deadline counts while a card sleeps, and nobody would answer it"};
  if (until - now_ > snooze_longest) return error{"bad_snooze", id, "it would sleep for " + to_text(until - now_), "at most " + to_text(snooze_longest), ""};
  emit_for_card(it->second, event::card_snoozed{id, std::max(until, now_), "operator"}, "operator", 0);
  return {};
}

/// All are looked at before the first is decided: a list that has changed since it was seen is shown again, not half decided.
result<void> coordinator::decide_alike(bool yes, const std::vector<seen_question>& seen, const std::string& reason, time_point now) {
  now_ = std::max(now, state_.now);
  std::string group;
  for (const auto& one : seen) {
    fetch(one.approval);
    const auto it = state_.approvals.find(one.approval);
    if (it == state_.approvals.end() || it->second.state != approval_state::asked)
      return error{"already_decided", one.approval, it == state_.approvals.end() ? "it is not open any more" : "it was " + std::string(to_word(it->second.state)) + " before", "open questions",
                   "Nothing was decided; say it again, and look at what is open now"};
    if (digest_of_question(it->second.said) != one.digest)
      return error{"approval_changed", one.approval, "it has changed since it was looked at", "the digest " + one.digest.substr(0, 16), "Nothing was decided; look at it again"};
    const auto its = group_of(state_, it->second);
    if (group.empty()) group = its;
    if (its != group) return error{"not_alike", one.approval, "it is not like " + seen.front().approval, "questions of one group", "'steward inbox' groups those that are alike"};
  }
  for (const auto& one : seen) {
    const auto it = state_.approvals.find(one.approval);
    if (it == state_.approvals.end() || it->second.state != approval_state::asked) continue;
    const auto decided = yes ? approve(one.approval, reason, now) : reject(one.approval, reason, now);
    if (!decided) return decided;
  }
  return {};
}

time_point coordinator::tomorrow() const { return day_start(state_.zone, local_day(state_.zone, now_) + std::chrono::days{1}); }

/// A question was asked. Beyond the day's number it waits, unless it is urgent: nothing is ever decided by it.
void coordinator::heed_attention(std::string card, bool urgent, std::int64_t cause) {
  const auto& limit = parts_.manifests.company.attention;
  if (!limit || urgent || state_.questions_today <= limit->questions_per_day || !state_.cards.contains(card)) return;
  const auto until = tomorrow();
  emit_for_card(state_.cards.at(card), event::card_snoozed{card, until, "attention"}, "coordinator", cause);
  wake(until, "attention:");
}

/// It can't wait until tomorrow: money, law, or a deadline that leaves no morning for it.
bool coordinator::is_urgent(const approval& asked) const {
  if (asked.said.expires_at && *asked.said.expires_at < tomorrow() + morning) return true;
  return std::any_of(asked.said.effects.begin(), asked.said.effects.end(), [&](const std::string& id) {
    const auto e = state_.effects.find(id);
    const auto* manifest = e == state_.effects.end() ? nullptr : parts_.actions->find(e->second.said.prepared.action);
    return manifest && (manifest->risk == risk_kind::money || manifest->risk == risk_kind::legal);
  });
}

/// A new day: what waited comes back, the oldest first; with `beyond: wait` no more than the day's number.
void coordinator::attention_is_due() {
  const auto& limit = parts_.manifests.company.attention;
  std::vector<std::pair<std::int64_t, std::string>> due;
  std::optional<time_point> next;
  for (const auto& [card, asleep] : state_.snoozed) {
    if (asleep.by != "attention") continue;
    if (asleep.until <= now_) due.emplace_back(number_of(card), card);
    else if (!next || asleep.until < *next) next = asleep.until;
  }
  std::sort(due.begin(), due.end());
  const auto today = to_local_text(state_.zone, now_).substr(0, 10);
  const auto next_day = tomorrow();
  for (const auto& [_, card] : due) {
    fetch(card);
    const auto it = state_.cards.find(card);
    if (it == state_.cards.end()) continue;
    const auto asked = state_.approvals.find(it->second.said.subject);
    const bool urgent = asked != state_.approvals.end() && is_urgent(asked->second);
    const auto seen = state_.question_day == today ? state_.questions_today : 0;
    const bool full = limit && limit->beyond == beyond_attention::wait && seen >= limit->questions_per_day && !urgent;
    emit_for_card(it->second, event::card_snoozed{card, full ? next_day : now_, "attention"}, "coordinator", 0);
    if (full) next = next ? std::min(*next, next_day) : next_day;
  }
  if (next) wake(*next, "attention:");
}

}  // namespace steward
