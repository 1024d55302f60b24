#include "runtime/coordination/lessons.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/lower_case.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t value_shown = 160;     // Of a changed text: what an agent needs to see the difference, not the whole letter.
constexpr std::size_t recipients_told = 5;
constexpr std::size_t twice = 2;             // Once may be a mood; the second time it is a rule.

/// "example.com" of "mailbox:ada@Example.com"; empty where there is none that could stand in a rule.
std::string domain_of(const std::string& recipient) {
  const auto at = recipient.rfind('@');
  if (at == recipient.npos || at + 1 == recipient.size()) return {};
  auto domain = lower_case(std::string_view(recipient).substr(at + 1));
  const bool plain = std::all_of(domain.begin(), domain.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; });
  return plain ? domain : std::string{};
}

std::set<std::string> domains_of(const std::vector<std::string>& recipients) {
  std::set<std::string> all;
  for (const auto& one : recipients)
    if (auto domain = domain_of(one); !domain.empty()) all.insert(std::move(domain));
  return all;
}

/// A value in a sentence: one line, cut, and with nothing hidden in it.
std::string in_words(const json& value) {
  if (value.is_null()) return "nothing";
  const auto text = value.is_string() ? std::string(value.get_string()) : canonical(value);
  const auto front = front_of(text, value_shown);
  return "'" + visible_line(front) + (front.size() < text.size() ? "…" : "") + "'";
}

std::string name_for(const std::string& action, const std::string& domain) {
  auto name = "learnt_" + action + "_" + domain;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

void add(std::vector<std::string>& list, const std::string& one) {
  if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
}

}  // namespace

lesson lesson_of(const event::effect_proposed& rejected, const std::string& approval, const std::string& workflow, const std::string& reason) {
  lesson l;
  l.kind = "rejected";
  l.approval = approval;
  l.effect = rejected.effect;
  l.action = rejected.prepared.action;
  l.role = rejected.role;
  l.workflow = workflow;
  l.recipients = rejected.prepared.recipients;
  l.reason = cleaned_line(reason);
  return l;
}

std::vector<lesson> changes_of(const event::effect_proposed& before, const event::effect_modified& after, const std::string& approval, const std::string& workflow) {
  std::vector<lesson> all;
  std::set<std::string> fields;
  for (const auto* side : {&before.arguments, &after.arguments})
    if (side->is_object())
      for (const auto& pair : side->get_object()) fields.emplace(pair.key());
  const auto value = [](const json& of, const std::string& field) {
    const auto* found = of.is_object() ? of.get_object().if_contains(field) : nullptr;
    return found ? *found : json{};
  };
  for (const auto& field : fields) {
    if (value(before.arguments, field) == value(after.arguments, field)) continue;
    auto l = lesson_of(before, approval, workflow, "");
    l.kind = "changed";
    l.field = field;
    l.before = value(before.arguments, field);
    l.after = value(after.arguments, field);
    all.push_back(std::move(l));
  }
  return all;
}

std::string about_of(const lesson& l) { return (l.role.empty() ? l.workflow : l.role) + "/" + l.action; }

memory_item memory_of(const lesson& l) {
  memory_item item;
  item.scope = operator_scope;
  item.about = about_of(l);
  item.importance = 0.7;  // A correction weighs more than what was merely noted, and less than what the operator wrote down.
  if (l.kind == "rejected") {
    std::string to;
    for (std::size_t i = 0; i < std::min(l.recipients.size(), recipients_told); ++i) to += (i == 0 ? " to " : ", ") + visible_line(l.recipients[i]);
    item.text = fmt::format("The operator rejected {}{}: {}", l.action, to, visible_line(l.reason));
    item.source = l.approval + "/" + l.action;
  } else {
    item.text = fmt::format("The operator changed {} of {} from {} to {}", visible_line(l.field), l.action, in_words(l.before), in_words(l.after));
    item.source = l.approval + "/" + l.effect + "." + l.field;
  }
  return item;
}

void lesson_reader::on_decision(const event::approval_decided& e, open_run& r, time_point at) {
  const auto covered = r.approvals.find(e.approval);
  if (covered == r.approvals.end()) return;
  std::set<std::string> told;
  for (const auto& id : covered->second) {
    const auto known = r.effects.find(id);
    if (known == r.effects.end()) continue;
    const auto& said = known->second;
    if (e.decision == "approved")
      for (const auto& domain : domains_of(said.prepared.recipients)) let_through_.emplace(said.prepared.action, domain);
    if (e.decision != "rejected" || e.reason.empty() || !told.insert(said.prepared.action).second) continue;
    lessons_.push_back(lesson_of(said, e.approval, r.workflow, e.reason));
    lessons_.back().at = at;
    for (const auto& other : covered->second)  // one lesson for all of an action: everybody whom it would have reached
      if (const auto o = r.effects.find(other); o != r.effects.end() && other != id && o->second.prepared.action == said.prepared.action)
        for (const auto& recipient : o->second.prepared.recipients) add(lessons_.back().recipients, recipient);
  }
}

void lesson_reader::take(const event::header& h, const event::any& e, bool whole) {
  if (const auto* started = std::get_if<event::run_started>(&e)) runs_[started->run].workflow = started->workflow;
  if (const auto* ended = std::get_if<event::run_finished>(&e)) runs_.erase(ended->run);
  const auto it = runs_.find(h.correlation);
  if (it == runs_.end()) return;
  auto& r = it->second;
  if (const auto* proposed = std::get_if<event::effect_proposed>(&e); proposed && whole) r.effects[proposed->effect] = *proposed;
  if (const auto* asked = std::get_if<event::approval_asked>(&e)) r.approvals[asked->approval] = asked->effects;
  if (const auto* changed = std::get_if<event::effect_modified>(&e); changed && whole) {
    const auto known = r.effects.find(changed->effect);
    if (known == r.effects.end()) return;
    std::string approval;
    for (const auto& [id, covered] : r.approvals)
      if (std::find(covered.begin(), covered.end(), changed->effect) != covered.end()) approval = id;
    if (h.time >= since_)
      for (auto& l : changes_of(known->second, *changed, approval, r.workflow)) {
        l.at = h.time;
        lessons_.push_back(std::move(l));
      }
    known->second.arguments = changed->arguments;
    known->second.prepared = changed->prepared;
  }
  if (const auto* decided = std::get_if<event::approval_decided>(&e); decided && whole && h.time >= since_) on_decision(*decided, r, h.time);
}

learnt lesson_reader::told() const {
  learnt all;
  all.lessons = lessons_;
  struct again {
    std::vector<std::string> from;
    std::string because;
  };
  std::map<std::pair<std::string, std::string>, again> refused;                          // action, domain
  std::map<std::tuple<std::string, std::string, std::string>, again> changed;            // about, field, value
  for (const auto& l : lessons_) {
    if (l.kind == "rejected") {
      for (const auto& domain : domains_of(l.recipients)) {
        auto& known = refused[{l.action, domain}];
        add(known.from, l.approval);
        known.because = l.reason;
      }
    } else {
      add(changed[{about_of(l), l.field, canonical(l.after)}].from, l.approval);
    }
  }
  for (const auto& [key, known] : refused) {
    const auto& [action, domain] = key;
    if (known.from.size() < twice) continue;
    policy_definition rule;
    rule.name = name_for(action, domain);
    rule.because = known.because;
    rule.actions = {action};
    rule.when = fmt::format("recipients.exists(r, r.lowerAscii().endsWith({}))", canonical(json("@" + domain)));
    rule.then = let_through_.contains(key) ? verdict::ask : verdict::deny;
    all.rules.push_back({std::move(rule), known.from});
  }
  for (const auto& [key, known] : changed) {
    const auto& [about, field, value] = key;
    if (known.from.size() < twice) continue;
    const auto after = parse_json(value);
    all.preferences.push_back({about, after && !after->is_null() ? fmt::format("The {} should be {}", visible_line(field), in_words(*after)) : fmt::format("Leave {} out", visible_line(field)), known.from});
  }
  return all;
}

std::string to_yaml(const policy_definition& rule) {
  const auto quoted = [](const std::string& text) { return canonical(json(text)); };
  std::string actions;
  for (const auto& one : rule.actions) actions += (actions.empty() ? "" : ", ") + one;
  return "name: " + rule.name + "\nbecause: " + quoted(rule.because) + "\nactions: [" + actions + "]\n" + (rule.when ? "when: " + quoted(*rule.when) + "\n" : "") + "then: " + std::string(to_word(rule.then)) + "\n";
}

}  // namespace steward
