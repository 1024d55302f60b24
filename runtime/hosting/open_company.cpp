#include "runtime/hosting/open_company.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>

#include "runtime/digest.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/journal/head.hpp"
#include "runtime/memory/memory_index.hpp"
#include "runtime/random.hpp"

namespace steward {

result<process_lock> lock_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return error{"disk_failed", folder, std::string("the folder can't be made: ") + std::strerror(errno), "", "Check that the workspace exists and is yours"};
  return process_lock::take(folder + "/lock");
}

std::shared_ptr<const event_kinds> all_event_kinds() {
  auto kinds = std::make_shared<event_kinds>();
  for (const auto& kind : event::kinds()) kinds->add(kind, 1);
  return kinds;
}

result<std::pair<event::header, event::any>> typed(const record& stored) {
  auto body = event::read(stored.header.kind, stored.body);
  if (!body) {
    auto e = body.error();
    e.where = "journal event " + std::to_string(stored.seq) + (e.where.empty() ? "" : " " + e.where);
    return e;
  }
  const auto& h = stored.header;
  return std::pair{event::header{stored.seq, h.stream, h.actor, h.cause, h.correlation, h.time, h.labels, h.key}, std::move(*body)};
}

result<void> fold_on(company_state& state, reader& source, fold_until until, const std::function<void(record&)>& change) {
  event_query everything;
  everything.limit = SIZE_MAX;
  everything.from_seq = state.head + 1;
  everything.to_seq = until.seq;
  std::optional<error> failed;
  auto read = source.each(everything, [&](record stored) {
    if (until.time && stored.header.time > *until.time) return false;
    if (change) change(stored);
    auto e = typed(stored);
    if (!e) {
      failed = e.error();
      return false;
    }
    if (auto applied = state.apply_told(e->first, e->second); !applied) failed = applied.error();
    return !failed;
  });
  if (failed) return *failed;
  if (!read) return read.error();
  if (state.head < until.seq && !until.time)
    return error{"event_not_found", "journal event " + std::to_string(until.seq), "the journal ends with event " + std::to_string(state.head), "a number up to that", ""};
  return {};
}

result<company_state> fold_journal(const std::string& folder, const event_kinds& kinds, const std::string& zone, fold_from start, fold_until until) {
  company_state state;
  state.zone = zone;
  reader_options options;
  options.folder = folder;
  options.use_index = false;
  options.erased = erased_as::text;
  auto source = reader::open(options, kinds);
  if (!source) {
    if (source.error().code != "journal_not_found") return source.error();
    if (last_written_in(folder) > 0)
      return error{"journal_tail_missing", folder + "/journal.db", "it is gone", "the journal that " + folder + "/head tells of", "'steward restore' puts a backup in its place"};
    return state;
  }
  if (start == fold_from::snapshot)
    if (auto known = read_snapshot(folder, *make_system_disk(), **source, zone); known && (until.seq == 0 || known->head <= until.seq) && (!until.time || known->now <= *until.time))
      state = std::move(*known);
  if (auto folded = fold_on(state, **source, until); !folded) return folded.error();
  return state;
}

std::vector<std::unique_ptr<projection>> all_projections() {
  std::vector<std::unique_ptr<projection>> all;
  all.push_back(make_event_index());
  all.push_back(make_memory_index());
  return all;
}

role_brief brief_of(const std::string& name, const role_definition& role, const std::string& zone) {
  return {name, role.purpose, role.model && role.model->prompt ? *role.model->prompt : "", role.settings.is_null() ? json(boost::json::object{}) : role.settings, zone};
}

result<coordinator_parts> parts_of(const engine_parts& parts) {
  coordinator_parts made;
  made.manifests = parts.manifests;
  auto book = action_book::make(parts.connectors);
  if (!book) return book.error();
  made.actions = std::make_shared<const action_book>(std::move(*book));
  made.policies = parts.policies;
  made.models = parts.models;
  for (const auto& agent : parts.agents) made.agents[agent.name] = agent.facts;
  made.version = parts.version;
  const auto path = parts.folder + "/salt";
  auto salt = parts.files->read(path);
  if (!salt && salt.error().code == "no_such_file") {
    auto random = make_system_random();
    std::string fresh;
    for (int i = 0; i < 4; ++i) fresh += std::to_string(random->next());
    salt = hex_digest(fresh);
    if (auto written = parts.files->write(path, *salt); !written) return written.error();
  }
  if (!salt) return salt.error();
  made.salt = *salt;
  return made;
}

}  // namespace steward
