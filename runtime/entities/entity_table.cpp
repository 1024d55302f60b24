#include "runtime/entities/entity_table.hpp"

#include <algorithm>

#include "runtime/erased.hpp"

namespace steward {
namespace {

/// Mail addresses are the same in any case; a customer written with capitals must still be found by what a mail says.
std::string canonical_id(std::string_view external_id) {
  std::string id(external_id);
  if (id.starts_with("mailbox:")) std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return c < 0x80 ? char(std::tolower(c)) : char(c); });
  return id;
}

}  // namespace

entity_table::entity_table(std::vector<entity> records) {
  for (auto& record : records) {
    ++count_[record.type];
    by_id_.emplace(record.id, std::move(record));
  }
  std::vector<const entity*> in_order;
  for (const auto& [_, record] : by_id_) in_order.push_back(&record);
  std::sort(in_order.begin(), in_order.end(), [](const entity* a, const entity* b) { return a->place < b->place; });
  for (const auto* record : in_order)
    for (const auto& external : record->external_ids) by_external_id_[external].push_back(record->id);
}

void entity_table::apply(const event::entity_recorded& e) {
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
    for (const auto& id : record.external_ids)
      if (const auto known = by_external_id_.find(id); known != by_external_id_.end()) {
        std::erase(known->second, e.entity);
        if (known->second.empty()) by_external_id_.erase(known);
      }
    record.external_ids.clear();
  }
  if (!external.empty() && std::find(record.external_ids.begin(), record.external_ids.end(), external) == record.external_ids.end()) {
    record.external_ids.push_back(external);
    by_external_id_[external].push_back(e.entity);
  }
  if (const auto* fields = e.fields.if_object())
    for (const auto& field : *fields) record.fields.as_object()[field.key()] = field.value();
  ++record.version;
}

std::vector<const json*> entity_table::entities_with(std::string_view external_id) const {
  std::vector<const json*> all;
  for (const auto* e : find_external(external_id)) all.push_back(&e->fields);
  return all;
}

const entity* entity_table::find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second;
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
