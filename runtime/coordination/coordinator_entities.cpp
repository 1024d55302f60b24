/// Records from outside and the entities they become, by the mappings that the entities' manifests declare.
#include "runtime/coordination/coordinator.hpp"

namespace steward {

/// A record arrived: it is in the journal as `cause`. What can't be recorded is one card for each type, and nothing else stops.
void coordinator::map_records(const std::string& source, const json& raw, std::int64_t cause, const std::string& run, labels marks) {
  if (!run.empty() && shadowed(run)) return;  // decided, not done
  for (const auto& mapping : mappings_) {
    if (mapping.source() != source) continue;
    const auto all = mapping.apply(raw);
    std::optional<error> failed;
    if (!all) failed = all.error();
    else
      for (const auto& one : *all)
        if (auto recorded = record(mapping.type(), one.external_id, one.fields, now_, cause, run, marks, mapping.name()); !recorded && !failed) failed = recorded.error();
    if (!failed || state_.cards_about.contains("mapping/" + mapping.type())) continue;
    event::card_raised c;
    c.about = "not_mapped";
    c.title = fmt::format("A record of {} could not become a {}", source, mapping.type());
    c.text = to_sentence(*failed) + ". The record is kept in the journal: mend the mapping, raise its version, and 'steward entity remap " + mapping.type() + "' makes up for it.";
    c.subject = "mapping/" + mapping.type();
    c.actions = {"steward entity remap " + mapping.type() + " --dry-run", "steward answer " + state_.next_id("card") + " seen"};
    raise_card(std::move(c), "", cause);
  }
}

namespace {

/// When somebody last told the field of this entity, or of a record that was merged into it; 0: only mappings did.
std::int64_t told_at(const remap_told& told, const entity_table& entities, const std::string& id, const std::string& field) {
  std::int64_t last = 0;
  for (const auto* e : entities.same_as(id))
    if (const auto fields = told.told.find(e->id); fields != told.told.end())
      if (const auto at = fields->second.find(field); at != fields->second.end()) last = std::max(last, at->second);
  return last;
}

}  // namespace

result<remap_report> coordinator::remap(const std::string& type, const remap_told& told, bool dry_run, time_point now) {
  now_ = std::max(now, state_.now);
  if (!parts_.manifests.entities.contains(type)) {
    std::vector<std::string> types;
    for (const auto& [known, _] : parts_.manifests.entities) types.push_back(known);
    const auto near = nearest_name(type, types);
    return error{"unknown_entity", "", "there is no entity type '" + type + "'", fmt::format("one of {}", fmt::join(types, ", ")), near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  if (parts_.manifests.entities.at(type).maps.empty())
    return error{"entity_not_mapped", "entities/" + type + ".yaml", "it has no 'maps'", "how a connector's records become this entity",
                 "Write maps: {mail_received: {version: 1, id: \"mailbox:${from}\", fields: {name: \"${from_name}\"}}}"};
  remap_report report{type, dry_run, told.records, {}};
  for (const auto& candidate : told.candidates) {
    const entity* there = candidate.entity.empty() ? nullptr : state_.entities.standing_for(candidate.entity);
    for (const auto* e : state_.entities.find_external(candidate.external_id))
      if (!there && e->type == type) there = e;
    const auto id = there ? there->id : "";
    remapped_entity one{id, candidate.external_id, {}, {}, ""};
    boost::json::object changed;
    for (const auto& field : candidate.fields.as_object()) {
      const std::string name(field.key());
      const auto* before = there ? there->fields.as_object().if_contains(name) : nullptr;
      if (before && *before == field.value()) continue;
      if (there && told_at(told, state_.entities, id, name) > candidate.from.at(name)) {
        one.kept.push_back(name);
        continue;
      }
      one.changes.push_back({name, before ? *before : json{}, field.value()});
      changed[name] = field.value();
    }
    const auto led = state_.entities.find_external(candidate.external_id);
    const bool new_id = there && std::none_of(led.begin(), led.end(), [&](const entity* e) { return e->id == id; });
    if (new_id) one.changes.push_back({"external_id", there->external_ids.empty() ? json{} : json(there->external_ids.front()), json(candidate.external_id)});
    if (one.changes.empty()) {
      if (!one.kept.empty()) report.entities.push_back(std::move(one));
      continue;
    }
    if (auto may = may_be_recorded(type, changed); !may) one.refused = to_sentence(may.error());
    else if (!dry_run) one.entity = record(type, candidate.external_id, changed, now, candidate.record, "", label_untrusted, candidate.mapped, id).value();
    report.entities.push_back(std::move(one));
  }
  return report;
}

}  // namespace steward
