#include "runtime/observation/why.hpp"

#include <map>

#include "runtime/event.hpp"
#include "runtime/observation/sentence.hpp"
#include "runtime/observation/typed_events.hpp"

namespace steward {
namespace {

struct told {
  std::int64_t seq;
  event::header header;
  event::any what;
};

result<std::vector<told>> read_all(reader& source, const event_query& query) {
  std::vector<told> all;
  auto read = each_event(source, query, [&](const event::header& h, event::any&& e) {
    all.push_back({h.seq, h, std::move(e)});
    return true;
  });
  if (!read) return read.error();
  return all;
}

/// Which effects `what` names, with the run of each.
result<std::map<std::string, std::string>> effects_named(reader& source, const std::string& what) {
  std::map<std::string, std::string> found;
  event_query proposals;
  proposals.kind = event::effect_proposed::kind;
  proposals.limit = SIZE_MAX;
  auto all = read_all(source, proposals);
  if (!all) return all.error();
  std::vector<std::string> of_approval;
  if (what.starts_with("apr-")) {
    event_query asked;
    asked.kind = event::approval_asked::kind;
    asked.limit = SIZE_MAX;
    auto approvals = read_all(source, asked);
    if (!approvals) return approvals.error();
    for (const auto& t : *approvals)
      if (const auto& e = std::get<event::approval_asked>(t.what); e.approval == what) of_approval = e.effects;
  }
  for (const auto& t : *all) {
    const auto& e = std::get<event::effect_proposed>(t.what);
    const bool by_key = what.size() >= 8 && what.find(e.prepared.key.substr(0, what.size())) == 0;
    const bool in_file_name = what.find(e.prepared.key) != what.npos;
    if (e.effect == what || e.run == what || by_key || in_file_name || std::find(of_approval.begin(), of_approval.end(), e.effect) != of_approval.end()) found[e.effect] = e.run;
  }
  return found;
}

json line(const told& t) {
  return boost::json::object{{"seq", t.seq}, {"time", to_text(t.header.time)}, {"kind", event::kind_of(t.what)}, {"actor", t.header.actor}, {"cause", t.header.cause}, {"sentence", sentence_of(t.what)}};
}

json explain_effect(const std::string& id, const std::vector<told>& run) {
  boost::json::object o;
  boost::json::array chain;
  std::string approval;
  money cost;
  for (const auto& t : run) {
    bool concerns = false;
    if (const auto* e = std::get_if<event::run_started>(&t.what)) {
      o["run"] = boost::json::object{{"run", e->run}, {"workflow", e->workflow}, {"because", e->because}, {"started_at", to_text(t.header.time)}};
      if (const auto& from = e->forked) o["run"].as_object()["forked"] = boost::json::object{{"run", from->run}, {"step", from->step}, {"visit", from->visit}, {"seq", from->seq}};
      concerns = true;
    } else if (const auto* e = std::get_if<event::effect_proposed>(&t.what); e && e->effect == id) {
      o["effect"] = id;
      o["action"] = e->prepared.action;
      o["step"] = e->step;
      o["asked_by"] = e->role.empty() ? "the workflow, in its step '" + e->step + "'" : "the role " + e->role;
      o["why"] = e->why;
      o["evidence"] = to_json(e->evidence);
      o["preview"] = e->prepared.preview;
      o["recipients"] = to_json(e->prepared.recipients);
      o["key"] = e->prepared.key;
      o["digest"] = e->digest;
      o["rulings"] = to_json(e->rulings);
      o["undo"] = e->undo;
      o["worst_cost"] = to_text(e->worst_cost);
      o["proposed_at"] = to_text(t.header.time);
      concerns = true;
    } else if (const auto* e = std::get_if<event::effect_modified>(&t.what); e && e->effect == id) {
      o["preview"] = e->prepared.preview;
      o["digest"] = e->digest;
      concerns = true;
    } else if (const auto* e = std::get_if<event::approval_asked>(&t.what); e && std::find(e->effects.begin(), e->effects.end(), id) != e->effects.end()) {
      approval = e->approval;
      o["approval"] = boost::json::object{{"approval", approval}, {"asked_at", to_text(t.header.time)}, {"effects", std::int64_t(e->effects.size())}};
      concerns = true;
    } else if (const auto* e = std::get_if<event::approval_decided>(&t.what); e && e->approval == approval && !approval.empty()) {
      auto& a = o["approval"].as_object();
      a["decision"] = e->decision;
      a["decided_at"] = to_text(t.header.time);
      a["decided_by"] = t.header.actor;
      a["reason"] = e->reason;
      concerns = true;
    } else if (const auto* e = std::get_if<event::effect_held>(&t.what); e && e->effect == id) {
      o["held_until"] = to_text(e->until);
      concerns = true;
    } else if (const auto* e = std::get_if<event::effect_dispatched>(&t.what); e && e->effect == id) {
      o["attempts"] = e->attempt;
      concerns = true;
    } else if (const auto* e = std::get_if<event::effect_settled>(&t.what); e && e->effect == id) {
      o["outcome"] = boost::json::object{{"how", to_word(e->came_out.kind)}, {"sentence", e->came_out.sentence}, {"at", to_text(t.header.time)}, {"said_by", e->said_by}};
      if (e->came_out.undo) o["undo_call"] = to_json(*e->came_out.undo);
      cost = e->came_out.cost;
      concerns = true;
    } else if (const auto* e = std::get_if<event::effect_dropped>(&t.what); e && e->effect == id) {
      o["outcome"] = boost::json::object{{"how", e->how}, {"sentence", e->reason}, {"at", to_text(t.header.time)}, {"said_by", t.header.actor}};
      concerns = true;
    } else if (const auto* e = std::get_if<event::step_finished>(&t.what); e && !o.contains("outcome") && !e->evidence.empty()) {
      concerns = true;  // the steps whose results it stands on
    }
    if (concerns) chain.push_back(line(t));
  }
  o["cost"] = to_text(cost);
  o["chain"] = std::move(chain);
  return o;
}

}  // namespace

result<json> why(reader& source, const std::string& what) {
  auto named = effects_named(source, what);
  if (!named) return named.error();
  if (named->empty())
    return error{"not_found_in_journal", "", "no effect in the journal goes by '" + what + "'", "an effect (eff-3), its key, an approval (apr-1) or a run (run-2)", "'steward runs --all' and 'steward show RUN' list them"};
  std::map<std::string, std::vector<told>> runs;
  boost::json::array effects;
  for (const auto& [id, run] : *named) {
    if (!runs.contains(run)) {
      event_query query;
      query.correlation = run;
      query.limit = SIZE_MAX;
      auto events = read_all(source, query);
      if (!events) return events.error();
      runs[run] = std::move(*events);
    }
    effects.push_back(explain_effect(id, runs.at(run)));
  }
  return json(boost::json::object{{"effects", std::move(effects)}});
}

result<json> trace(reader& source, const std::string& what) {
  event_query query;
  query.limit = SIZE_MAX;
  if (what.starts_with("run-")) query.correlation = what;
  else query.stream = what;
  auto events = read_all(source, query);
  if (!events) return events.error();
  if (events->empty()) return error{"not_found_in_journal", "", "no event in the journal belongs to '" + what + "'", "a run (run-2) or a stream (company, memory, signals, entity/lead-1)", ""};
  boost::json::array all;
  for (const auto& t : *events) {
    auto o = line(t).as_object();
    o["body"] = parse_json(event::body_text(t.what)).value();
    all.push_back(std::move(o));
  }
  return json(std::move(all));
}

result<json> timeline(reader& source, const std::string& run) {
  event_query query;
  query.limit = SIZE_MAX;
  query.correlation = run;
  auto events = read_all(source, query);
  if (!events) return events.error();
  if (events->empty()) return error{"not_found_in_journal", "", "no event in the journal belongs to '" + run + "'", "a run (run-2)", "'steward runs --all' lists them"};
  boost::json::array all;
  for (const auto& t : *events)
    if (is_for_people(t.what)) all.push_back(line(t));
  return json(std::move(all));
}

}  // namespace steward
