#include "runtime/observation/shadow_report.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "runtime/event.hpp"
#include "runtime/text_difference.hpp"

namespace steward {
namespace {

constexpr std::size_t pairs_told = 50;  // The newest: more than anybody reads, and the sum counts them all.

/// Calls f with each event that the query finds, the oldest first.
result<void> each_event(reader& source, const event_query& query, const std::function<void(const record_header&, const event::any&)>& f) {
  std::optional<error> failed;
  const auto read = source.each(query, [&](const record& stored) {
    const auto e = event::read(stored.header.kind, stored.body);
    if (!e) failed = e.error();
    else f(stored.header, *e);
    return !failed;
  });
  if (failed) return *failed;
  if (!read) return read.error();
  return {};
}

event_query of_run(const std::string& run) {
  event_query query;
  query.correlation = run;
  query.limit = SIZE_MAX;
  return query;
}

std::string text_of(const json* value) { return !value ? "" : value->is_string() ? std::string(value->get_string()) : canonical(*value); }

/// How much of `to` stands in `from` already.
std::int64_t alike_percent(const std::string& from, const std::string& to) {
  if (to.empty()) return from.empty() ? 100 : 0;
  std::int64_t kept = 0;
  for (const auto& piece : difference(from, to)) kept += piece.size;
  return kept * 100 / std::int64_t(to.size());
}

boost::json::array differences_between(const json& one, const json& other, const char* first, const char* second) {
  boost::json::array all;
  std::set<std::string> names;
  for (const auto* side : {&one, &other})
    if (side->is_object())
      for (const auto& pair : side->get_object()) names.emplace(pair.key());
  for (const auto& name : names) {
    const auto* a = one.is_object() ? one.get_object().if_contains(name) : nullptr;
    const auto* b = other.is_object() ? other.get_object().if_contains(name) : nullptr;
    if (a && b && *a == *b) continue;
    all.push_back(boost::json::object{{"argument", name}, {first, a ? *a : json{}}, {second, b ? *b : json{}}, {"alike_percent", alike_percent(text_of(a), text_of(b))}});
  }
  return all;
}

struct told_effect {
  std::string action, preview, role, run;
  json arguments;
};

/// Of one run: what each step gave, what it proposed, how it ended.
struct told_steps {
  std::vector<std::pair<std::string, std::string>> steps;    // name and visit -> how and result
  std::vector<std::pair<std::string, std::string>> effects;  // action -> arguments
  std::string status = "open";
};

result<told_steps> steps_of(reader& source, const std::string& run) {
  told_steps t;
  std::set<std::string> effect_steps;  // their answers come from outside: what was wanted is compared, not what came of it
  auto read = each_event(source, of_run(run), [&](const record_header&, const event::any& e) {
    if (const auto* s = std::get_if<event::step_started>(&e); s && s->what == "effect") effect_steps.insert(s->step);
    if (const auto* s = std::get_if<event::step_finished>(&e))
      t.steps.emplace_back(s->step + (s->visit > 1 ? " (visit " + std::to_string(s->visit) + ")" : ""), effect_steps.contains(s->step) ? "done" : s->how + (s->result.is_null() ? "" : " " + canonical(s->result)));
    if (const auto* s = std::get_if<event::step_failed>(&e)) t.steps.emplace_back(s->step, "failed: " + s->why.sentence);
    if (const auto* p = std::get_if<event::effect_proposed>(&e)) t.effects.emplace_back(p->step + ": " + p->prepared.action, canonical(p->arguments));
    if (const auto* f = std::get_if<event::run_finished>(&e)) t.status = f->status + (f->outcome.empty() ? "" : ": " + f->outcome);
  });
  if (!read) return read.error();
  return t;
}

/// In the order of the run in force; what only one of them did stands beside nothing.
void compare(const std::vector<std::pair<std::string, std::string>>& tried, const std::vector<std::pair<std::string, std::string>>& in_force, const char* what, boost::json::array& into) {
  std::vector<bool> met(tried.size(), false);
  const auto add = [&](const std::string& step, const std::string& a, const std::string& b) {
    into.push_back(boost::json::object{{"step", step}, {"what", what}, {"tried", a}, {"in_force", b}, {"alike_percent", alike_percent(b, a)}});
  };
  for (const auto& [name, said] : in_force) {
    std::size_t i = 0;
    while (i < tried.size() && (met[i] || tried[i].first != name)) ++i;
    if (i < tried.size()) met[i] = true;
    if (i == tried.size()) add(name, "", said);
    else if (tried[i].second != said) add(name, tried[i].second, said);
  }
  for (std::size_t i = 0; i < tried.size(); ++i)
    if (!met[i]) add(tried[i].first, tried[i].second, "");
}

result<json> trials_told(reader& source, const json& trials, const std::string& what) {
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> runs;  // workflow -> run and the live run beside it; empty: a canary
  event_query started;
  started.kind = event::run_started::kind;
  started.limit = SIZE_MAX;
  auto read = each_event(source, started, [&](const record_header&, const event::any& e) {
    const auto& s = std::get<event::run_started>(e);
    if (s.trial) runs[s.workflow].emplace_back(s.run, s.trial->as == "shadow" ? s.trial->of : "");
  });
  if (!read) return read.error();
  boost::json::array all;
  for (const auto& trial : trials.as_array()) {
    const auto name = text_at(trial, "workflow");
    if (!what.empty() && what != name) continue;
    auto o = trial.as_object();
    boost::json::array pairs;
    std::int64_t same = 0, different = 0;
    const auto& its = runs[name];
    for (std::size_t i = 0; i < its.size(); ++i) {
      const auto tried = steps_of(source, its[i].first);
      if (!tried) return tried.error();
      boost::json::object pair{{"run", its[i].first}, {"status", tried->status}, {"beside", its[i].second}};
      if (!its[i].second.empty()) {
        const auto live = steps_of(source, its[i].second);
        if (!live) return live.error();
        boost::json::array differ;
        compare(tried->steps, live->steps, "result", differ);
        compare(tried->effects, live->effects, "effect", differ);
        const bool open = tried->status == "open" || live->status == "open";
        if (!open) ++(differ.empty() ? same : different);
        pair["beside_status"] = live->status;
        pair["same"] = open ? json(nullptr) : json(differ.empty());
        pair["differences"] = std::move(differ);
      }
      if (i + pairs_told >= its.size()) pairs.push_back(std::move(pair));
    }
    o["same"] = same;
    o["different"] = different;
    o["pairs"] = std::move(pairs);
    all.push_back(std::move(o));
  }
  return json(std::move(all));
}

/// What a rule shadowed where the rung would have let it go: nothing of it stands on a ladder, hence in the state.
result<boost::json::array> held_back_by_rules(reader& source, time_point since) {
  boost::json::array all;
  event_query dropped;
  dropped.kind = event::effect_dropped::kind;
  dropped.limit = SIZE_MAX;
  auto read = each_event(source, dropped, [&](const record_header& h, const event::any& e) {
    const auto& d = std::get<event::effect_dropped>(e);
    if (h.time < since || d.how != "shadowed" || d.meant || std::any_of(d.rulings.begin(), d.rulings.end(), [](const ruling& one) { return one.rule == "trial"; })) return;
    for (const auto& one : d.rulings)
      if (one.says == verdict::shadow && one.rule != "autonomy") {
        all.push_back(boost::json::object{{"effect", d.effect}, {"at", to_text(h.time)}, {"rule", one.rule}, {"because", one.because}});
        return;
      }
  });
  if (!read) return read.error();
  return all;
}

}  // namespace

result<json> shadow_report(reader& source, const json& seen, const std::string& what, time_point since) {
  std::set<std::string> wanted;
  auto held_back = held_back_by_rules(source, since);
  if (!held_back) return held_back.error();
  for (const auto& row : *held_back) wanted.insert(text_at(row, "effect"));
  boost::json::array rows;
  for (const auto& row : seen.at("shadowed").as_array()) {
    if (!what.empty() && what != text_at(row, "effect") && what != text_at(row, "role") && what != text_at(row, "action")) continue;
    rows.push_back(row);
    for (const auto* key : {"effect", "done"})
      if (const auto id = text_at(row, key); !id.empty()) wanted.insert(id);
  }
  std::map<std::string, told_effect> effects;
  for (const auto* kind : {event::effect_proposed::kind, event::effect_modified::kind}) {
    if (wanted.empty()) break;
    event_query query;
    query.kind = kind;
    query.limit = SIZE_MAX;
    auto read = each_event(source, query, [&](const record_header&, const event::any& e) {
      const auto keep = [&](const std::string& id, const request& prepared, const json& arguments) {
        if (!wanted.contains(id)) return;
        auto& kept = effects[id];
        kept.action = prepared.action;
        kept.preview = prepared.preview.substr(0, prepared.preview.find('\n'));
        kept.arguments = arguments;
      };
      if (const auto* p = std::get_if<event::effect_proposed>(&e)) {
        keep(p->effect, p->prepared, p->arguments);
        if (const auto it = effects.find(p->effect); it != effects.end()) it->second.role = p->role, it->second.run = p->run;
      }
      if (const auto* m = std::get_if<event::effect_modified>(&e)) keep(m->effect, m->prepared, m->arguments);
    });
    if (!read) return read.error();
  }
  std::int64_t same = 0, different = 0, open = 0, unmatched = 0;
  for (auto& row : rows) {
    auto& o = row.as_object();
    const auto done = text_at(row, "done"), verdict = text_at(row, "verdict");
    ++(verdict == "same" ? same : verdict == "different" ? different : done.empty() ? unmatched : open);
    const auto& mine = effects[text_at(row, "effect")];
    o["preview"] = mine.preview;
    o["arguments"] = mine.arguments;
    o["by_hand"] = nullptr;
    o["differences"] = boost::json::array{};
    if (done.empty()) continue;
    o["by_hand"] = boost::json::object{{"effect", done}, {"arguments", effects[done].arguments}};
    o["differences"] = differences_between(mine.arguments, effects[done].arguments, "shadowed", "by_hand");
  }
  boost::json::array by_rules;
  for (auto& row : *held_back) {
    auto& o = row.as_object();
    const auto& told = effects[text_at(row, "effect")];
    if (!what.empty() && what != text_at(row, "effect") && what != text_at(row, "rule") && what != told.role && what != told.action) continue;
    o["action"] = told.action;
    o["role"] = told.role;
    o["run"] = told.run;
    o["preview"] = told.preview;
    by_rules.push_back(std::move(row));
  }
  auto trials = trials_told(source, seen.at("trials"), what);
  if (!trials) return trials.error();
  return json(boost::json::object{{"shadowed", std::move(rows)}, {"sum", {{"same", same}, {"different", different}, {"open", open}, {"unmatched", unmatched}}}, {"held_back", std::move(by_rules)}, {"trials", std::move(*trials)}});
}

}  // namespace steward
