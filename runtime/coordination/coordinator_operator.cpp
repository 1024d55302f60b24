/// What the operator says: approve, modify, reject, answer, pause, resume, stop, retry, go on.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr duration grant_longest = std::chrono::hours{24 * 90};  // A season: what is right for longer deserves a rule that is read.

template <class Map>
error not_there(const std::string& what, const std::string& id, const Map& open) {
  std::vector<std::string> names;
  for (const auto& [name, _] : open) names.push_back(name);
  std::string all;
  for (const auto& name : names)
    if (all.size() < 200) all += (all.empty() ? "" : ", ") + name;
  const auto near = nearest_name(id, names);
  return {"not_open", "", "there is no open " + what + " '" + id + "'", all.empty() ? "one that is open, but none is" : "one of " + all,
          near.empty() ? "'steward inbox' and 'steward runs' list what is open" : "Did you mean '" + near + "'?"};
}

/// A decision is used once; what it let go may still be here.
error decided_already(const company_state& state, const approval& a) {
  std::string advice = "A decision is used once; nothing was changed";
  for (const auto& id : a.said.effects)
    if (const auto e = state.effects.find(id); e != state.effects.end() && not_left_yet(e->second)) {
      advice = id + " has not left yet: 'steward undo " + id + "' takes it back, 'steward approve " + a.said.approval + " --now' lets it go at once";
      break;
    }
  return {"already_decided", a.said.approval, "it was " + std::string(to_word(a.state)) + " before", "", advice};
}

}  // namespace

result<void> coordinator::approve(const std::string& id, const std::string& reason, time_point now) {
  now_ = std::max(now, state_.now);
  return say_yes(id, reason, false);
}

result<void> coordinator::say_yes(std::string id, const std::string& reason, bool at_once) {
  fetch(id);
  const auto it = state_.approvals.find(id);
  if (it == state_.approvals.end()) return not_there("approval", id, state_.approvals);
  if (it->second.state != approval_state::asked) return decided_already(state_, it->second);
  const auto said = it->second.said;
  const auto seq = emit_for_run(state_.runs.at(said.run), event::approval_decided{id, "approved", said.digests, reason}, "operator", 0);
  close_cards_about(id, "approved", seq);
  if (const auto& here = state_.runs.at(said.run).here; here && here->due) wake(*here->due, "run:" + said.run);
  for (const auto& effect : said.effects)
    if (const auto e = state_.effects.find(effect); at_once && e != state_.effects.end() && not_left_yet(e->second) && hold_of(e->second) > duration{}) hold_until(effect, now_, seq);
  for (const auto& effect : said.effects)
    if (state_.effects.contains(effect)) pump_effect(effect);
  return {};
}

result<std::string> coordinator::approve_always(const std::string& id, const std::string& reason, duration for_, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(id);
  const auto it = state_.approvals.find(id);
  if (it == state_.approvals.end()) return not_there("approval", id, state_.approvals);
  const auto covered = it->second.said.effects;
  if (covered.size() != 1) return error{"which_effect", id, fmt::format("it covers {} effects", covered.size()), "one, to know what the rule is to allow", "Approve it without --always-for, or write a rule into policies/"};
  if (for_ <= duration{} || for_ > grant_longest) return error{"bad_grant", id, "the rule would hold for " + to_text(for_), "at most " + to_text(grant_longest), "Write a rule into policies/ for what is to hold for ever"};
  const auto& e = state_.effects.at(covered.front()).said;
  const auto& workflow = state_.runs.at(e.run).said.workflow;
  policy_definition rule;
  rule.name = state_.next_id("always");
  rule.because = fmt::format("You allowed {} like {} for {} with {}", e.prepared.action, e.effect, to_text(for_), id);
  rule.actions = {e.prepared.action};
  // What the company may know is text here, never code: a recipient's name can't close the quotes.
  rule.when = fmt::format("role == {} && workflow == {} && recipients == {}", canonical(json(e.role)), canonical(json(workflow)), canonical(to_json(e.prepared.recipients)));
  const auto* manifest = parts_.actions->find(e.prepared.action);
  if (!manifest || manifest->risk == risk_kind::money || manifest->risk == risk_kind::legal) *rule.when += " && arguments == " + canonical(e.arguments);  // not another amount
  rule.then = verdict::allow;
  rule.until = now_ + for_;
  if (auto approved = approve(id, reason, now); !approved) return approved.error();
  const auto name = rule.name;
  emit(event::manifest_adopted{"grant", name, 1, hex_digest(to_json_text(rule)), to_json(rule)}, "company", "operator", 0, "");
  if (auto ready = gate_.get_ready(state_.granted); !ready) return ready.error();
  return name;
}

result<void> coordinator::revoke_policy(const std::string& name, time_point now) {
  now_ = std::max(now, state_.now);
  if (!state_.granted.contains(name)) {
    const bool written = parts_.manifests.policies.contains(name);
    std::vector<std::string> names;
    for (const auto& [known, _] : state_.granted) names.push_back(known);
    const auto near = nearest_name(name, names);
    return error{"unknown_policy", "", written ? "'" + name + "' stands in policies/" : "no decision gave a rule '" + name + "'", "a rule that 'approve --always-for' made",
                 written ? "Remove its file, and start the engine again" : near.empty() ? "'steward policy list' names them" : "Did you mean '" + near + "'?"};
  }
  emit(event::manifest_adopted{"revoked", name, 1, "", {}}, "company", "operator", 0, "");
  return gate_.get_ready(state_.granted);
}

result<void> coordinator::reject(const std::string& id, const std::string& reason, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(id);
  const auto it = state_.approvals.find(id);
  if (it == state_.approvals.end()) return not_there("approval", id, state_.approvals);
  if (it->second.state != approval_state::asked) return decided_already(state_, it->second);
  const auto a = it->second;
  const auto seq = emit_for_run(state_.runs.at(a.said.run), event::approval_decided{id, "rejected", a.said.digests, reason}, "operator", 0);
  close_cards_about(id, "rejected", seq);
  learn_rejection(a, reason, seq);
  drop_effects(a, "rejected", reason.empty() ? "the operator rejected it" : reason, seq);
  return {};
}

result<void> coordinator::modify(const std::string& id, std::string effect_id, const json& changes, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(id);
  const auto it = state_.approvals.find(id);
  if (it == state_.approvals.end()) return not_there("approval", id, state_.approvals);
  if (it->second.state != approval_state::asked)
    return error{"already_decided", id, "it was " + std::string(to_word(it->second.state)) + " before", "an open question", ""};
  const auto& covered = it->second.said.effects;
  if (effect_id.empty()) {
    if (covered.size() != 1) return error{"which_effect", id, fmt::format("it covers {} effects", covered.size()), "--effect, one of them", "'steward inbox' shows their names"};
    effect_id = covered.front();
  }
  if (std::find(covered.begin(), covered.end(), effect_id) == covered.end()) return error{"which_effect", id, "it does not cover '" + effect_id + "'", "an effect of this approval", ""};
  if (!changes.is_object() || changes.get_object().empty()) return error{"nothing_to_modify", id, "no field was given", "FIELD=VALUE", ""};
  const auto& e = state_.effects.at(effect_id);
  json arguments = e.said.arguments;
  for (const auto& change : changes.get_object()) {
    if (change.value().is_null()) arguments.as_object().erase(change.key());
    else arguments.as_object()[change.key()] = change.value();
  }
  auto prepared = parts_.actions->prepare({e.said.prepared.action, arguments}, {e.said.prepared.key, e.proposed_at});
  if (!prepared) return prepared.error();
  event::effect_modified modified{effect_id, std::move(arguments), std::move(*prepared), ""};
  modified.digest = effect_digest(modified.prepared);
  // A change is judged again: the new recipient may be one who must not be written to.
  effect changed = e;
  changed.said.arguments = modified.arguments;
  changed.said.prepared = modified.prepared;
  const auto judged = judge(changed, true);
  if (judged.says == verdict::deny) {
    std::string why;
    for (const auto& rule : judged.rulings)
      if (rule.says == verdict::deny) why += (why.empty() ? "" : "; ") + rule.because;
    return error{"effect_denied", effect_id, "a rule denies it as it would be now: " + why, "", "The question stands as it was"};
  }
  const auto before = e;
  const auto after = modified;
  const auto seq = emit_for_run(state_.runs.at(before.said.run), std::move(modified), "operator", before.cause);
  learn_change(before, after, seq);
  return {};
}

result<void> coordinator::answer(const std::string& id, const std::string& text, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(id);
  const auto it = state_.cards.find(id);
  if (it == state_.cards.end()) return not_there("card", id, state_.cards);
  const auto c = it->second.said;
  if (!c.options.empty() && std::find(c.options.begin(), c.options.end(), text) == c.options.end()) {
    std::string all;
    for (const auto& option : c.options) all += (all.empty() ? "" : ", ") + option;
    const auto near = nearest_name(text, c.options);
    return error{"not_an_option", id, "found '" + text + "'", "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  if (c.about == "question") {
    const auto a = state_.instances.find(c.subject);
    if (a == state_.instances.end()) return error{"not_open", id, "the agent that asked is gone", "", ""};
    const auto run_id = a->second.run;
    const auto seq = emit(event::operator_answered{id, c.subject, c.tag, text}, "run/" + run_id, "operator", 0, run_id, a->second.marks);
    emit(event::card_closed{id, "answered"}, "run/" + run_id, "operator", seq, run_id);
    pump_instance(c.subject);
    return {};
  }
  if (c.about == "person") {
    finish_step(c.run, "answered", boost::json::object{{"answer", text}}, {}, 0, "operator");
    return {};
  }
  if (c.about == "effect_in_doubt") {
    const auto e = state_.effects.find(c.subject);
    if (e == state_.effects.end() || e->second.state != effect_state::in_doubt) return error{"not_open", id, "it is known by now whether " + c.subject + " happened", "", "'steward why " + c.subject + "' says how"};
    outcome told;
    told.kind = text == "happened" ? outcome_kind::confirmed : outcome_kind::failed;
    told.sentence = "The operator says: " + text;
    told.answer = boost::json::object{};
    settle(c.subject, std::move(told), text == "repeat" ? std::optional(now_) : std::nullopt, "operator");
    return {};
  }
  if (c.about == "autonomy") return answer_offer(c, text);
  if (c.about == "autonomy_fell" || c.about == "trial_ended" || c.about == "some_missed" || c.about == "role_stopped" || c.about == "could_not_start" || c.about == "run_failed" || c.about == "breaker" || c.about == "budget_mark" || c.about == "sla_warned" ||
      c.about == "sla_escalated" || c.about == "not_mapped") {
    emit_for_card(state_.cards.at(id), event::card_closed{id, "seen: " + text}, "operator", 0);
    return {};
  }
  return error{"not_a_question", id, "this card asks no question", commands_for(c).empty() ? "" : "for example '" + commands_for(c).front() + "'", ""};
}

result<void> coordinator::pause(const std::string& scope, const std::string& name, const std::string& reason, time_point now) {
  now_ = std::max(now, state_.now);
  if (scope == "run") fetch(name);
  if (scope == "role" && !parts_.manifests.roles.contains(name)) return not_there("role", name, parts_.manifests.roles);
  if (scope == "workflow" && !parts_.manifests.workflows.contains(name)) return not_there("workflow", name, parts_.manifests.workflows);
  if (scope == "run" && !state_.runs.contains(name)) return not_there("run", name, state_.runs);
  emit(event::paused{scope, name, reason}, "company", "operator", 0, scope == "run" ? name : "");
  return {};
}

result<void> coordinator::resume(const std::string& scope, const std::string& name, time_point now) {
  now_ = std::max(now, state_.now);
  const auto key = name.empty() ? scope : scope + "/" + name;
  if (!state_.pauses.contains(key) && !(scope == "role" && state_.stopped_roles.contains(name))) {
    std::string all;
    for (const auto& [paused_key, _] : state_.pauses) all += (all.empty() ? "" : ", ") + paused_key;
    return error{"not_paused", key, "it is not paused", all.empty() ? "something that is paused, but nothing is" : "one of " + all, ""};
  }
  const auto seq = emit(event::resumed{scope, name}, "company", "operator", 0, scope == "run" ? name : "");
  close_cards_about(key, "resumed", seq);
  pump_blocked();
  if (scope == "role") release_role(name);
  return {};
}

result<void> coordinator::stop_run(const std::string& id, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(id);
  if (!state_.runs.contains(id)) return not_there("run", id, state_.runs);
  end_run(id, "stopped", "the operator stopped it", nullptr, 0);
  return {};
}

result<void> coordinator::retry(const std::string& what, time_point now) {
  now_ = std::max(now, state_.now);
  const auto id = what.substr(0, what.find('/'));
  fetch(id);
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end()) return not_there("run", id, state_.runs);
  auto& r = it->second;
  if (!r.here || r.here->state != step_state::stuck)
    return error{"nothing_to_retry", id, "its step is " + (r.here ? std::string(to_word(r.here->state)) : "not begun"), "a step that is stuck", "'steward show " + id + "' says what it waits for"};
  const auto seq = emit_for_run(r, event::step_released{id, r.here->name, r.here->visit, "retry"}, "operator", 0);
  close_cards_about(id, "retried", seq);
  pump_run(id);
  return {};
}

result<void> coordinator::step_on(const std::string& id, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(id);
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end()) return not_there("run", id, state_.runs);
  auto& r = it->second;
  if (r.held_before.empty()) return error{"not_held", id, "it does not wait to be let on", "a run that was started with --step", "'steward show " + id + "' says what it waits for"};
  const auto held = r.held_before;
  emit_for_run(r, event::step_released{id, held, 0, "go_on"}, "operator", 0);
  if (held.starts_with("eff-")) pump_effect(held);
  else if (const auto* s = workflow_of(r)->find(held)) begin_step(id, *s, r.here ? r.here->began : r.began);
  pump_blocked();  // another effect of the run may have waited for its own stop
  return {};
}

result<void> coordinator::add_memory(memory_item item, time_point now) {
  now_ = std::max(now, state_.now);
  item.id = state_.next_id("mem");
  if (item.source.empty()) item.source = "operator";
  if (gate_.is_private(item.scope)) item.marks |= label_private;
  emit(event::memory_added{std::move(item)}, "memory", "operator", 0, "");
  return {};
}

/// A relation leads to a record that is there, of a type that it may lead to.
result<void> coordinator::leads_somewhere(const std::string& where, const relation& to, const json& value) const {
  for (const auto& id : ids_in(value)) {
    const auto* there = state_.entities.standing_for(id);
    if (there && (to.types.empty() || std::find(to.types.begin(), to.types.end(), there->type) != to.types.end())) continue;
    return error{"entity_not_found", where, there ? id + " is a record of type " + there->type : "there is no entity '" + id + "'",
                 to.types.empty() ? "the name of a record" : fmt::format("the name of a record of type {}", fmt::join(to.types, " or ")), "'steward entity list' lists them"};
  }
  return {};
}

/// Whether the type is known and has these fields, and each value fits.
result<void> coordinator::may_be_recorded(const std::string& type, const json& fields) const {
  const auto definition = parts_.manifests.entities.find(type);
  if (definition == parts_.manifests.entities.end()) return not_there("entity type", type, parts_.manifests.entities);
  if (!fields.is_object() && !fields.is_null()) return error{"wrong_type", type, "found " + canonical(fields).substr(0, 60), "fields, a map", ""};
  if (fields.is_object()) {
    for (const auto& field : fields.get_object()) {
      const std::string name(field.key());
      const auto known = definition->second.fields.find(name);
      if (known == definition->second.fields.end()) {
        auto e = not_there("field of " + type, name, definition->second.fields);
        e.code = "unknown_field";
        return e;
      }
      if (const auto to = relation_of(known->second)) {
        if (auto leads = leads_somewhere(type + "." + name, *to, field.value()); !leads) return leads.error();
      } else if (known->second.is_object()) {
        const auto shape = schema::parse(known->second);
        if (shape)
          if (auto fits = shape->check(field.value()); !fits) {
            auto e = fits.error();
            e.where = type + "." + name;
            return e;
          }
      }
    }
  }
  return {};
}

result<std::string> coordinator::record(const std::string& type, const std::string& external_id, const json& fields, time_point now, std::int64_t cause, const std::string& run,
                                        labels marks, std::optional<std::string> mapped, std::string entity) {
  now_ = std::max(now, state_.now);
  if (auto may = may_be_recorded(type, fields); !may) return may.error();
  auto id = entity.empty() ? state_.entities.next_id(type) : entity;
  if (!external_id.empty() && entity.empty())
    for (const auto* there : state_.entities.find_external(external_id))
      if (there->type == type) id = there->id;
  emit(event::entity_recorded{id, type, external_id, fields.is_null() ? json(boost::json::object{}) : fields, std::move(mapped)}, "entity/" + id, "coordinator", cause, run, label_private | marks);
  const auto& personal = parts_.manifests.entities.at(type).personal;
  if (!personal.empty()) {
    auto& recorded = out_.events.back();
    recorded.header.subject = "entity/" + id;
    recorded.personal = {"external_id"};  // an address, mostly
    for (const auto& field : personal) recorded.personal.push_back("fields." + field);
  }
  return id;
}

result<void> coordinator::merge_entities(const std::string& entity, const std::string& other, const std::string& because, time_point now) {
  now_ = std::max(now, state_.now);
  const auto* kept = state_.entities.find(entity);
  const auto* merged = state_.entities.find(other);
  for (const auto& [id, there] : {std::pair{entity, kept}, {other, merged}}) {
    if (!there) return error{"entity_not_found", "", "there is no entity '" + id + "'", "the name of a record, such as customer-3", "'steward entity list' lists them"};
    if (!there->merged_into.empty()) return error{"entity_is_merged", id, "it was merged into " + there->merged_into + " already", "a record of its own", "'steward entity split " + id + "' takes that back"};
  }
  if (kept == merged) return error{"entity_is_merged", entity, "both are the same record", "two records", ""};
  if (kept->type != merged->type) return error{"entity_types_differ", other, "it is a " + merged->type, "a " + kept->type + ", as " + entity + " is", "Records of two types may share an external id and stay two"};
  std::vector<std::string> takes;
  for (const auto& field : merged->fields.as_object()) {
    const auto* has = kept->fields.as_object().if_contains(field.key());
    if (!has || has->is_null() || (has->is_string() && has->get_string().empty())) takes.emplace_back(field.key());
  }
  emit(event::entity_merged{entity, other, std::move(takes), because}, "entity/" + entity, "operator", 0, "", label_private);
  return {};
}

result<void> coordinator::split_entity(const std::string& other, const std::string& because, time_point now) {
  now_ = std::max(now, state_.now);
  const auto* merged = state_.entities.find(other);
  if (!merged) return error{"entity_not_found", "", "there is no entity '" + other + "'", "the name of a record, such as customer-3", "'steward entity list' lists them"};
  const auto into = merged->merged_into;
  if (into.empty()) {
    const auto& absorbed = merged->absorbed;
    return error{"entity_not_merged", other, "it is a record of its own", absorbed.empty() ? "one that was merged into another" : "one that was merged into it: " + absorbed.back().other, ""};
  }
  emit(event::entity_split{into, other, because}, "entity/" + into, "operator", 0, "", label_private);
  return {};
}

error coordinator::role_is_stopped(const std::string& role) const {
  return {"role_stopped", "", "the role '" + role + "' was stopped, and its manifest says then: stop", "a role that is at work", "'steward resume role " + role + "' lets it work again"};
}

void coordinator::on_child_ended(const std::string& path, const fault& why, bool gave_up, time_point now) {
  now_ = std::max(now, state_.now);
  const auto seq = emit(event::child_ended{path, why, gave_up}, "company", "supervisor", 0, "");
  if (!gave_up || !path.starts_with("roles/")) return;
  const auto rest = path.substr(6);
  const auto role = rest.substr(0, rest.rfind('.'));
  std::vector<std::string> ended;  // when_it_fails: {then: stop}: nobody waits for it
  if (stops_when_it_fails(role))
    for (const auto& [_, a] : state_.instances)
      if (a.role == role && (ended.empty() || ended.back() != a.run)) ended.push_back(a.run);
  event::card_raised c;
  c.about = "role_stopped";
  c.title = "The role '" + role + "' was stopped";
  c.text = "It failed more often than its manifest allows. The last time: " + why.sentence;
  if (!ended.empty()) c.text += fmt::format(". What it was doing ends as failed: {}", fmt::join(ended, ", "));
  std::string acts;
  if (const auto known = parts_.manifests.roles.find(role); known != parts_.manifests.roles.end())
    for (const auto& [action, _] : known->second.may_do)
      if (const auto* manifest = parts_.actions->find(action); manifest && manifest->repeats != effect_class::read_only && standing_of(parts_.manifests, state_.ladders, role, action)->rung == autonomy::act)
        acts += (acts.empty() ? "" : ", ") + action;
  if (!acts.empty()) c.text += ". From now on it asks before " + acts + ", which it did without asking";
  c.subject = "role/" + role;
  c.actions = {"steward resume role " + role, "steward pause role " + role, "steward trace " + path};
  raise_card(std::move(c), "", seq);
  fall_with(role, "it failed more often than its manifest allows", seq);
  for (const auto& id : ended) fail_step(id, as_fault(fault_kind::logic, role_is_stopped(role)), seq);
}

}  // namespace steward
