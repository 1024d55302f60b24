/// `steward backup [FOLDER]`: copies the journal while the company works, and proves the copy by restoring it.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/last_backup.hpp"
#include "console/version.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

/// `backups`/2026-11-21T09-30-00Z in the workspace; git is told to leave the folder alone.
result<std::string> default_place(const std::string& workspace, time_point now) {
  const auto files = make_system_disk();
  const auto ignore = workspace + "/backups/.gitignore";
  if (!files->exists(ignore))
    if (auto r = files->write(ignore, "# Backups hold what the company knows of people: they are not for git.\n*\n"); !r) return r.error();
  auto name = to_text(now).substr(0, 19) + "Z";
  for (auto& c : name)
    if (c == ':') c = '-';
  return workspace + "/backups/" + name;
}

int act(const arguments& given, invocation& s) {
  const auto workspace = s.workspace();
  if (!workspace) return s.fail(workspace.error());
  const auto folder = state_folder(*workspace);
  const auto kinds = all_event_kinds();
  if (given.has("--check")) {
    const auto label = check_backup(given.text("FOLDER"), *kinds);
    if (!label) return s.fail(label.error());
    if (s.asked.as_json) s.print_json(to_json(*label));
    else s.print(fmt::format("{} is whole: {} events, made {}\n", visible_line(given.text("FOLDER")), label->events, to_text(label->made_at).substr(0, 19) + "Z"));
    return invocation::done();
  }
  const auto clock = clock_for(s.test_clock);
  auto place = given.has("FOLDER") ? result<std::string>(given.text("FOLDER")) : default_place(*workspace, clock->now());
  if (!place) return s.fail(place.error());
  while (place->size() > 1 && place->ends_with('/')) place->pop_back();
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto zone = (*made)->parts.manifests.company.zone;
  auto random = make_system_random();
  // The proof: the restored copy folds to a state, as it would at the start of an engine.
  const auto folds = [&](const std::string& trial) -> result<void> {
    auto state = fold_journal(trial, *kinds, zone);
    if (!state) return state.error();
    return {};
  };
  const auto label = back_up({folder, *place, version, folds}, *kinds, *clock, *random);
  if (!label) return s.fail(label.error());
  if (auto kept = remember_backup(folder, *place, *label); !kept) return s.fail(kept.error());
  const auto size = make_system_disk()->size(*place + "/journal.db");
  const std::uint64_t bytes = size ? *size : 0;
  if (s.asked.as_json) {
    auto o = to_json(*label).as_object();
    o["folder"] = *place;
    o["bytes"] = bytes;
    o["proven"] = true;
    s.print_json(o);
    return invocation::done();
  }
  s.print(fmt::format("{}\n", visible_line(*place)));
  s.note(fmt::format("{} events, {} KB. Restored once for the proof: it opens, its chain is whole, and it folds.\n"
                     "Copy it to another disk. The keys of persons ({}/keys) are not in it, so that who is erased stays erased: keep one copy of them, elsewhere.",
                     label->events, (bytes + 1023) / 1024, ".steward"));
  return invocation::done();
}

}  // namespace

command backup_command() {
  return {.name = "backup",
          .group = "Set up",
          .summary = "Copies the journal while the company works, and proves the copy by restoring it",
          .details = "The copy is of one moment: all that was acknowledged before it, nothing after it. It appears only once it was restored\n"
                     "into a folder of its own, opened, and its whole chain and its fold were checked. Manifests are yours: keep them in git.",
          .examples = {"steward backup", "steward backup /mnt/usb/letters-monday", "steward backup --check /mnt/usb/letters-monday"},
          .words = {{"FOLDER", "", "where to; default backups/TIME in the workspace", word::count::optional, {}, false},
                    {"--check", "", "make none; read every event of the one in FOLDER", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
