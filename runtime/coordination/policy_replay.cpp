#include "runtime/coordination/policy_replay.hpp"

#include <algorithm>

namespace steward {

policy_replay::policy_replay(const rule_book& rules, const policy_replay_order& order) : rules_(rules), order_(order) { state_.zone = order.zone; }

std::int64_t policy_replay::left_before::left_since(std::string_view key, time_point since) const {
  const auto found = times_.find(key);
  return found == times_.end() ? 0 : found->second.end() - std::upper_bound(found->second.begin(), found->second.end(), since);
}

result<void> policy_replay::take(const event::header& h, const event::any& e, bool whole) {
  state_.unpark(h.correlation);
  if (const auto* proposed = std::get_if<event::effect_proposed>(&e)) on(h, *proposed, whole);
  if (auto folded = state_.apply_told(h, e); !folded) return folded.error();
  if (const auto* left = std::get_if<event::effect_dispatched>(&e)) on(h, *left);
  if (const auto* settled = std::get_if<event::effect_settled>(&e)) became(settled->effect, std::string(to_word(settled->came_out.kind)));
  if (const auto* dropped = std::get_if<event::effect_dropped>(&e)) became(dropped->effect, dropped->how);
  if (const auto* asked = std::get_if<event::approval_asked>(&e)) on(*asked);
  if (const auto* decided = std::get_if<event::approval_decided>(&e)) on(*decided);
  return {};
}

template <class Use>
void policy_replay::with_case(const event::effect_proposed& e, time_point at, const Use& use) const {
  const auto known = order_.actions.find(e.prepared.action);
  action_manifest unknown;
  unknown.name = e.prepared.action;
  const auto r = state_.runs.find(e.run);
  const policy_question q{known == order_.actions.end() ? unknown : known->second, e.arguments, e.prepared.recipients, e.role, r == state_.runs.end() ? "" : r->second.said.workflow, e.run,
                          r == state_.runs.end() ? labels{} : r->second.marks, at, state_.entities, &left_, false};
  use(effect_case(q, order_.zone, salt_));
}

void policy_replay::on(const event::header& h, const event::effect_proposed& e, bool whole) {
  if (order_.since && h.time < *order_.since) return;
  if (!whole) return void(++unknown_);
  if (!e.rulings.empty() && e.rulings.front().rule == said_by_fork) return;  // the answer of another run was used: nothing was to leave
  judged_effect j;
  j.said = e;
  j.seq = h.seq;
  j.at = h.time;
  if (const auto r = state_.runs.find(e.run); r != state_.runs.end()) j.workflow = r->second.said.workflow;
  const auto& written = written_rules();
  for (const auto& one : e.rulings) (written.contains(one.rule) ? j.rules_then : j.without).push_back(one);
  if (j.without.empty()) j.without.push_back({"", e.decided, ""});
  with_case(e, h.time, [&](const rule_case& c) { rules_.judge(c, j.rules); });
  j.said.prepared.bytes.clear();
  place_[e.effect] = judged_.size();
  judged_.push_back(std::move(j));
}

void policy_replay::on(const event::header& h, const event::effect_dispatched& e) {
  if (e.attempt != 1) return;
  const auto x = state_.effects.find(e.effect);
  if (x == state_.effects.end()) return;
  auto* j = find(e.effect);
  if (j) {
    std::vector<ruling> said;
    with_case(x->second.said, h.time, [&](const rule_case& c) { rules_.judge(c, said); });
    const auto now = strictest(verdict::allow, false, said);
    const bool stops = now == verdict::deny || now == verdict::shadow || (now == verdict::ask && !j->approved);
    if (stops && now > strictest(verdict::allow, false, j->rules)) {
      j->at_the_door = now;
      j->rules = std::move(said);
    }
  }
  with_case(x->second.said, h.time, [&](const rule_case& c) {
    for (const auto& key : rules_.counts(c, salt_)) left_.add(key, h.time);
  });
}

void policy_replay::on(const event::approval_asked& e) {
  covers_[e.approval] = e.effects;
  for (const auto& id : e.effects)
    if (auto* j = find(id)) j->only_suggest = e.only_suggest;
}
void policy_replay::on(const event::approval_decided& e) {
  for (const auto& id : covers_[e.approval])
    if (auto* j = find(id)) j->approved = e.decision == "approved";
  covers_.erase(e.approval);
}

void policy_replay::became(const std::string& effect, std::string how) {
  if (auto* j = find(effect)) j->became = std::move(how);
}
policy_replay::judged_effect* policy_replay::find(const std::string& effect) {
  const auto at = place_.find(effect);
  return at == place_.end() ? nullptr : &judged_[at->second];
}

const std::set<std::string>& policy_replay::written_rules() {
  if (written_under_ != state_.policies) {
    written_.clear();
    for (const auto& one : state_.policies_in_force()) written_.insert(one.name);
    written_under_ = state_.policies;
  }
  for (const auto& [name, _] : state_.granted) written_.insert(name);  // their names are never used again
  return written_;
}

json policy_replay::told() const {
  std::map<verdict, std::int64_t> would;
  std::int64_t same = 0;
  boost::json::array rows;
  for (const auto& j : judged_) {
    auto all = j.without;
    const auto rung = all.front().says;
    all.insert(all.end(), j.rules.begin(), j.rules.end());
    auto now = strictest(rung, j.only_suggest, all, 1);
    if (j.at_the_door) now = std::max(now, *j.at_the_door);
    if (now == j.said.decided) {
      ++same;
      continue;
    }
    ++would[now];
    rows.push_back(boost::json::object{{"effect", j.said.effect}, {"seq", j.seq}, {"time", to_text(j.at)}, {"run", j.said.run}, {"workflow", j.workflow}, {"role", j.said.role},
                                       {"action", j.said.prepared.action}, {"preview", j.said.prepared.preview}, {"recipients", to_json(j.said.prepared.recipients)},
                                       {"was", to_word(j.said.decided)}, {"would_be", to_word(now)}, {"at_the_door", j.at_the_door.has_value()}, {"became", j.became},
                                       {"rules", to_json(j.rules)}, {"rules_then", to_json(j.rules_then)}});
  }
  boost::json::object counts;
  for (const auto v : {verdict::allow, verdict::ask, verdict::shadow, verdict::deny}) counts[to_word(v)] = would.contains(v) ? would.at(v) : 0;
  return boost::json::object{{"judged", std::int64_t(judged_.size())}, {"unknown", unknown_}, {"same", same}, {"would_be", std::move(counts)}, {"effects", std::move(rows)}};
}

}  // namespace steward
