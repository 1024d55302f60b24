#include "runtime/hosting/erase.hpp"

#include <algorithm>

#include "runtime/disk.hpp"
#include "runtime/erased.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/seal.hpp"
#include "runtime/labels.hpp"

namespace steward {
namespace {

constexpr std::size_t readable_named = 100;
constexpr std::size_t text_worth_looking_for = 5;  // Shorter ones ("Ann") stand in many words.

/// The texts by which the person can be recognised: personal fields and addresses.
std::vector<std::string> texts_of(const entity& e, const std::vector<std::string>& personal) {
  std::vector<std::string> texts;
  const auto add = [&](std::string_view text) {
    if (text.size() >= text_worth_looking_for && text != erased_text) texts.emplace_back(text);
  };
  for (const auto& field : personal) add(text_at(e.fields, field));
  for (const auto& id : e.external_ids) add(std::string_view(id).substr(id.find(':') == id.npos ? 0 : id.find(':') + 1));
  return texts;
}

}  // namespace

result<erased_entity> erase_entity(const std::string& folder, const event_kinds& kinds, const std::string& zone, const std::map<std::string, entity_definition>& types, const std::string& entity_or_external_id,
                                   const clock& now, random_source& random) {
  const auto lock = lock_folder(folder);
  if (!lock) return lock.error();
  auto written = journal::open({folder}, kinds, now, random);
  if (!written) return written.error();
  const auto state = fold_journal(folder, kinds, zone);
  if (!state) return state.error();
  const auto* found = state->entities.standing_for(entity_or_external_id);
  if (!found) {
    const auto all = state->entities.find_external(entity_or_external_id);
    if (all.size() > 1) return error{"several_entities", "", entity_or_external_id + " stands for " + all[0]->id + " and " + all[1]->id, "the id of one of them", "Each is erased by itself: 'steward entity erase " + all[0]->id + "'"};
    if (!all.empty()) found = all.front();
  }
  if (!found) return error{"entity_not_found", "", "there is no entity '" + entity_or_external_id + "'", "its id or an external id", "'steward entity list' lists them"};
  const auto type = types.find(found->type);
  if (type == types.end() || type->second.personal.empty())
    return error{"nothing_personal", "entities/" + found->type + ".yaml", "the type names no personal field", "personal: [name, address]", "Fields are sealed from then on; what was recorded before is not"};
  erased_entity told{found->id, type->second.personal, false, {}};
  std::vector<std::string> texts;
  batch erasures;
  const auto same = state->entities.same_as(found->id);  // what was merged into it is the same person
  for (const auto* one : same) {
    const auto own = texts_of(*one, told.fields);
    texts.insert(texts.end(), own.begin(), own.end());
    boost::json::object fields;
    for (const auto& field : told.fields)
      if (one->fields.as_object().contains(field)) fields[field] = erased_text;
    draft d;
    d.header.stream = "entity/" + one->id;
    d.header.kind = event::entity_recorded::kind;
    d.header.actor = "operator";
    d.header.time = std::max(now.now(), state->now);
    d.header.labels = label_private;
    d.body = to_json_text(event::entity_recorded{one->id, one->type, std::string(erased_text), std::move(fields)});
    erasures.drafts.push_back(std::move(d));
  }
  if (auto r = (*written)->append(erasures); !r) return r.error();
  seals keys(folder + "/keys", nullptr);
  for (const auto* one : same) {
    const auto subject = "entity/" + one->id;
    told.had_key = keys.has_key(subject) || told.had_key;
    if (auto r = keys.destroy(subject); !r) return r.error();
  }
  if (auto r = make_system_disk()->remove(folder + "/snapshot"); !r) return r.error();

  auto source = reader::open({.folder = folder, .use_index = false, .erased = erased_as::text}, kinds);
  if (!source) return source.error();
  event_query all;
  all.limit = SIZE_MAX;
  const auto read = (*source)->each(all, [&](const record& stored) {
    const bool holds = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) { return stored.body.find(text) != stored.body.npos; });
    if (holds) told.readable.push_back(stored.seq);
    return told.readable.size() < readable_named;
  });
  if (!read) return read.error();
  return told;
}

}  // namespace steward
