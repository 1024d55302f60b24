/// What an effect meets before it may leave: it is proposed, judged by the gate, and asked about.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/planted.hpp"
#include "runtime/rules/data_origin.hpp"

namespace steward {
namespace {

constexpr std::int64_t ordinals_of_attempt = 100'000;  // more effects than one step may have (caps.fan_out)

}  // namespace

policy_question coordinator::question_about(const effect& e, const action_manifest& action) const {
  const auto r = state_.runs.find(e.said.run);
  const auto* its = r == state_.runs.end() ? nullptr : &r->second;
  return {action, e.said.arguments, e.said.prepared.recipients, e.said.role, its ? its->said.workflow : "", e.said.run, its ? its->marks : labels{}, now_, state_.entities, &counts_, e.attempts > 0,
          its ? origin_of(*its, e.said.role) : nullptr, state_.entities_of(e.said.run)};
}

std::shared_ptr<const data_origin> coordinator::origin_of(const run& r, const std::string& name) const {
  const auto role = parts_.manifests.roles.find(name);
  const bool known = role != parts_.manifests.roles.end();
  const auto& listed = known ? role->second.may_reach : parts_.manifests.company.may_reach;
  if (!(r.marks & label_untrusted) && listed.empty()) return nullptr;  // nobody will ask
  auto origin = std::make_shared<data_origin>();
  origin->untrusted_from = r.origin.untrusted_from;
  origin->senders = r.origin.senders;
  if (!(r.origin.input & label_untrusted)) origin->own_words.push_back(&r.said.input);
  if (const auto adopted = state_.manifests.find(r.said.digest); adopted != state_.manifests.end() && !is_made_by_engine(r.said.workflow)) origin->own_words.push_back(&adopted->second.said.body);
  if (known) origin->own_words.push_back(&role->second.settings);
  if (r.marks & label_private) {
    origin->private_by = r.origin.private_from.empty() ? "what the run has seen" : fmt::format("{}", fmt::join(r.origin.private_from, ", "));
  } else if (known) {
    // It has not looked yet; but what an injected text tells it to look at, it would.
    for (const auto& scope : role->second.may_know)
      if (const auto held = state_.scopes.find(scope); gate_.is_private(scope) || (held != state_.scopes.end() && (held->second & label_private)))
        origin->private_by = "the role '" + name + "' may recall the memory scope '" + scope + "'";
    for (const auto& [action, _] : role->second.may_do)
      if (const auto* manifest = parts_.actions->find(action); manifest && manifest->repeats == effect_class::read_only && (manifest->answer_labels & label_private))
        origin->private_by = "the role '" + name + "' may look up " + action;
  }
  return origin;
}

judgement coordinator::judge(const effect& e, bool step_asks) const {
  const auto* manifest = parts_.actions->find(e.said.prepared.action);
  if (!manifest) return {verdict::deny, false, {{"unknown_action", verdict::deny, "No connector of this company declares " + e.said.prepared.action}}};
  const auto r = state_.runs.find(e.said.run);
  auto judged = gate_.judge(question_about(e, *manifest), step_asks, state_.ladders);
  if (r != state_.runs.end() && r->second.said.forked && manifest->repeats != effect_class::read_only)
    if (auto again = asks_again(*r->second.said.forked, manifest->name)) {
      judged.says = std::max(judged.says, again->says);
      judged.rulings.push_back(std::move(*again));
    }
  if (manifest->repeats != effect_class::read_only && shadowed(e.said.run)) {
    judged.says = std::max(judged.says, verdict::shadow);
    judged.rulings.push_back({"trial", verdict::shadow, e.said.run + " tries a new version beside the one in force: what it decides is recorded, not done"});
  }
  if (planted(bug::unapproved_leaves) && judged.says == verdict::ask) judged.says = verdict::allow;
  if (planted(bug::decision_reused) && judged.says == verdict::ask && std::any_of(state_.approvals.begin(), state_.approvals.end(), [&](const auto& a) { return a.second.state == approval_state::used && a.second.said.run == e.said.run && a.second.said.step == e.said.step; }))
    judged.says = verdict::allow;
  return judged;
}

const event::left_effect* coordinator::recorded_of(const run& r, const action_call& call) const {
  const auto* manifest = parts_.actions->find(call.action);
  if (!r.said.forked || !manifest || manifest->repeats == effect_class::read_only) return nullptr;  // reading harms nobody: it is read again
  std::int64_t taken = 0;
  for (const auto& id : r.effects) {
    const auto e = state_.effects.find(id);
    taken += e != state_.effects.end() && e->second.state == effect_state::confirmed && e->second.attempts == 0 && e->second.said.prepared.action == call.action &&
             e->second.said.arguments == call.arguments;
  }
  return recorded_for(*r.said.forked, call.action, call.arguments, taken);
}

/// Prepares the effect, judges it, and puts it on record. What the gate does not let through is dropped in the same append.
result<std::string> coordinator::propose(const proposal& p, std::int64_t cause) {
  const auto key = mint_effect_key(parts_.salt, p.run, p.step, p.visit, p.instance, p.ordinal);
  auto prepared = parts_.actions->prepare(p.call, {key, now_});
  if (!prepared) return prepared.error();
  const auto* manifest = parts_.actions->find(p.call.action);
  effect e;
  e.said = {state_.next_id("eff"), p.run, p.step, p.visit, p.instance, p.tag, p.role, p.undo, p.why, p.evidence, p.call.arguments, std::move(*prepared), "", verdict::ask, {}, manifest->cost};
  e.said.digest = effect_digest(e.said.prepared);
  const auto id = e.said.effect;
  const auto& r = state_.runs.at(p.run);
  const auto* recorded = recorded_of(r, p.call);
  const auto judged = recorded ? judgement{verdict::allow, false, {{"fork", verdict::allow, recorded->effect + " did this before the fork; its answer is used and nothing leaves"}}} : judge(e, p.step_asks);
  e.said.decided = judged.says;
  e.said.rulings = judged.rulings;
  const auto seq = emit(e.said, "run/" + p.run, p.role.empty() ? "coordinator" : "role/" + p.role, cause, p.run, p.marks | r.marks);
  if (recorded) emit(event::effect_settled{id, 0, recorded_outcome(*recorded), {}, said_by_fork}, "run/" + p.run, "coordinator", seq, p.run, manifest->answer_labels);
  if (judged.says == verdict::deny || judged.says == verdict::shadow) {
    std::string reason;
    for (const auto& rule : judged.rulings)
      if (rule.says == judged.says) reason += (reason.empty() ? "" : "; ") + rule.because;
    emit(judged.says == verdict::deny ? event::effect_dropped{id, "denied", reason, judged.rulings, {}, {}} : shadow_of(state_.effects.at(id), reason, judged.rulings), "run/" + p.run, "coordinator", seq, p.run);
  }
  return id;
}

result<void> coordinator::propose_for_step(run& r, const compiled_step& s, std::int64_t cause) {
  const auto id = r.said.run;
  const auto visit = r.here->visit;
  std::vector<proposal> wanted;
  for (const auto& e : s.effects) {
    boost::json::array items{nullptr};
    if (e.each) {
      auto list = items_of(r, *e.each, s.name);
      if (!list) return list.error();
      items = std::move(*list);
    }
    for (const auto& item : items) {
      auto vars = names_of(r);
      if (e.each) vars.with(e.each->name, item);
      if (e.when) {
        const auto fits = e.when->holds(vars);
        if (!fits) return fits.error();
        if (!*fits) continue;
      }
      auto arguments = e.with.evaluate(vars);
      if (!arguments) return arguments.error();
      if (arguments->is_null()) *arguments = boost::json::object{};
      proposal p{id, s.name, visit, "", e.each ? each_tag : "", "", e.undo, "", {}, {e.action, std::move(*arguments)}, 0, s.said->ask.has_value(), r.marks};
      p.ordinal = (r.here->attempt - 1) * ordinals_of_attempt + std::int64_t(wanted.size()) + 1;
      p.why = "The workflow " + r.said.workflow + " does this in its step '" + s.name + "'";
      if (s.said->ask)
        for (const auto& shown : s.said->ask->shows)
          if (const auto* sources = r.names.if_contains("evidence of " + shown)) {
            const auto list = from_json<std::vector<std::string>>(*sources);
            if (list) p.evidence.insert(p.evidence.end(), list->begin(), list->end());
          }
      wanted.push_back(std::move(p));
    }
  }
  // What an earlier attempt did, or may have done, is known by its key; only the rest is proposed again.
  std::set<std::string> kept;
  for (const auto& effect : r.here->effects) kept.insert(state_.effects.at(effect).said.prepared.key);
  const auto attempt = r.here->attempt;
  const auto was_proposed = [&](const proposal& p) {
    for (std::int64_t earlier = 1; earlier < attempt && !kept.empty(); ++earlier)
      if (kept.contains(mint_effect_key(parts_.salt, p.run, p.step, p.visit, p.instance, p.ordinal - (attempt - earlier) * ordinals_of_attempt))) return true;
    return false;
  };
  std::vector<std::string> to_ask;
  counts_.clear();
  for (const auto& p : wanted) {
    if (was_proposed(p)) continue;
    auto proposed = propose(p, cause);
    if (!proposed) return proposed.error();
    const auto& e = state_.effects.at(*proposed);
    if (const auto* manifest = parts_.actions->find(p.call.action); manifest && !is_settled(e.state)) counts_.add(gate_.counts(question_about(e, *manifest)));
    if (e.state == effect_state::proposed) to_ask.push_back(*proposed);
  }
  counts_.clear();
  if (!to_ask.empty()) ask_for(id, s.name, std::move(to_ask), s.said, cause);
  advance_effect_step(id);
  return {};
}

void coordinator::ask_for(std::string run_id, const std::string& step, std::vector<std::string> effects, const step_definition* said, std::int64_t cause) {
  auto& r = state_.runs.at(run_id);
  event::approval_asked asked;
  asked.approval = state_.next_id("apr");
  asked.run = run_id;
  asked.step = step;
  asked.effects = std::move(effects);
  asked.if_expired = "discard";
  for (const auto& id : asked.effects) {
    const auto& e = state_.effects.at(id);
    asked.digests.push_back(e.said.digest);
    asked.only_suggest = asked.only_suggest || judge(e, false).only_suggest;
  }
  if (said && said->ask) {
    boost::json::object shows;
    const json names = r.names;
    for (const auto& name : said->ask->shows)
      if (const auto* value = at_path(names, name)) shows[name] = *value;
    asked.shows = std::move(shows);
    if (said->ask->expires_in) asked.expires_at = now_ + *said->ask->expires_in;
    if (said->ask->if_expired) asked.if_expired = *said->ask->if_expired;
  }
  const auto& first = state_.effects.at(asked.effects.front()).said;
  const auto* manifest = parts_.actions->find(first.prepared.action);
  const auto preview = first.prepared.preview.substr(0, first.prepared.preview.find('\n'));
  asked.card = state_.next_id("card");
  asked.title = asked.effects.size() == 1 ? preview : fmt::format("{} (and {} more)", preview, asked.effects.size() - 1);
  asked.text = manifest ? manifest->summary : "";
  const auto expires = asked.expires_at;
  const auto approval_id = asked.approval;
  const auto card = asked.card;
  const auto seq = emit_for_run(r, std::move(asked), "coordinator", cause);
  heed_attention(card, is_urgent(state_.approvals.at(approval_id)), seq);
  if (expires) wake(*expires, "approval:" + approval_id);
  asking_.push_back(run_id);
}

void coordinator::drop_effects(const approval& a, const std::string& how, const std::string& reason, std::int64_t cause) {
  const auto effects = a.said.effects;
  const auto run_id = a.said.run;
  std::string instance;
  for (const auto& id : effects) {
    const auto it = state_.effects.find(id);
    if (it == state_.effects.end() || it->second.state != effect_state::awaiting) continue;
    instance = it->second.said.instance;
    emit_for_run(state_.runs.at(run_id), event::effect_dropped{id, how, reason, {}}, "operator", cause);
  }
  if (!instance.empty()) return pump_instance(instance);
  advance_effect_step(run_id);
}

void coordinator::approval_is_due(std::string id) {
  const auto it = state_.approvals.find(id);
  if (it == state_.approvals.end() || it->second.state != approval_state::asked || !it->second.said.expires_at) return;
  if (*it->second.said.expires_at > now_) return wake(*it->second.said.expires_at, "approval:" + id);
  const auto a = it->second;
  if (a.said.if_expired == "ask_operator") return;  // The card stands; nothing happens without an answer.
  const auto seq = emit_for_run(state_.runs.at(a.said.run), event::approval_decided{id, planted(bug::expires_into_yes) ? "approved" : "expired", a.said.digests, "nobody answered in time"}, "coordinator", 0);
  close_cards_about(id, "expired", seq);
  drop_effects(a, "discarded", "nobody answered within " + to_text(*a.said.expires_at - a.asked_at), seq);
}

}  // namespace steward
