#include "runtime/hosting/replay_gate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/rules/data_origin.hpp"

namespace steward {
namespace {

bool is_about_labels(const ruling& one) { return one.rule == "rule_of_two" || one.rule == "may_reach"; }

bool is_shadowed(const company_state& state, const std::string& run) {
  auto r = state.runs.find(run);
  for (int depth = 0; r != state.runs.end() && depth < 64; ++depth) {
    if (r->second.said.trial && r->second.said.trial->as == "shadow") return true;
    if (!r->second.said.parent) return false;
    r = state.runs.find(company_state::run_of(*r->second.said.parent));
  }
  return false;
}

/// Those that decided: "autonomy: The company asks before each mailbox.send".
std::string reasons(const std::vector<ruling>& said, verdict decided) {
  std::string text;
  for (const auto& one : said)
    if (one.says == decided) text += (text.empty() ? "" : "; ") + one.rule + ": " + one.because;
  return text.empty() ? std::string("no rule spoke") : text;
}

}  // namespace

gate_replay::gate_replay(const told_run& told, const company_manifests& manifests, const replay_world& world, std::shared_ptr<const workflow> now, tell differs)
    : told_(told), manifests_(manifests), world_(world), now_(std::move(now)), differs_(std::move(differs)) {
  state_.zone = manifests.company.zone;
}

/// The company as it was when it had decided all before this event; with the rules that the operator had given by then.
result<void> gate_replay::see(std::int64_t seq) {
  if (state_.head < seq - 1)
    if (auto folded = world_.fold_up_to(state_, seq - 1); !folded) return folded;
  std::set<std::string> granted;
  for (const auto& [name, _] : state_.granted) granted.insert(name);
  if (gate_ && granted == granted_) return {};
  granted_ = std::move(granted);
  gate_ = std::make_unique<gate>(manifests_, world_.policies, world_.salt);
  return gate_->get_ready(state_.granted);
}

result<std::optional<judgement>> gate_replay::judge(const event::header& h, const effect& x, const std::vector<ruling>& said_then, bool step_asks) {
  const auto known = world_.actions.find(x.said.prepared.action);
  const auto r = state_.runs.find(x.said.run);
  if (r == state_.runs.end() || tells_operator(r->second.said.workflow)) return std::optional<judgement>{};
  if (known == world_.actions.end())
    return std::optional(judgement{verdict::deny, false, {{"unknown_action", verdict::deny, "No connector declares " + x.said.prepared.action}}});
  const policy_question q{known->second, x.said.arguments, x.said.prepared.recipients, x.said.role, r->second.said.workflow, x.said.run, r->second.marks, h.time, state_.entities, &counts_, false,
                          r->second.marks & label_untrusted ? std::make_shared<data_origin>() : nullptr};
  auto judged = gate_->judge(q, step_asks, state_.ladders);
  std::erase_if(judged.rulings, is_about_labels);
  for (const auto& one : said_then)
    if (is_about_labels(one)) judged.rulings.push_back(one);
  judged.says = strictest(judged.rulings.front().says, judged.only_suggest, judged.rulings, 1);
  if (known->second.repeats != effect_class::read_only) {
    if (r->second.said.forked)
      if (auto again = asks_again(*r->second.said.forked, known->first)) {
        judged.says = std::max(judged.says, again->says);
        judged.rulings.push_back(std::move(*again));
      }
    if (is_shadowed(state_, x.said.run)) judged.says = std::max(judged.says, verdict::shadow);
  }
  counts_.add(gate_->counts(q));
  ++decisions_;
  return std::optional(std::move(judged));
}

result<void> gate_replay::before(const event::header& h, const event::any& e) {
  if (const auto* x = std::get_if<event::effect_proposed>(&e); x && !told_.shortened.contains(h.seq)) return proposed(h, *x);
  if (const auto* x = std::get_if<event::effect_dispatched>(&e); x && x->attempt == 1) return leaves(h, *x);
  return {};
}

result<void> gate_replay::proposed(const event::header& h, const event::effect_proposed& e) {
  if (!e.rulings.empty() && e.rulings.front().rule == said_by_fork) return {};  // the answer of another run was used: nothing was to leave
  if (auto seen = see(h.seq); !seen) return seen;
  if (h.cause != batch_) counts_.clear();
  batch_ = h.cause;
  const auto* step = now_ && e.role.empty() ? now_->find(e.step) : nullptr;
  effect x;
  x.said = e;
  const auto judged = judge(h, x, e.rulings, step && step->said->ask.has_value());
  if (!judged) return judged.error();
  if (!*judged || (*judged)->says == e.decided) return {};
  told_of_.insert(e.effect);
  const auto& now = **judged;
  differ(h, e, to_word(e.decided), now,
         fmt::format("{} ({}): the gate said {} ({}), it would say {} ({})", e.effect, e.prepared.action, to_word(e.decided), reasons(e.rulings, e.decided), to_word(now.says), reasons(now.rulings, now.says)));
  return {};
}

/// It left then: would the door have let it through?
result<void> gate_replay::leaves(const event::header& h, const event::effect_dispatched& e) {
  if (told_of_.contains(e.effect)) return {};
  if (auto seen = see(h.seq); !seen) return seen;
  const auto x = state_.effects.find(e.effect);
  if (x == state_.effects.end()) return {};
  counts_.clear();
  batch_ = 0;
  const auto judged = judge(h, x->second, x->second.said.rulings, false);
  counts_.clear();
  if (!judged) return judged.error();
  if (!*judged || (*judged)->says == verdict::allow || ((*judged)->says == verdict::ask && (e.approval || x->second.approval))) return {};
  const auto& now = **judged;
  if (now.says == x->second.said.decided) return {};  // what held it up then is on record
  differ(h, x->second.said, "allow", now, fmt::format("{} ({}) left then; the gate would say {} ({}) at the door", e.effect, x->second.said.prepared.action, to_word(now.says), reasons(now.rulings, now.says)));
  return {};
}

void gate_replay::differ(const event::header& h, const event::effect_proposed& e, std::string_view was, const judgement& now, const std::string& sentence) {
  otherwise_.emplace(e.role, e.prepared.action);
  const auto shown = [](std::string_view word) { return boost::json::object{{"kind", "verdict"}, {"name", word}, {"digest", ""}}; };
  differs_({h.seq, e.step, "verdict", "", shown(was), shown(to_word(now.says)), fmt::format("event {}, step '{}': {}", h.seq, e.step, sentence)});
}

}  // namespace steward
