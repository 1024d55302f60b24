#include "runtime/hosting/erase.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/disk.hpp"
#include "runtime/erased.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/person_traces.hpp"
#include "runtime/journal/compact.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/seal.hpp"
#include "runtime/labels.hpp"

namespace steward {
namespace {

constexpr std::size_t readable_named = 100;

using records = std::vector<const entity*>;  // all that stand for one person

std::string subject_of(const entity& e) { return "entity/" + e.id; }

result<const entity*> find_person(const entity_table& entities, const std::string& named) {
  if (const auto* found = entities.standing_for(named)) return found;
  const auto all = entities.find_external(named);
  if (all.size() > 1) return error{"several_entities", "", named + " stands for " + all[0]->id + " and " + all[1]->id, "the id of one of them", "Each is erased by itself: 'steward entity erase " + all[0]->id + "'"};
  if (!all.empty()) return all.front();
  return error{"entity_not_found", "", "there is no entity '" + named + "'", "its id or an external id", "'steward entity list' lists them"};
}

bool is_erased(const entity& e, const std::vector<std::string>& personal) {
  return e.external_ids.empty() && std::none_of(personal.begin(), personal.end(), [&](const auto& field) {
    const auto* value = e.fields.as_object().if_contains(field);
    return value && *value != json(erased_text);
  });
}

result<void> look(reader& source, std::string_view kind, const std::function<void(const record_header&, const json&)>& at) {
  event_query query;
  query.kind = kind;
  query.limit = SIZE_MAX;
  const auto read = source.each(query, [&](const record& stored) {
    if (const auto body = parse_json(stored.body); body && body->is_object()) at(stored.header, *body);
    return true;
  });
  if (!read) return read.error();
  return {};
}

/// What tells of them, by all that was ever recorded of them: a name that they had once as well.
result<person_traces> traces_of(reader& source, const records& same, const std::vector<std::string>& personal) {
  std::set<std::string> ids;
  for (const auto* one : same) ids.insert(one->id);
  person_traces traces(ids);
  for (const auto* one : same) {
    for (const auto& id : one->external_ids) traces.add_external_id(id);
    for (const auto& field : personal)
      if (const auto* value = one->fields.as_object().if_contains(field)) traces.add_personal(*value);
  }
  auto looked = look(source, event::entity_recorded::kind, [&](const record_header&, const json& body) {
    if (!ids.contains(text_at(body, "entity"))) return;
    traces.add_external_id(text_at(body, "external_id"));
    if (const auto* fields = body.get_object().if_contains("fields"); fields && fields->is_object())
      for (const auto& field : personal)
        if (const auto* value = fields->get_object().if_contains(field)) traces.add_personal(*value);
  });
  for (const std::string_view kind : {event::signal_arrived::kind, event::memory_added::kind})
    if (looked) looked = look(source, kind, [&](const auto& header, const auto& body) { traces.take_words(header, body); });
  for (const std::string_view kind : {event::signal_arrived::kind, event::memory_added::kind})
    if (looked) looked = look(source, kind, [&](const auto& header, const auto& body) { traces.spare_common(header, body); });
  if (looked) looked = look(source, "", [&](const auto& header, const auto& body) { traces.relate(header, body); });
  if (!looked) return looked.error();
  return traces;
}

/// Would the journal still fold, and does no run still work with what would go? Counts what stays readable.
result<void> try_without(reader& source, const person_traces& traces, const company_state& before, erased_entity& told) {
  std::set<std::string> open;
  company_state after;
  after.zone = before.zone;
  const auto folded = fold_on(after, source, {}, [&](record& stored) {
    if (auto body = traces.without(stored.header, stored.body)) {
      const auto& run = stored.header.correlation;
      if (before.runs.contains(run) || before.parked.contains(number_of(run))) open.insert(run);
      else stored.body = std::move(*body);
    } else if (told.readable.size() < readable_named && traces.names(stored.body)) {
      told.readable.push_back(stored.seq);
    }
  });
  if (!open.empty())
    return error{"erase_run_open", told.entity, fmt::format("{} still {} with what tells of the person", fmt::join(open, ", "), open.size() == 1 ? "works" : "work"), "runs that are over", fmt::format("Let them finish, or stop them for good ('steward stop {}'), and erase then. Nothing was changed", *open.begin())};
  if (!folded) return error{"erase_refused", told.entity, "the journal would not fold without these texts: " + to_sentence(folded.error()), "a journal that folds", "Nothing was changed. Please report it"};
  return {};
}

/// The erasure as events: readers of the past say "(erased)" because the key is gone, later ones because of these.
result<void> append_erasures(const std::string& folder, const event_kinds& kinds, const records& same, const std::vector<std::string>& personal, time_point at, const clock& now, random_source& random) {
  batch erasures;
  for (const auto* one : same) {
    boost::json::object fields;
    for (const auto& field : personal)
      if (one->fields.as_object().contains(field)) fields[field] = erased_text;
    draft d;
    d.header.stream = subject_of(*one);
    d.header.kind = event::entity_recorded::kind;
    d.header.actor = "operator";
    d.header.time = std::max(now.now(), at);
    d.header.labels = label_private;
    d.body = to_json_text(event::entity_recorded{one->id, one->type, std::string(erased_text), std::move(fields)});
    erasures.drafts.push_back(std::move(d));
  }
  auto written = journal::open({folder}, kinds, now, random);
  if (!written) return written.error();
  if (auto r = (*written)->append(erasures); !r) return r.error();
  return {};
}

result<void> derive_anew(const std::string& folder, const event_kinds& kinds) {
  auto source = reader::open({.folder = folder, .use_index = false}, kinds);
  if (!source) return source.error();
  auto tables = derived::open(folder, all_projections());
  if (!tables) return tables.error();
  for (std::size_t taken = 1; taken > 0;) {
    const auto more = (*tables)->catch_up(**source);
    if (!more) return more.error();
    taken = *more;
  }
  return {};
}

/// Files beside the journal that hold an address or the name, as paths.
void look_into_files(disk& files, const std::string& folder, const person_traces& traces, std::vector<std::string>& found) {
  for (const auto& name : files.list(folder)) {
    const auto path = folder + "/" + name;
    if (files.is_folder(path)) look_into_files(files, path, traces, found);
    else if (const auto bytes = files.read(path); bytes && traces.names(*bytes)) found.push_back(path);
  }
}

}  // namespace

result<erased_entity> erase_entity(const std::string& folder, const event_kinds& kinds, const std::string& zone, const std::map<std::string, entity_definition>& types, const std::string& entity_or_external_id,
                                   const clock& now, random_source& random) {
  const auto lock = lock_folder(folder);
  if (!lock) return lock.error();
  const auto state = fold_journal(folder, kinds, zone, fold_from::first_event);
  if (!state) return state.error();
  const auto person = find_person(state->entities, entity_or_external_id);
  if (!person) return person.error();
  const auto type = types.find((*person)->type);
  if (type == types.end() || type->second.personal.empty())
    return error{"nothing_personal", "entities/" + (*person)->type + ".yaml", "the type names no personal field", "personal: [name, address]", "Name them, and erase then: events that were recorded before are looked through as well"};
  erased_entity told;
  told.entity = (*person)->id;
  told.fields = type->second.personal;
  const auto same = state->entities.same_as(told.entity);  // what was merged into it is the same person
  seals keys(folder + "/keys", nullptr);
  told.already = true;
  for (const auto* one : same) {
    told.had_key = keys.has_key(subject_of(*one)) || told.had_key;
    told.already = told.already && !told.had_key && is_erased(*one, told.fields);
    for (const auto& id : one->external_ids)
      for (const auto* other : state->entities.find_external(id))
        if (std::find(same.begin(), same.end(), other) == same.end() && std::find(told.also.begin(), told.also.end(), other->id) == told.also.end()) told.also.push_back(other->id);
  }
  const auto files = make_system_disk();
  if (!told.already) {
    auto source = reader::open({.folder = folder, .use_index = false, .erased = erased_as::text}, kinds);
    if (!source) return source.error();
    const auto traces = traces_of(**source, same, told.fields);
    if (!traces) return traces.error();
    if (auto r = try_without(**source, *traces, *state, told); !r) return r.error();
    source->reset();
    const auto replaced = replace_bodies(folder, "erasure", [&](std::int64_t, const record_header& header, const std::string& body) { return traces->without(header, body); }, now.now());
    if (!replaced) return replaced.error();
    told.events = replaced->events;
    for (const auto* name : {"/snapshot", "/derived.db", "/derived.db-wal", "/derived.db-shm"})
      if (auto r = files->remove(folder + name); !r) return r.error();
    if (auto r = append_erasures(folder, kinds, same, told.fields, state->now, now, random); !r) return r.error();
    look_into_files(*files, folder, *traces, told.files);
    if (!told.readable.empty()) std::erase_if(told.files, [&](const auto& path) { return path.starts_with(folder + "/journal.db"); });
    for (const auto* one : same)  // last: without the key nobody knows any more what to look for
      if (auto r = keys.destroy(subject_of(*one)); !r) return r.error();
  }
  if (auto r = derive_anew(folder, kinds); !r) return r.error();
  return told;
}

}  // namespace steward
