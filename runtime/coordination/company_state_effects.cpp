/// The fold of effects, holds and approvals.
#include <algorithm>

#include "runtime/agent.hpp"
#include "runtime/coordination/company_state.hpp"
#include "runtime/coordination/take_row.hpp"
#include "runtime/rules/rule_limit.hpp"

namespace steward {
namespace {

/// Whether the step stands still until the operator has answered, or may not take back any more: it is not at work then.
bool stands_for_operator(const company_state& state, const run& r, time_point now) {
  return std::any_of(r.effects.begin(), r.effects.end(), [&](const std::string& id) {
    const auto e = state.effects.find(id);
    if (e == state.effects.end() || e->second.said.step != r.here->name || e->second.said.visit != r.here->visit) return false;
    return e->second.state == effect_state::awaiting || (not_left_yet(e->second) && e->second.held_until && *e->second.held_until > now);
  });
}

}  // namespace

// ---- effects and approvals

void company_state::on(const event::header& h, const event::effect_proposed& e) {
  count(e.effect);
  effect x;
  x.said = e;
  x.cause = h.seq;
  x.proposed_at = h.time;
  x.decided_at = h.time;
  x.marks = h.marks;
  if (e.decided == verdict::allow) take_row(effect_table, x.state, effect_trigger::allow, e.effect);
  effects[e.effect] = std::move(x);
  if (auto* r = find_run(e.run)) r->effects.push_back(e.effect);
  if (!e.instance.empty()) {
    const auto it = instances.find(e.instance);
    if (it != instances.end()) it->second.awaits["effect:" + e.effect] = e.effect;
  } else if (auto* s = find_step(e.run, e.step, e.visit)) {
    s->effects.push_back(e.effect);
  }
}

void company_state::on(const event::header&, const event::effect_modified& e) {
  const auto it = effects.find(e.effect);
  if (it == effects.end()) return;
  take_row(effect_table, it->second.state, effect_trigger::modify, e.effect);
  auto& said = it->second.said;
  if (it->second.approval) {
    auto& asked = approvals.at(*it->second.approval);
    take_row(approval_table, asked.state, approval_trigger::modify, asked.said.approval);
    asked.changed = true;
    std::replace(asked.said.digests.begin(), asked.said.digests.end(), said.digest, e.digest);
  }
  said.arguments = e.arguments;
  said.prepared = e.prepared;
  said.digest = e.digest;
  it->second.modified = true;
}

void company_state::on(const event::header& h, const event::effect_dispatched& e) {
  const auto it = effects.find(e.effect);
  if (it == effects.end()) return;
  auto& x = it->second;
  take_row(effect_table, x.state, effect_trigger::dispatch, e.effect);
  if (x.attempts == 0) x.first_dispatched = h.time;
  x.attempts = e.attempt;
  x.epoch = e.epoch;
  x.not_before.reset();
  if (auto* r = find_run(x.said.run); r && r->here && x.held_until && e.attempt == 1) r->here->asks = stands_for_operator(*this, *r, h.time);
  if (e.approval) {
    x.used = e.approval;
    const auto asked = approvals.find(*e.approval);
    if (asked != approvals.end() && asked->second.consumed.insert(x.said.digest).second) {
      auto& a = asked->second;
      const bool last = std::all_of(a.said.effects.begin(), a.said.effects.end(), [&](const std::string& id) {
        const auto other = effects.find(id);
        return other == effects.end() || other->second.state == effect_state::dropped || a.consumed.contains(other->second.said.digest);
      });
      take_row(approval_table, a.state, last ? approval_trigger::consume_last : approval_trigger::consume, a.said.approval);
    }
  }
  if (e.attempt == 1) reserve(e.effect, {e.reserved, 0, 0}, expense_of(x), h.time);
  if (e.counts)
    for (const auto& key : *e.counts) count_left(key, h.time);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(h.time.time_since_epoch()).count();
  const auto key = x.said.prepared.action + "/" + std::to_string(minute);
  if (dispatched_in_minute.size() > 200)  // Only the current minute is ever asked for.
    std::erase_if(dispatched_in_minute, [&](const auto& x) { return !x.first.ends_with("/" + std::to_string(minute)); });
  ++dispatched_in_minute[key];
}

void company_state::count_left(const std::string& key, time_point at) {
  auto& times = left[key];
  times.push_back(at);
  if (std::int64_t(times.size()) > limit_most) times.pop_front();
  if (at - left_swept < std::chrono::hours{24}) return;
  left_swept = at;
  for (auto it = left.begin(); it != left.end();) {
    auto& old = it->second;
    while (!old.empty() && old.front() < at - limit_longest) old.pop_front();
    it = old.empty() ? left.erase(it) : std::next(it);
  }
}

std::int64_t company_state::left_since(std::string_view key, time_point since) const {
  const auto found = left.find(std::string(key));
  if (found == left.end()) return 0;
  return found->second.end() - std::upper_bound(found->second.begin(), found->second.end(), since);
}

void company_state::settle_for_agent(const event::header& h, effect& x, std::string how, std::string reason) {
  const auto cost = x.came_out ? x.came_out->cost : money{};
  spending.settle(x.said.effect, {cost, 0, 0});
  add_cost(x.said.run, cost);
  if (x.attempts > 0) {
    run_use used{{}, 0, 0, 1};
    put(used.cost, cost);
    use(x.said.run, used);
  }
  x.said.prepared.bytes.clear();
  x.said.prepared.bytes.shrink_to_fit();
  if (x.said.instance.empty()) return;
  effect_settled told{x.said.tag, h.time, x.said.effect, x.said.prepared.action, std::move(how), std::move(reason), x.came_out ? x.came_out->answer : json{}};
  answer_to(h, x.said.instance, "effect:" + x.said.effect, "effect_settled", to_json_text(told), h.marks);
}

void company_state::on(const event::header& h, const event::effect_settled& e) {
  const auto it = effects.find(e.effect);
  if (it == effects.end()) return;
  auto& x = it->second;
  x.came_out = e.came_out;
  x.marks |= h.marks;
  if (e.said_by == "look_up" || e.said_by == "operator") x.doubted = false;
  if (e.came_out.kind == outcome_kind::in_doubt) x.doubted = true;
  if (const auto* r = find_run(x.said.run)) saw(x.said.run, h.marks & ~r->marks, fmt::format("{} (event {})", x.said.prepared.action, h.seq));
  switch (e.came_out.kind) {
    case outcome_kind::confirmed: take_row(effect_table, x.state, e.said_by == said_by_fork ? effect_trigger::reuse : effect_trigger::confirm, e.effect); break;
    case outcome_kind::refused: take_row(effect_table, x.state, effect_trigger::refuse, e.effect); break;
    case outcome_kind::in_doubt: take_row(effect_table, x.state, effect_trigger::doubt, e.effect); return;
    case outcome_kind::failed:
      if (e.retry_at) {
        take_row(effect_table, x.state, effect_trigger::repeat, e.effect);
        x.not_before = e.retry_at;
        return;
      }
      take_row(effect_table, x.state, effect_trigger::fail, e.effect);
  }
  count_outcome(h, x, e);
  settle_for_agent(h, x, std::string(to_word(e.came_out.kind)), e.came_out.sentence);
}

void company_state::on(const event::header& h, const event::effect_dropped& e) {
  const auto it = effects.find(e.effect);
  if (it == effects.end()) return;
  auto& x = it->second;
  take_row(effect_table, x.state, effect_trigger::drop, e.effect);
  if (auto* r = find_run(x.said.run); r && r->here && x.held_until) r->here->asks = stands_for_operator(*this, *r, h.time);
  x.drop_how = e.how;
  x.drop_reason = e.reason;
  keep_shadow(h, x, e);
  settle_for_agent(h, x, e.how, e.reason);
}

void company_state::on(const event::header& h, const event::approval_asked& e) {
  count(e.approval);
  auto& asked = approvals[e.approval] = {e, approval_state::asked, {}, {}, h.time};
  asked.said.title.clear();  // the card says them
  asked.said.text.clear();
  for (const auto& id : e.effects) {
    const auto it = effects.find(id);
    if (it == effects.end()) continue;
    take_row(effect_table, it->second.state, effect_trigger::ask, id);
    it->second.approval = e.approval;
    it->second.held_until.reset();
  }
  if (!e.card.empty()) on(h, card_of(e));
  auto* r = find_run(e.run);
  if (!r) return;
  r->approvals.push_back(e.approval);
  if (!r->here || r->here->name != e.step) return;
  r->here->approval = e.approval;
  r->here->asks = true;
}

void company_state::on(const event::header& h, const event::approval_decided& e) {
  const auto it = approvals.find(e.approval);
  if (it == approvals.end()) return;
  auto& a = it->second;
  a.reason = e.reason;
  take_row(approval_table, a.state, e.decision == "approved" ? approval_trigger::approve : e.decision == "rejected" ? approval_trigger::reject : approval_trigger::expire,
       e.approval);
  if (e.decision != "expired") use(a.said.run, {{}, 0, 0, 0, 1, h.time - a.asked_at});
  if (auto* r = find_run(a.said.run); r && r->here && r->here->approval == e.approval) {
    r->here->asks = false;
    if (r->here->due) *r->here->due += h.time - a.asked_at;  // The operator's time is not the step's.
  }
  if (e.decision != "expired") note_answer(a, e.decision == "approved", h.time);
  count_decision(h, a, e.decision);
  if (e.decision != "approved") return;
  for (const auto& id : a.said.effects) {
    const auto x = effects.find(id);
    if (x == effects.end() || x->second.state != effect_state::awaiting) continue;
    take_row(effect_table, x->second.state, effect_trigger::approve, id);
    x->second.decided_at = h.time;
  }
}

void company_state::on(const event::header& h, const event::effect_held& e) {
  const auto it = effects.find(e.effect);
  if (it == effects.end()) return;
  auto& x = it->second;
  const auto before = x.held_until ? std::max(*x.held_until, h.time) : h.time;
  x.held_until = e.until;
  auto* r = find_run(x.said.run);
  if (!r || !r->here || r->here->name != x.said.step || r->here->visit != x.said.visit) return;
  if (r->here->due) *r->here->due += e.until - before;  // A hold is not the step's time.
  r->here->asks = stands_for_operator(*this, *r, h.time);
}

}  // namespace steward
