#include "runtime/hosting/rebuild.hpp"

#include "runtime/coordination/run_parcel.hpp"
#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/disk.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/journal/derived.hpp"
#include "runtime/observation/state_json.hpp"

namespace steward {
namespace {

result<rebuilt> rebuild_fold(const std::string& folder, const event_kinds& kinds, const std::string& zone, reader& source) {
  const auto files = make_system_disk();
  auto fresh = fold_journal(folder, kinds, zone, fold_from::first_event);
  if (!fresh) return fresh.error();
  rebuilt told{"fold", 0, fresh->head, {}, digest_of_state(*fresh), {}};
  auto kept = read_snapshot(folder, *files, source, zone);
  const bool had_snapshot = kept.has_value();
  if (kept) {
    told.stood_at = kept->head;
    auto on = fold_journal(folder, kinds, zone, fold_from::snapshot);
    if (!on) return on.error();
    kept = std::move(*on);
  } else {  // There is none: what a snapshot would say is compared.
    told.stood_at = fresh->head;
    auto read = state_from_snapshot(snapshot_bytes(*fresh));
    if (!read) return read.error();
    kept = std::move(*read);
  }
  told.before = digest_of_state(*kept);
  if (!told.equal()) {
    auto before = state_json(*kept), after = state_json(*fresh);
    for (auto* value : {&before, &after}) value->as_object().erase("digest");
    told.differs = differences(before, after);
  }
  if (had_snapshot)
    if (auto r = write_snapshot(folder, *files, source, fresh->head, snapshot_bytes(*fresh)); !r) return r.error();
  return told;
}

}  // namespace

result<std::vector<rebuilt>> rebuild_all(const std::string& folder, const event_kinds& kinds, const std::string& zone) {
  const auto lock = lock_folder(folder);
  if (!lock) return lock.error();
  reader_options options;
  options.folder = folder;
  options.use_index = false;
  auto source = reader::open(options, kinds);
  if (!source) return source.error();
  auto tables = derived::open(folder, all_projections());
  if (!tables) return tables.error();
  std::vector<rebuilt> all;
  for (const auto& one : all_projections()) {
    const auto at = (*tables)->position(one->name());
    if (!at) return at.error();
    all.push_back({one->name(), *at, 0, {}, {}, {}});
  }
  for (std::size_t taken = 1; taken > 0;) {
    const auto more = (*tables)->catch_up(**source);
    if (!more) return more.error();
    taken = *more;
  }
  for (auto& one : all) {
    const auto report = (*tables)->rebuild(**source, one.name);
    if (!report) return report.error();
    one.events = report->seq;
    one.before = report->before;
    one.after = report->after;
    if (!report->equal()) one.differs = {"rows of derived.db"};
  }
  auto fold = rebuild_fold(folder, kinds, zone, **source);
  if (!fold) return fold.error();
  all.push_back(std::move(*fold));
  return all;
}

}  // namespace steward
