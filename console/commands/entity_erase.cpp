/// `steward entity erase ENTITY`: destroys the key of a person's fields, for ever.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/erase.hpp"
#include "runtime/hosting/open_company.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto& parts = (*made)->parts;
  if (!given.has("--yes")) {
    s.note("This can't be taken back, not even from a backup: personal fields of " + given.text("ENTITY") + " are unreadable afterwards.\nTo go on: steward entity erase " + given.text("ENTITY") + " --yes");
    return int(exit_code::refused);
  }
  const auto clock = clock_for(s.test_clock);
  auto random = make_system_random();
  const auto told = erase_entity(parts.folder, *all_event_kinds(), parts.manifests.company.zone, parts.manifests.entities, given.text("ENTITY"), *clock, *random);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) {
    s.print_json(to_json(*told));
    return invocation::done();
  }
  s.print(fmt::format("Erased: {} ({}, and its addresses).\n", told->entity, fmt::join(told->fields, ", ")));
  if (!told->had_key) s.note("There was no key: nothing of it had been sealed.");
  if (!told->readable.empty()) {
    const auto first = told->readable.begin(), last = first + std::min<std::ptrdiff_t>(std::ssize(told->readable), 10);
    s.note(fmt::format("{}{} other events were never sealed and still say it (events {}{}): mails, drafts, memory. Those of runs that ended lose their long texts by\n"
                       "'steward journal compact'; files that connectors wrote (mail, site, calendar) and old backups are yours to clear.",
                       told->readable.size() >= 100 ? "At least " : "", told->readable.size(), fmt::join(first, last, ", "), told->readable.size() > 10 ? ", …" : ""));
  }
  return invocation::done();
}

}  // namespace

command entity_erase_command() {
  return {.name = "entity erase",
          .group = "Understand",
          .summary = "Erases a person: destroys the key of their personal fields, for ever",
          .details = "Which fields are personal stands in the type's manifest (personal: [name, address]). The hash chain stays whole, backups become\n"
                     "unreadable at the same places, and what other events still say is counted. Stop the engine first.",
          .examples = {"steward entity erase lead-3 --yes", "steward entity erase mailbox:ada@example.com --yes --json"},
          .words = {{"ENTITY", "", "its name, such as lead-3, or an external id", word::count::required, {}, false},
                    {"--yes", "", "yes, for ever", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
