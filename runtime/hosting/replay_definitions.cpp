#include "runtime/hosting/replay_definitions.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "runtime/described.hpp"

namespace steward {
namespace {

using keys = std::set<std::string, std::less<>>;

/// What a replay decides again by these (replay_workflow.cpp), and compares with what came of it.
const keys decided_in_step{"role", "effect", "effects", "undo", "with", "for_each", "when", "gives", "then", "as", "record", "id", "remember", "about", "text", "source", "for", "for_", "from", "person", "options"};
const keys decided_in_role{"role", "purpose", "agent", "settings", "model", "may_do"};

/// Every member of two objects that differs, save those that are left out; `as_empty`: a missing one is this.
void each_change(const json& before, const json& after, const keys& but, const std::function<void(const std::string&, const changed_part&)>& use) {
  std::set<std::string> names;
  for (const auto* side : {&before, &after})
    if (side->is_object())
      for (const auto& pair : side->get_object()) names.insert(std::string(pair.key()));
  const auto member = [](const json& of, const std::string& name) {
    const auto* found = of.is_object() ? of.get_object().if_contains(name) : nullptr;
    return found ? *found : json();
  };
  for (const auto& name : names) {
    if (but.contains(name)) continue;
    if (const auto part = first_change(member(before, name), member(after, name), name)) use(name, *part);
  }
}

void tell_of(const workflow_replay::tell& differs, std::int64_t seq, const std::string& step, const std::string& where, const changed_part& part) {
  const auto shown = [](const std::string& text) { return boost::json::object{{"kind", "definition"}, {"name", text}, {"digest", ""}}; };
  differs({seq, step, "definition", part.path, shown(part.before), shown(part.after), fmt::format("{}: {} was {}, is {}: changed, not replayed", where, part.path, part.before, part.after)});
}

/// What of a step's effects is not decided again: a longer hold.
json holds_of(const step_definition& s) {
  boost::json::array all;
  for (const auto& one : s.effects) all.push_back(one.hold ? json(to_text(*one.hold)) : json());
  return all;
}

}  // namespace

void compare_workflows(const workflow& then, const workflow& now, const used_by_run& used, const workflow_replay::tell& differs) {
  for (const auto& [step, seq] : used.steps) {
    const auto *a = then.find(step), *b = now.find(step);
    if (!a || !b) continue;  // that it is gone, or is not the same one, is said already
    const auto where = "step '" + step + "'";
    const auto tell = [&, seq = seq, step = step](const std::string&, const changed_part& part) { tell_of(differs, seq, step, where, part); };
    auto was = to_json(*a->said), is = to_json(*b->said);
    for (auto* side : {&was, &is})
      if (auto* ask = side->get_object().if_contains("ask"); ask && ask->is_object() && used.decided_again) {
        const bool both = a->said->ask && b->said->ask;
        if (both) ask->get_object().erase("shows");  // what it showed then is compared
      }
    each_change(was, is, used.decided_again ? decided_in_step : keys{}, tell);
    if (used.decided_again)
      if (const auto part = first_change(holds_of(*a->said), holds_of(*b->said), "effects.hold")) tell("", *part);
    // Constants that only these conditions use.
    for (const auto* condition : {a->where ? &*a->where : nullptr, b->where ? &*b->where : nullptr})
      if (condition)
        for (const auto& name : condition->names()) {
          const auto value = [&](const workflow& w) { return w.definition.constants.contains(name) ? w.definition.constants.at(name) : json(); };
          if (const auto part = first_change(value(then), value(now), "constants." + name)) tell("", *part);
        }
  }
  const keys decided{"workflow", "version", "purpose", "steps", "constants", "input", "input_schema", "trial"};
  each_change(to_json(then.definition), to_json(now.definition), decided,
              [&](const std::string&, const changed_part& part) { tell_of(differs, used.began, "", "workflow '" + now.definition.workflow + "'", part); });
}

void compare_manifests(const company_manifests& before, const company_manifests& now, const used_by_run& used, const workflow_replay::tell& differs) {
  for (const auto& [role, seq] : used.roles) {
    const auto a = before.roles.find(role), b = now.roles.find(role);
    if (a == before.roles.end() || b == now.roles.end()) continue;
    each_change(to_json(a->second), to_json(b->second), decided_in_role, [&, seq = seq, role = role](const std::string&, const changed_part& part) { tell_of(differs, seq, "", "role '" + role + "'", part); });
  }
  for (const auto& [by, seq] : used.done_by) {  // a rung that changes how something is asked, not whether
    const auto rung = [&, by = by](const company_manifests& of) {
      const auto role = of.roles.find(by.first);
      const auto* may = by.first.empty() ? &of.company.may_do : role == of.roles.end() ? nullptr : &role->second.may_do;
      return may && may->contains(by.second) ? json(to_word(may->at(by.second))) : json();
    };
    if (const auto part = first_change(rung(before), rung(now), "may_do." + by.second)) tell_of(differs, seq, "", by.first.empty() ? "company.yaml" : "role '" + by.first + "'", *part);
  }
  for (const auto& [type, seq] : used.types) {
    const auto a = before.entities.find(type), b = now.entities.find(type);
    if (a == before.entities.end() && b == now.entities.end()) continue;
    const auto whole = [&](const auto& found, const company_manifests& of) { return found == of.entities.end() ? json(boost::json::object{}) : to_json(found->second); };
    each_change(whole(a, before), whole(b, now), {"purpose"}, [&, seq = seq, type = type](const std::string&, const changed_part& part) { tell_of(differs, seq, "", "entity type '" + type + "'", part); });
  }
  const auto company = [&](const company_manifests& of) {
    auto all = to_json(of.company);
    boost::json::object kept;
    for (const auto* key : {"zone", "hold", "may_reach", "beyond_reach", "private_scopes"})
      if (const auto* value = all.get_object().if_contains(key)) kept[key] = *value;
    std::set<std::string> connectors;
    for (const auto& [action, _] : used.actions) connectors.insert(action.substr(0, action.find('.')));
    for (const auto& name : connectors)
      if (of.company.connectors.contains(name)) kept["connectors." + name] = of.company.connectors.at(name);
    return json(std::move(kept));
  };
  each_change(company(before), company(now), {}, [&](const std::string&, const changed_part& part) { tell_of(differs, used.began, "", "company.yaml", part); });
}

}  // namespace steward
