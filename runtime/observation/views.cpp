#include "runtime/observation/views.hpp"

#include "runtime/coordination/hold.hpp"
#include "runtime/coordination/likeness.hpp"
#include "runtime/observation/autonomy_view.hpp"
#include "runtime/observation/budget_view.hpp"
#include "runtime/coordination/entity_graph.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

json texts(const std::vector<std::string>& list) {
  boost::json::array all;
  for (const auto& text : list) all.emplace_back(text);
  return all;
}

json timed(const std::optional<time_point>& t) { return t ? json(to_text(*t)) : json(nullptr); }

/// One effect with all that a decision about it needs.
json effect_view(const effect& e, const action_book& actions, const company_definition& company) {
  const auto* manifest = actions.find(e.said.prepared.action);
  boost::json::object o;
  o["effect"] = e.said.effect;
  o["action"] = e.said.prepared.action;
  o["summary"] = manifest ? manifest->summary : "";
  o["risk"] = manifest ? std::string(to_word(manifest->risk)) : "";
  o["repeats"] = manifest ? std::string(to_word(manifest->repeats)) : "neither";
  o["state"] = to_word(e.state);
  o["role"] = e.said.role;
  o["why"] = e.said.why;
  o["evidence"] = texts(e.said.evidence);
  o["recipients"] = texts(e.said.prepared.recipients);
  o["preview"] = e.said.prepared.preview;
  o["arguments"] = e.said.arguments;
  o["digest"] = e.said.digest;
  o["cost"] = to_text(e.said.worst_cost);
  o["undo"] = e.said.undo;
  o["rulings"] = to_json(e.said.rulings);
  o["how"] = e.drop_how;
  o["reason"] = e.came_out ? e.came_out->sentence : e.drop_reason;
  if (const auto held = manifest ? hold_for(company, manifest->risk) : duration{}; held.count() > 0) o["held_for"] = to_text(held);
  if (not_left_yet(e) && e.held_until) o["leaves_at"] = to_text(*e.held_until);
  return o;
}

/// "eff-3 leaves at 2026-11-23 10:42 Europe/Berlin unless you take it back (steward undo eff-3)"
std::string leaves(const company_state& state, const effect& e) {
  return fmt::format("{} leaves at {} unless you take it back (steward undo {})", e.said.effect, to_local_text(state.zone, *e.held_until), e.said.effect);
}

/// What the run has decided, and what will not leave for longer than somebody watches a line on a screen.
const effect* held_of(const company_state& state, const run& r, time_point now) {
  for (const auto& id : r.effects)
    if (const auto e = state.effects.find(id); e != state.effects.end() && not_left_yet(e->second) && e->second.held_until && *e->second.held_until - now > std::chrono::minutes{1}) return &e->second;
  return nullptr;
}

/// `whole` knows what `state`, which may hold a parked run alone, does not: the operator's habits.
json approval_view(const company_state& whole, const company_state& state, const action_book& actions, const company_definition& company, const approval& a) {
  boost::json::object o;
  o["approval"] = a.said.approval;
  o["state"] = to_word(a.state);
  o["run"] = a.said.run;
  o["workflow"] = state.runs.contains(a.said.run) ? state.runs.at(a.said.run).said.workflow : "";
  o["step"] = a.said.step;
  o["asked_at"] = to_text(a.asked_at);
  o["expires_at"] = timed(a.said.expires_at);
  o["if_expired"] = a.said.if_expired;
  o["only_suggest"] = a.said.only_suggest;
  if (a.changed) o["changed"] = true;
  o["digest"] = digest_of_question(a.said);
  o["group"] = group_of(state, a);
  if (const auto e = a.said.effects.size() == 1 ? state.effects.find(a.said.effects.front()) : state.effects.end(); e != state.effects.end() && a.state == approval_state::asked) {
    const auto habitual = whole.unchanged.find(grant_key(e->second.said, text_at(o, "workflow")));
    if (habitual != whole.unchanged.end() && habitual->second.count >= habit) {
      o["unchanged_before"] = habitual->second.count;
      o["suggests"] = "steward approve " + a.said.approval + " --always-for 7d";
    }
  }
  o["shows"] = a.said.shows;
  boost::json::array effects, dropped;
  for (const auto& id : a.said.effects)
    if (const auto it = state.effects.find(id); it != state.effects.end()) effects.push_back(effect_view(it->second, actions, company));
  // What the same step will not do belongs on the card as well: who is left out, and why.
  if (const auto r = state.runs.find(a.said.run); r != state.runs.end() && r->second.here)
    for (const auto& id : r->second.here->effects)
      if (const auto it = state.effects.find(id); it != state.effects.end() && it->second.state == effect_state::dropped) dropped.push_back(effect_view(it->second, actions, company));
  o["effects"] = std::move(effects);
  o["dropped"] = std::move(dropped);
  const auto cost = state.cost_by_run.find(a.said.run);
  o["run_cost"] = cost == state.cost_by_run.end() ? "0.00" : to_text(cost->second);
  return o;
}

json card_view(const company_state& whole, const company_state& state, const action_book& actions, const company_definition& company, const card& c) {
  boost::json::object o = to_json(c.said).as_object();
  auto commands = commands_for(c.said);
  o["raised_at"] = to_text(c.raised_at);
  if (const auto asleep = whole.snoozed.find(c.said.card); asleep != whole.snoozed.end()) o["snoozed"] = boost::json::object{{"until", to_text(asleep->second.until)}, {"by", asleep->second.by}};
  if (c.said.about == "approval")
    if (const auto it = state.approvals.find(c.said.subject); it != state.approvals.end()) {
      o["approval"] = approval_view(whole, state, actions, company, it->second);
      if (auto rule = text_at(o["approval"], "suggests"); !rule.empty()) commands.insert(commands.begin() + 1, std::move(rule));
    }
  o["actions"] = to_json(commands);
  return o;
}

/// In words: what a run waits for.
std::string waits_for(const company_state& state, const run& r, time_point now) {
  if (!r.held_before.empty()) return "you, before '" + r.held_before + "' (steward step " + r.said.run + ")";
  if (r.state == run_state::queued) return "its turn";
  if (!r.here) return "its first step";
  const auto& s = *r.here;
  switch (s.state) {
    case step_state::stuck: return "you: " + (s.trouble ? s.trouble->sentence : "it is stuck");
    case step_state::backing_off: return "another try" + (s.retry_at ? " at " + to_text(*s.retry_at) : "") + ": " + (s.trouble ? s.trouble->sentence : "");
    case step_state::queued: return "its turn";
    default: break;
  }
  if (!s.approval.empty() && state.approvals.contains(s.approval) && state.approvals.at(s.approval).state == approval_state::asked) return "you: " + s.approval;
  if (const auto* held = held_of(state, r, now)) return "the end of a hold: " + leaves(state, *held);
  if (s.waits) {
    if (const auto what = text_at(s.input, "for"); !what.empty()) {
      const auto from = text_at(s.input, "from");
      return what + (from.empty() ? "" : " from " + from) + (s.due ? " until " + to_text(*s.due) : "");
    }
    if (const auto person = text_at(s.input, "person"); !person.empty()) return "you: " + person;
    return s.due ? to_text(*s.due) : "";
  }
  for (const auto& id : s.effects)
    if (const auto e = state.effects.find(id); e != state.effects.end() && !is_settled(e->second.state)) return id + " (" + e->second.said.prepared.action + ", " + std::string(to_word(e->second.state)) + ")";
  for (const auto& id : s.instances)
    if (const auto a = state.instances.find(id); a != state.instances.end() && !a->second.done) {
      if (!a->second.pending.empty()) return "the role " + a->second.role;
      if (!a->second.awaits.empty()) return a->second.awaits.begin()->first;
    }
  return "";
}

/// What is decided and has not left, as entries of the inbox: nothing needs to be done, and for a while something can be.
json held_view(const company_state& state, const effect& e) {
  return boost::json::object{{"card", ""}, {"about", "hold"}, {"title", e.said.prepared.preview.substr(0, e.said.prepared.preview.find('\n'))}, {"text", leaves(state, e)}, {"run", e.said.run},
                             {"subject", e.said.effect}, {"leaves_at", to_text(*e.held_until)}, {"raised_at", to_text(e.decided_at)},
                             {"actions", texts({"steward undo " + e.said.effect, "steward approve " + e.said.effect + " --now"})}};
}

/// How many of the day's questions are used, and how many wait for another day.
json attention_view(const company_state& state, const company_manifests& manifests, time_point now) {
  const auto& limit = manifests.company.attention;
  const auto day = to_local_text(state.zone, now).substr(0, 10);
  std::int64_t waiting = 0, asleep = 0;
  for (const auto& [_, one] : state.snoozed)
    if (one.until > now) ++(one.by == "attention" ? waiting : asleep);
  boost::json::object o{{"day", day}, {"questions", state.question_day == day ? state.questions_today : 0}, {"waiting", waiting}, {"asleep", asleep}};
  if (limit) o["questions_per_day"] = limit->questions_per_day, o["beyond"] = to_word(limit->beyond);
  return json(std::move(o));
}

/// The pause that keeps this run still, as a command says it: "company", "workflow answer_lead", "run run-3"; empty when none does.
std::string pause_of(const company_state& state, const run& r) {
  if (state.pauses.contains("company")) return "company";
  if (state.pauses.contains("workflow/" + r.said.workflow)) return "workflow " + r.said.workflow;
  return state.pauses.contains("run/" + r.said.run) ? "run " + r.said.run : "";
}

json run_view(const company_state& state, const run& r, time_point now) {
  boost::json::object o;
  o["run"] = r.said.run;
  o["workflow"] = r.said.workflow;
  o["status"] = to_word(r.state);
  o["because"] = r.said.because;
  if (const auto& from = r.said.forked) o["forked"] = boost::json::object{{"run", from->run}, {"step", from->step}, {"visit", from->visit}, {"seq", from->seq}};
  o["started_at"] = to_text(r.started_at);
  o["step"] = r.here ? r.here->name : "";
  o["visit"] = r.here ? r.here->visit : 0;
  o["attempt"] = r.here ? r.here->attempt : 0;
  o["step_state"] = r.here ? std::string(to_word(r.here->state)) : "";
  auto waits = waits_for(state, r, now);
  const auto pause = pause_of(state, r);
  if (!pause.empty() && !waits.starts_with("you")) waits = "the end of a pause (steward resume" + (pause == "company" ? "" : " " + pause) + ")";
  o["waits_for"] = waits;
  // Nothing more happens by itself soon: an operator, a stranger or the calendar has to move.
  const bool parked = held_of(state, r, now) || !pause.empty() || !r.held_before.empty() || (r.here && (r.here->state == step_state::stuck || r.here->waits ||
                                                             (!r.here->approval.empty() && state.approvals.contains(r.here->approval) && state.approvals.at(r.here->approval).state == approval_state::asked)));
  o["parked"] = parked;
  o["events"] = r.events;
  o["model_calls"] = r.model_calls;
  const auto cost = state.cost_by_run.find(r.said.run);
  o["cost"] = cost == state.cost_by_run.end() ? "0.00" : to_text(cost->second);
  o["used"] = use_view(r.used);
  return o;
}

json closed_view(const closed_run& c) {
  return boost::json::object{{"run", c.run}, {"workflow", c.workflow}, {"status", c.status}, {"outcome", c.outcome}, {"started_at", to_text(c.started_at)}, {"ended_at", to_text(c.ended_at)},
                             {"cost", to_text(c.used.cost)}, {"used", use_view(c.used)}};
}

error not_found(const std::string& what, const std::string& id) {
  return {"not_open", "", "there is no open " + what + " '" + id + "'", "one that is open", "'steward runs --all' and 'steward inbox' list them"};
}

error no_entity(const entity_table& entities, const std::string& id) {
  std::vector<std::string> names;
  for (const auto& [name, _] : entities.all()) names.push_back(name);
  const auto near = nearest_name(id, names);
  return {"entity_not_found", "", "there is no entity '" + id + "'", "the name of a record, or an external id with its connector in front (mailbox:ada@example.com)",
          near.empty() ? "'steward entity list' lists them" : "Did you mean '" + near + "'?"};
}

/// By its name or an external id; a merged record as what it was merged into.
const entity* named_entity(const entity_table& entities, const std::string& id) {
  if (const auto* e = entities.standing_for(id)) return e;
  const auto carry = entities.find_external(id);
  return carry.empty() ? nullptr : carry.front();
}

result<json> entity_view(const entity_table& entities, const std::string& id) {
  const auto* e = named_entity(entities, id);
  if (!e) return no_entity(entities, id);
  boost::json::object o = to_json_value(*e).as_object();
  std::vector<std::string> external_ids, also, merged;
  for (const auto* same : entities.same_as(e->id)) {
    external_ids.insert(external_ids.end(), same->external_ids.begin(), same->external_ids.end());
    if (same != e) merged.push_back(same->id);
  }
  if (!external_ids.empty())  // other records of the same person
    for (const auto* other : entities.find_external(external_ids.front()))
      if (other != e) also.push_back(other->id);
  if (!also.empty()) o["also"] = texts(also);
  if (!merged.empty()) o["merged"] = texts(merged);
  o["external_ids"] = texts(external_ids);
  o["version"] = e->version;
  return json(std::move(o));
}

/// Calls f with the state, and with each parked run's own.
void for_each_part(const company_state& state, const std::function<void(const company_state&)>& f) {
  f(state);
  for (const auto run : state.parked.runs()) f(state.peek(run));
}

json cost_view(const company_state& state, time_point now) {
  const auto day = to_local_text(state.zone, now).substr(0, 10);
  boost::json::array accounts;
  for (const auto& [name, a] : state.spending.accounts()) {
    accounts.push_back(boost::json::object{{"account", name}, {"spent", to_text(a.spent)}, {"reserved", to_text(a.reserved)}, {"tokens", a.tokens}, {"calls", a.calls}});
  }
  boost::json::array runs;
  for (const auto& [run, cost] : state.cost_by_run) runs.push_back(boost::json::object{{"run", run}, {"cost", to_text(cost)}});
  return boost::json::object{{"day", day}, {"zone", state.zone}, {"accounts", std::move(accounts)}, {"runs", std::move(runs)}};
}

}  // namespace

result<json> view(const company_state& whole, const company_manifests& manifests, const action_book& actions, const json& asked, time_point now) {
  const auto what = text_at(asked, "view");
  // What is asked about may belong to a run that is parked: then that run alone is looked at.
  const auto parked = whole.parked_owner(text_at(asked, what));
  std::optional<company_state> part;
  if (parked != 0 && (what == "card" || what == "approval" || what == "run")) part = whole.peek(parked);
  const auto& state = part ? *part : whole;
  if (what == "inbox") {
    std::vector<std::pair<std::int64_t, json>> cards;  // by number, hence by the time at which they were raised
    const auto* with_asleep = at_path(asked, "all");
    const bool every = with_asleep && with_asleep->is_bool() && with_asleep->get_bool();
    const auto hidden = [&](const std::string& id) {
      const auto asleep = state.snoozed.find(id);
      return !every && asleep != state.snoozed.end() && asleep->second.until > now;
    };
    for_each_part(state, [&](const company_state& part) {
      for (const auto& [id, c] : part.cards)
        if (!hidden(id)) cards.emplace_back(number_of(id), card_view(state, part, actions, manifests.company, c));
    });
    std::sort(cards.begin(), cards.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    boost::json::array all;
    for (auto& [_, c] : cards) all.push_back(std::move(c));
    for (const auto& [_, e] : state.effects)
      if (not_left_yet(e) && e.held_until && *e.held_until > now) all.push_back(held_view(state, e));
    std::int64_t waiting = 0;
    for (const auto& [_, one] : state.snoozed) waiting += one.by == "attention" && one.until > now;
    if (waiting > 0 && !every)
      all.push_back(boost::json::object{{"card", ""}, {"about", "attention"}, {"title", fmt::format("{} more wait until tomorrow", waiting)},
                                        {"text", fmt::format("Today's {} questions are used up (company.yaml, attention). Nothing is decided without you.", state.questions_today)}, {"run", ""}, {"subject", "attention"},
                                        {"raised_at", to_text(now)}, {"actions", texts({"steward inbox --all"})}});
    return json(std::move(all));
  }
  if (what == "alike") {  // all open questions that are like this one, and it
    const auto id = text_at(asked, "approval");
    boost::json::array all;
    std::string group;
    std::vector<std::pair<std::int64_t, json>> open;
    for_each_part(whole, [&](const company_state& part) {
      for (const auto& [name, a] : part.approvals)
        if (a.state == approval_state::asked) {
          if (name == id) group = group_of(part, a);
          open.emplace_back(number_of(name), approval_view(whole, part, actions, manifests.company, a));
        }
    });
    if (group.empty()) return not_found("approval", id);
    std::sort(open.begin(), open.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [_, a] : open)
      if (text_at(a, "group") == group) all.push_back(std::move(a));
    return json(boost::json::object{{"group", group}, {"questions", std::move(all)}});
  }
  if (what == "attention") return attention_view(state, manifests, now);
  if (what == "card") {
    const auto it = state.cards.find(text_at(asked, "card"));
    if (it == state.cards.end()) return not_found("card", text_at(asked, "card"));
    return card_view(whole, state, actions, manifests.company, it->second);
  }
  if (what == "approval") {
    const auto it = state.approvals.find(text_at(asked, "approval"));
    if (it == state.approvals.end()) return not_found("approval", text_at(asked, "approval"));
    return approval_view(whole, state, actions, manifests.company, it->second);
  }
  if (what == "runs") {
    boost::json::array all;
    std::vector<std::pair<std::int64_t, json>> open;  // by the event that began them
    for_each_part(state, [&](const company_state& part) {
      for (const auto& [_, r] : part.runs) open.emplace_back(r.began, run_view(part, r, now));
    });
    std::sort(open.begin(), open.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto* with_closed = at_path(asked, "all");
    if (with_closed && with_closed->is_bool() && with_closed->get_bool())
      for (const auto& c : state.closed)
        all.push_back(closed_view(c));
    for (auto& [_, r] : open) all.push_back(std::move(r));
    return json(std::move(all));
  }
  if (what == "run") {
    const auto id = text_at(asked, "run");
    if (const auto it = state.runs.find(id); it != state.runs.end()) {
      boost::json::object o = run_view(state, it->second, now).as_object();
      o["names"] = it->second.names;
      boost::json::array effects;
      if (it->second.here)
        for (const auto& e : it->second.here->effects)
          if (state.effects.contains(e)) effects.push_back(effect_view(state.effects.at(e), actions, manifests.company));
      o["effects"] = std::move(effects);
      o["estimate"] = estimate_view(whole, it->second.said.workflow, it->second.started_at);
      return json(std::move(o));
    }
    for (const auto& c : state.closed)
      if (c.run == id) {
        auto o = closed_view(c).as_object();
        o["parked"] = false;
        o["estimate"] = estimate_view(whole, c.workflow, c.started_at);
        return json(std::move(o));
      }
    return not_found("run", id);
  }
  if (what == "cost") return cost_view(state, now);
  if (what == "budget") return budget_view(state, manifests, now);
  if (what == "outcomes") return outcomes_view(state);
  if (what == "estimate") {
    const auto workflow = text_at(asked, "workflow");
    if (!manifests.workflows.contains(workflow)) return error{"unknown_workflow", "", "there is no workflow '" + workflow + "'", "one in workflows/", ""};
    return estimate_view(state, workflow, now);
  }
  if (what == "entities") {
    boost::json::array all;
    const auto type = text_at(asked, "type");
    if (!type.empty() && !manifests.entities.contains(type) && std::none_of(state.entities.all().begin(), state.entities.all().end(), [&](const auto& one) { return one.second.type == type; })) {
      std::vector<std::string> types;
      std::string all;
      for (const auto& [known, _] : manifests.entities) types.push_back(known), all += (all.empty() ? "one of " : ", ") + known;
      const auto near = nearest_name(type, types);
      return error{"unknown_entity", "", "there is no entity type '" + type + "'", all, near.empty() ? "" : "Did you mean '" + near + "'?"};
    }
    for (const auto& [_, e] : state.entities.all())
      if (e.merged_into.empty() && (type.empty() || e.type == type)) all.push_back(to_json_value(e));
    return json(std::move(all));
  }
  if (what == "entity") return entity_view(state.entities, text_at(asked, "entity"));
  if (what == "entity_graph") {
    const auto id = text_at(asked, "entity");
    const auto* e = named_entity(state.entities, id);
    if (!e) return no_entity(state.entities, id);
    const auto* depth = at_path(asked, "depth");
    return to_json(graph_around(state.entities, manifests.entities, e->id, depth && depth->is_int64() ? depth->get_int64() : 2));
  }
  if (what == "status") {
    boost::json::object o{{"company", manifests.company.company}, {"seq", state.head}, {"epoch", state.epoch}, {"runs", std::int64_t(state.open_runs())}, {"cards", std::int64_t(state.cards.size() + state.parked.size())}};
    boost::json::object pauses;
    for (const auto& [key, reason] : state.pauses) pauses[key] = reason;
    o["paused"] = std::move(pauses);
    boost::json::array breakers;
    for (const auto& [_, b] : state.breakers) breakers.push_back(to_json(b));
    o["breakers"] = std::move(breakers);
    boost::json::array stopped;
    for (const auto& role : state.stopped_roles) stopped.emplace_back(role);
    o["stopped_roles"] = std::move(stopped);
    boost::json::object working;
    for (const auto& [id, e] : state.effects)
      if (e.state == effect_state::in_doubt) working[id] = e.said.prepared.action;
    o["in_doubt"] = std::move(working);
    return json(std::move(o));
  }
  if (what == "autonomy") return autonomy_view(state, manifests, actions, now);
  if (what == "shadow") return shadow_view(state, manifests);
  if (what == "policies") {
    boost::json::array written, given;
    for (const auto& one : state.policies_in_force()) (state.granted.contains(one.name) ? given : written).push_back(to_json(one));
    return json(boost::json::object{{"written", std::move(written)}, {"given", std::move(given)}});
  }
  return error{"unknown_view", "", "found '" + what + "'", "inbox, card, approval, alike, attention, runs, run, cost, budget, estimate, outcomes, entities, entity, entity_graph, policies, autonomy, shadow or status", ""};
}

}  // namespace steward
