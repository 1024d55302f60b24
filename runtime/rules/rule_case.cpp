#include "runtime/rules/rule_case.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/digest.hpp"
#include "runtime/expression/parser.hpp"
#include "runtime/rules/policy_definition.hpp"

namespace steward {
namespace {

const json nobody = boost::json::object{};  // what a type's name stands for where nobody of it is concerned

/// Whoever has an address is known by it, whichever connector reaches them: an invoice to ledger:ada@example.com is to mailbox's Ada.
fact_source::known_entity reached_by(const fact_source& facts, std::string_view type, const std::string& recipient) {
  auto found = facts.entity_of(type, recipient);
  const auto colon = recipient.find(':');
  if (found.id.empty() && colon != recipient.npos && recipient.find('@', colon) != recipient.npos) found = facts.entity_of(type, "mailbox" + recipient.substr(colon));
  return found;
}

}  // namespace

std::string count_key(std::string_view salt, std::string_view who, std::string_view scope, std::string_view value) {
  // 64 bits: two of a company's counts share a key once in some billion years.
  return fmt::format("{}/{}/{}", who, scope, to_hex(digest_of({salt, who, scope, value})).substr(0, 16));
}

json time_as_json(const local_time& at) {
  return boost::json::object{{"date", fmt::format("{:04}-{:02}-{:02}", at.year, at.month, at.day)}, {"hour", at.hour}, {"minute", at.minute}, {"weekday", to_word(weekday(at.weekday))}};
}

std::int64_t rule_case::most_since(std::string_view who, std::string_view scope, time_point since) const {
  std::int64_t most = 0;
  for (const auto& value : counted_as(scope)) most = std::max(most, left_since(who, scope, value, since));
  return most;
}

const local_time& rule_case::local_at(const std::string& zone) const {
  for (const auto& [known, at] : locals_)
    if (known == zone) return at;
  return locals_.emplace_back(zone, local_time_at(zone, now())).second;
}

const json& effect_case::made(std::size_t place, json (*make)(const effect_case&)) const {
  auto& there = made_[place];
  if (!there) there = make(*this);
  return *there;
}

std::optional<value> effect_case::find(std::string_view name) const {
  const auto place = std::size_t(std::find(std::begin(rule_name_list), std::end(rule_name_list), name) - std::begin(rule_name_list));
  const auto make = [&](json (*how)(const effect_case&)) { return value::view(made(place, how)); };
  switch (place) {
    case 0: return make([](const effect_case& c) { return json(c.q_.action.name); });
    case 1: return make([](const effect_case& c) { return json(std::string_view(c.q_.action.name).substr(0, c.q_.action.name.find('.'))); });
    case 2: return make([](const effect_case& c) { return json(to_word(c.q_.action.risk)); });
    case 3: return make([](const effect_case& c) { return json(to_word(c.q_.action.repeats)); });
    case 4: return value::view(q_.arguments);
    case 5: return make([](const effect_case& c) { return to_json(c.q_.recipients); });
    case 6: return make([](const effect_case& c) { return json(c.q_.role); });
    case 7: return make([](const effect_case& c) { return json(c.q_.workflow); });
    case 8: return make([](const effect_case& c) { return json(c.q_.run); });
    case 9: return make([](const effect_case& c) {
      boost::json::array all;
      if (c.q_.data_labels & label_untrusted) all.emplace_back("untrusted");
      if (c.q_.data_labels & label_private) all.emplace_back("private");
      return json(std::move(all));
    });
    case 10: return make([](const effect_case& c) { return json(boost::json::object{{"amount", double(c.q_.action.cost.nano) / 1e9}, {"currency", c.q_.action.cost.currency}}); });
    case 11: return value(q_.now);
    case 12: return make([](const effect_case& c) { return time_as_json(c.local_at(c.zone_)); });
    case 13: return make([](const effect_case& c) {
      boost::json::object all;
      for (const auto scope : recent_scopes) all[scope] = c.most_since("recent " + c.action(), scope, c.q_.now - recent_within);
      return json(std::move(all));
    });
    default:
      if (cel::type_named(name)) return {};  // type(x) == int
      return value::view(entity_of_type(name));
  }
}

std::vector<std::string> effect_case::names() const { return {std::begin(rule_name_list), std::end(rule_name_list)}; }

std::vector<std::string> effect_case::entities_of_type(std::string_view type) const {
  std::vector<std::string> ids;
  const auto add = [&](const fact_source::known_entity& e) {
    if (e.id.empty() || std::find(ids.begin(), ids.end(), e.id) != ids.end()) return;
    ids.push_back(e.id);
  };
  if (const auto named = text_at(q_.arguments, type); !named.empty()) add(q_.facts.entity_of(type, named));
  for (const auto& recipient : q_.recipients) add(reached_by(q_.facts, type, recipient));
  return ids;
}

void effect_case::look_from(std::size_t view) const {
  if (std::exchange(view_, view) != view) entities_.clear();
}

/// Named by an argument, or whom the recipient is; else what the run is about. Of people only the effect itself can tell: a mail to a
/// stranger is no mail to the customer whom the run is about.
fact_source::known_entity effect_case::concerned(std::string_view type) const {
  if (const auto named = text_at(q_.arguments, type); !named.empty())
    if (auto found = q_.facts.entity_of(type, named); !found.id.empty()) return found;
  if (view_ < q_.recipients.size())
    if (auto found = reached_by(q_.facts, type, q_.recipients[view_]); !found.id.empty()) return found;
  for (const auto& id : q_.about)
    if (auto found = q_.facts.entity_of(type, id); !found.id.empty() && found.fields && !found.fields->as_object().contains("address")) return found;
  return {};
}

const json& effect_case::entity_of_type(std::string_view type) const {
  for (const auto& [known, fields] : entities_)
    if (known == type) return *fields;
  const json* fields = &nobody;
  if (const auto found = concerned(type); found.fields) fields = found.fields;
  return *entities_.emplace_back(type, fields).second;
}

std::vector<std::string> effect_case::counted_as(std::string_view scope) const {
  if (scope == "company") return {""};
  if (scope == "role") return {q_.role};
  if (scope == "workflow") return {q_.workflow};
  if (scope == "run") return {q_.run};
  if (scope == "action") return {q_.action.name};
  auto values = scope == "recipient" ? q_.recipients : entities_of_type(scope);
  if (values.empty()) values = q_.recipients;  // who is not on record is counted by address
  if (values.empty()) values.emplace_back();
  return values;
}

std::int64_t effect_case::left_since(std::string_view who, std::string_view scope, std::string_view value, time_point since) const {
  if (!q_.counts) return 0;
  const auto left = q_.counts->left_since(count_key(salt_, who, scope, value), since);
  return q_.again && left > 0 ? left - 1 : left;
}

}  // namespace steward
