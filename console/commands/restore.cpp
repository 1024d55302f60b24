/// `steward restore FOLDER`: puts a backup in the place of the journal, and pauses the company until its operator has looked.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/backup.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto workspace = s.workspace();
  if (!workspace) return s.fail(workspace.error());
  const auto clock = clock_for(s.test_clock);
  const auto files = make_system_disk();
  const auto back = restore_backup(given.text("FOLDER"), state_folder(*workspace), given.has("--replace"), *all_event_kinds(), *clock, *files);
  if (!back) return s.fail(back.error());
  const auto made_at = to_text(back->label.made_at).substr(0, 19) + "Z";
  // What left since that backup is unknown to this journal: an engine that simply went on would do it again.
  if (!given.has("--unpaused")) {
    const auto paused = s.ask(boost::json::object{{"do", "pause"}, {"scope", "company"}, {"name", ""}, {"reason", "restored from the backup of " + made_at}}, access::changes);
    if (!paused) return s.fail(paused.error());
  }
  if (s.asked.as_json) {
    s.print_json(boost::json::object{{"restored", given.text("FOLDER")}, {"events", back->label.events}, {"made_at", to_text(back->label.made_at)}, {"set_aside", back->set_aside},
                                     {"replaced_events", back->replaced}, {"paused", !given.has("--unpaused")}});
    return invocation::done();
  }
  s.print(fmt::format("The journal is that of {}: {} events.\n", made_at, back->label.events));
  if (!back->set_aside.empty()) s.print(fmt::format("What was here ({} events) is in {}.\n", back->replaced, visible_line(back->set_aside)));
  if (!given.has("--unpaused"))
    s.note("What left since then is unknown to it. The company is paused: look at mailbox, site and calendar, stop or answer the runs that are over, then 'steward resume'.");
  return invocation::done();
}

}  // namespace

command restore_command() {
  return {.name = "restore",
          .group = "Set up",
          .summary = "Puts a backup in the place of the journal, and pauses the company",
          .details = "Every event of the backup is checked before anything is touched. Refused while an engine runs. Keys of persons stay as they are: who\n"
                     "was erased since the backup stays erased. It can be repeated when it was interrupted.",
          .examples = {"steward restore /mnt/usb/letters-monday", "steward restore /mnt/usb/letters-monday --replace"},
          .words = {{"FOLDER", "", "what 'steward backup' made", word::count::required, {}, false},
                    {"--replace", "", "set aside the journal that is here", word::count::optional, {}, false},
                    {"--unpaused", "", "don't pause the company", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
