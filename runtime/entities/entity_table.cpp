#include "runtime/entities/entity_table.hpp"

#include <algorithm>

#include "runtime/erased.hpp"
#include "runtime/lower_case.hpp"

namespace steward {
namespace {

/// Mail addresses are the same in any case; a customer written with capitals must still be found by what a mail says.
std::string canonical_id(std::string_view external_id) {
  return external_id.starts_with("mailbox:") ? lower_case(external_id) : std::string(external_id);
}

}  // namespace

entity_table::entity_table(std::vector<entity> records) {
  for (auto& record : records) {
    ++count_[record.type];
    by_id_.emplace(record.id, std::move(record));
  }
  index();
}

void entity_table::index() {
  by_external_id_.clear();
  std::vector<const entity*> in_order;
  for (const auto& [_, record] : by_id_) in_order.push_back(&record);
  std::sort(in_order.begin(), in_order.end(), [](const entity* a, const entity* b) { return a->place < b->place; });
  for (const auto* record : in_order)
    for (const auto& external : record->external_ids) lead_to(external, standing_for(record->id)->id);
}

void entity_table::lead_to(const std::string& external_id, const std::string& id) {
  auto& known = by_external_id_[external_id];
  if (std::find(known.begin(), known.end(), id) == known.end()) known.push_back(id);
}

void entity_table::apply(const event::entity_recorded& e, labels marks) {
  auto [it, is_new] = by_id_.try_emplace(e.entity);
  auto& record = it->second;
  if (is_new) {
    record.id = e.entity;
    record.type = e.type;
    record.place = std::int64_t(by_id_.size());
    ++count_[e.type];
  }
  const auto external = e.external_id == erased_text ? std::string() : canonical_id(e.external_id);
  if (e.external_id == erased_text) {  // The person was erased: nothing leads to them any more.
    record.external_ids.clear();
    index();
  }
  if (!external.empty() && std::find(record.external_ids.begin(), record.external_ids.end(), external) == record.external_ids.end()) {
    const auto led = find_external(external);  // by a record that was merged into this one: it stays that one's own
    if (std::none_of(led.begin(), led.end(), [&](const entity* there) { return there->id == e.entity; })) {
      record.external_ids.push_back(external);
      lead_to(external, standing_for(e.entity)->id);
    }
  }
  record.marks |= label_private;
  auto* merged = external.empty() ? nullptr : told_of(record, external);
  if (const auto* fields = e.fields.if_object())
    for (const auto& field : *fields) {
      auto& there = record.fields.as_object()[field.key()];
      if (!is_new && there == field.value()) continue;  // what was known before was not learned from this
      if (merged) {
        merged->before.try_emplace(field.key(), there);
        merged->told[field.key()] = field.value();
      }
      there = field.value();
      record.marks |= marks;
    }
  ++record.version;
}

/// The merged record that `external_id` is the own one of; none: it is the record's own.
absorbed_entity* entity_table::told_of(entity& record, const std::string& external_id) {
  for (auto& merged : record.absorbed)
    for (const auto* e : same_as(merged.other))
      if (std::find(e->external_ids.begin(), e->external_ids.end(), external_id) != e->external_ids.end()) return &merged;
  return nullptr;
}

void entity_table::apply(const event::entity_merged& e) {
  const auto into = by_id_.find(e.entity), other = by_id_.find(e.other);
  if (into == by_id_.end() || other == by_id_.end()) return;
  absorbed_entity merged{e.other, {}, {}, {}};
  for (const auto& name : e.takes)
    if (const auto* value = other->second.fields.as_object().if_contains(name)) into->second.fields.as_object()[name] = merged.taken[name] = *value;
  into->second.absorbed.push_back(std::move(merged));
  into->second.marks |= other->second.marks;
  ++into->second.version;
  other->second.merged_into = e.entity;
  index();
}

void entity_table::apply(const event::entity_split& e) {
  const auto into = by_id_.find(e.entity), other = by_id_.find(e.other);
  if (into == by_id_.end() || other == by_id_.end()) return;
  auto& all = into->second.absorbed;
  const auto merged = std::find_if(all.begin(), all.end(), [&](const absorbed_entity& a) { return a.other == e.other; });
  if (merged == all.end()) return;
  auto& fields = into->second.fields.as_object();
  for (const auto& [name, value] : merged->told) {
    other->second.fields.as_object()[name] = value;
    if (const auto* now = fields.if_contains(name); !now || *now != value) continue;
    if (const auto& before = merged->before.at(name); before.is_null()) fields.erase(name);
    else fields[name] = before;
  }
  for (const auto& [name, value] : merged->taken)
    if (const auto* now = fields.if_contains(name); now && *now == value) fields.erase(name);
  all.erase(merged);
  ++into->second.version;
  other->second.merged_into.clear();
  index();
}

std::vector<const json*> entity_table::entities_with(std::string_view external_id) const {
  std::vector<const json*> all;
  for (const auto* e : find_external(external_id)) all.push_back(&e->fields);
  return all;
}

fact_source::known_entity entity_table::entity_of(std::string_view type, std::string_view id) const {
  if (const auto* named = standing_for(id); named && named->type == type) return {named->id, &named->fields};
  for (const auto* e : find_external(id))
    if (e->type == type) return {e->id, &e->fields};
  return {};
}

const entity* entity_table::find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second;
}

const entity* entity_table::standing_for(std::string_view id) const {
  const auto* e = find(id);
  while (e && !e->merged_into.empty()) e = find(e->merged_into);
  return e;
}

std::vector<const entity*> entity_table::same_as(std::string_view id) const {
  std::vector<const entity*> all;
  if (const auto* e = find(id)) all.push_back(e);
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const auto& merged : all[i]->absorbed) all.push_back(find(merged.other));
  return all;
}

std::vector<const entity*> entity_table::find_external(std::string_view external_id) const {
  std::vector<const entity*> all;
  if (const auto it = by_external_id_.find(canonical_id(external_id)); it != by_external_id_.end())
    for (const auto& id : it->second) all.push_back(find(id));
  return all;
}

std::string entity_table::next_id(const std::string& type) const {
  const auto it = count_.find(type);
  return type + "-" + std::to_string((it == count_.end() ? 0 : it->second) + 1);
}

json to_json_value(const entity& e) {
  boost::json::object o = e.fields.as_object();
  o["entity"] = e.id;
  o["type"] = e.type;
  o["external_id"] = e.external_ids.empty() ? "" : e.external_ids.front();
  return o;
}

}  // namespace steward
