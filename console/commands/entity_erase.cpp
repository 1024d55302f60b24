/// `steward entity erase ENTITY`: takes a person out of every event that tells of them, and destroys the key of their fields.
#include <algorithm>

#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/last_backup.hpp"
#include "runtime/hosting/erase.hpp"
#include "runtime/hosting/open_company.hpp"

namespace steward {
namespace {

/// Copies of the journal that we know of: in the usual place, and the last one wherever it went.
std::vector<std::string> known_backups(const std::string& workspace, const std::string& folder) {
  const auto files = make_system_disk();
  std::vector<std::string> all;
  for (const auto& name : files->list(workspace + "/backups")) all.push_back(workspace + "/backups/" + name);
  if (const auto last = read_last_backup(folder); last && files->exists(last->folder) && std::find(all.begin(), all.end(), last->folder) == all.end()) all.push_back(last->folder);
  return all;
}

int act(const arguments& given, invocation& s) {
  const auto workspace = s.workspace();
  if (!workspace) return s.fail(workspace.error());
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto& parts = (*made)->parts;
  if (!given.has("--yes")) {
    s.note("This can't be taken back: whatever tells of " + given.text("ENTITY") + " goes out of the journal, for ever.\nTo go on: steward entity erase " + given.text("ENTITY") + " --yes");
    return int(exit_code::refused);
  }
  const auto clock = clock_for(s.test_clock);
  auto random = make_system_random();
  const auto told = erase_entity(parts.folder, *all_event_kinds(), parts.manifests.company.zone, parts.manifests.entities, given.text("ENTITY"), *clock, *random);
  if (!told) return s.fail(told.error());
  const auto backups = known_backups(*workspace, parts.folder);
  if (s.asked.as_json) {
    auto o = to_json(*told).as_object();
    o["backups"] = to_json(backups);
    s.print_json(o);
    return invocation::done();
  }
  if (told->already) {
    s.print(fmt::format("{} was erased already; nothing was left to do.\n", told->entity));
    return invocation::done();
  }
  s.print(fmt::format("Erased: {} ({}, and its addresses). {} events told of the person and say so no more; the chain is whole.\n", told->entity, fmt::join(told->fields, ", "), told->events));
  if (!told->also.empty()) s.note(fmt::format("{} had the same address and is a record of its own: 'steward entity erase {}' erases it.", fmt::join(told->also, ", "), told->also.front()));
  if (!told->readable.empty()) {
    const auto first = told->readable.begin(), last = first + std::min<std::ptrdiff_t>(std::ssize(told->readable), 10);
    s.note(fmt::format("Your own manifests name the person (events {}{}): change the files; what was adopted stays in the journal.", fmt::join(first, last, ", "), told->readable.size() > 10 ? ", …" : ""));
  }
  if (!told->files.empty()) s.note(fmt::format("These files still name the person, remove them: {}", fmt::join(told->files, ", ")));
  s.note(fmt::format("Backups made before this still tell of the person: remove them{}{}. Files that connectors wrote (mail, site, calendar) are yours to clear.", backups.empty() ? "" : ", such as ", fmt::join(backups, ", ")));
  return invocation::done();
}

}  // namespace

command entity_erase_command() {
  return {.name = "entity erase",
          .group = "Understand",
          .summary = "Erases a person: takes them out of every event, and destroys the key of their fields",
          .details = "Which fields are personal stands in the type's manifest (personal: [name, address]). Every text in the journal that holds an address or\n"
                     "the name, their own signals, memory about them and what quotes either becomes \"(erased)\"; the digest of the original keeps the hash\n"
                     "chain whole. Snapshot and derived.db are made anew. Runs that tell of the person must be over. Stop the engine first. It may be\n"
                     "interrupted and said again.",
          .examples = {"steward entity erase lead-3 --yes", "steward entity erase mailbox:ada@example.com --yes --json"},
          .words = {{"ENTITY", "", "its name, such as lead-3, or an external id", word::count::required, {}, false},
                    {"--yes", "", "yes, for ever", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
