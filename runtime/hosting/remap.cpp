#include "runtime/hosting/remap.hpp"

#include <algorithm>
#include <set>

#include "runtime/coordination/entity_mapping.hpp"
#include "runtime/erased.hpp"
#include "runtime/observation/typed_events.hpp"

namespace steward {
namespace {

/// What was recorded of the type so far: which record made which entity, who told which field, and who was erased.
struct past {
  std::map<std::int64_t, std::vector<std::string>> made_by;                    // record -> entities
  std::map<std::string, std::map<std::string, std::int64_t>> told;             // entity -> field -> event
  std::set<std::string> erased;
};

result<past> past_of(reader& source, const std::string& type) {
  past p;
  event_query recorded;
  recorded.kind = event::entity_recorded::kind;
  recorded.limit = SIZE_MAX;
  auto read = each_event(source, recorded, [&](const event::header& h, event::any&& any) {
    const auto& e = std::get<event::entity_recorded>(any);
    if (e.type != type) return true;
    if (e.external_id == erased_text) p.erased.insert(e.entity);
    if (e.mapped) p.made_by[h.cause].push_back(e.entity);
    else if (const auto* fields = e.fields.if_object())
      for (const auto& field : *fields) p.told[e.entity][std::string(field.key())] = h.seq;
    return true;
  });
  if (!read) return read.error();
  event_query merged;
  merged.kind = event::entity_merged::kind;
  merged.limit = SIZE_MAX;
  read = each_event(source, merged, [&](const event::header& h, event::any&& any) {
    const auto& e = std::get<event::entity_merged>(any);
    for (const auto& field : e.takes) p.told[e.entity][field] = h.seq;  // by the operator's word
    return true;
  });
  if (!read) return read.error();
  return p;
}

class gathering {
public:
  gathering(const past& before, remap_told& into) : before_(before), into_(into) {}

  result<void> see(const entity_mapping& mapping, const json& raw, std::int64_t seq) {
    ++into_.records;
    const auto made = before_.made_by.find(seq);
    const bool known = made != before_.made_by.end();
    // Whoever was erased stays erased, also where the record itself is still there.
    if (known && std::any_of(made->second.begin(), made->second.end(), [&](const std::string& id) { return before_.erased.contains(id); })) return {};
    auto all = mapping.apply(raw);
    if (!all) {
      auto e = all.error();
      e.where = "journal event " + std::to_string(seq) + (e.where.empty() ? "" : " " + e.where);
      return e;
    }
    for (auto& one : *all) take(mapping, one, seq, known && !mapping.has_items() ? made->second.front() : std::string());
    return {};
  }

private:
  void take(const entity_mapping& mapping, mapped_record& one, std::int64_t seq, const std::string& entity) {
    if (one.external_id.find(erased_text) != one.external_id.npos) return;  // it told of somebody who is erased
    const auto [place, is_new] = place_.try_emplace(entity.empty() ? "id " + one.external_id : "entity " + entity, into_.candidates.size());
    if (is_new) into_.candidates.push_back({one.external_id, entity, mapping.name(), seq, boost::json::object{}, {}});
    auto& c = into_.candidates[place->second];
    c.external_id = one.external_id;
    c.mapped = mapping.name();
    c.record = seq;
    for (auto& field : one.fields.as_object()) {
      c.fields.as_object()[field.key()] = std::move(field.value());
      c.from[std::string(field.key())] = seq;
    }
  }

  const past& before_;
  remap_told& into_;
  std::map<std::string, std::size_t> place_;
};

}  // namespace

result<remap_told> told_by_records(reader& source, const company_manifests& manifests, const std::string& type) {
  remap_told told;
  const auto definition = manifests.entities.find(type);
  if (definition == manifests.entities.end() || definition->second.maps.empty()) return told;
  std::map<std::string, entity_mapping> mappings;
  for (const auto& [from, said] : definition->second.maps) {
    auto made = entity_mapping::compile(type, from, said);
    if (!made) return made.error();
    mappings.emplace(from, std::move(*made));
  }
  auto before = past_of(source, type);
  if (!before) return before.error();
  told.told = before->told;
  gathering gathered(*before, told);
  std::map<std::string, std::string> action_of;  // effects that answer with records
  std::optional<error> failed;
  const auto records = [&](const std::string& from, const json& raw, std::int64_t seq) {
    const auto mapping = mappings.find(from);
    if (mapping == mappings.end()) return true;
    if (auto seen = gathered.see(mapping->second, raw, seq); !seen) failed = seen.error();
    return !failed;
  };
  event_query all;
  all.limit = SIZE_MAX;
  const auto read = each_event(source, all, [&](const event::header& h, event::any&& any) {
    if (const auto* arrived = std::get_if<event::signal_arrived>(&any)) return records(arrived->name, arrived->body, h.seq);
    if (const auto* looked = std::get_if<event::looked_up>(&any)) return records(looked->action, looked->answer, h.seq);
    if (const auto* proposed = std::get_if<event::effect_proposed>(&any); proposed && mappings.contains(proposed->prepared.action)) action_of[proposed->effect] = proposed->prepared.action;
    if (const auto* settled = std::get_if<event::effect_settled>(&any); settled && settled->came_out.kind == outcome_kind::confirmed && settled->said_by != "fork")
      if (const auto action = action_of.find(settled->effect); action != action_of.end()) return records(action->second, settled->came_out.answer, h.seq);
    return true;
  });
  if (failed) return *failed;
  if (!read) return read.error();
  return told;
}

}  // namespace steward
