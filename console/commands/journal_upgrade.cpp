/// `steward journal upgrade`: brings an old journal to today's format; may be interrupted and repeated.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/compact.hpp"

namespace steward {
namespace {

int act(const arguments&, invocation& s) {
  const auto workspace = s.workspace();
  if (!workspace) return s.fail(workspace.error());
  const auto folder = state_folder(*workspace);
  const auto lock = lock_folder(folder);
  if (!lock) return s.fail(lock.error());
  const auto done = upgrade_journal(folder);
  if (!done) return s.fail(done.error());
  if (s.asked.as_json) s.print_json(to_json(*done));
  else if (done->from == done->to) s.print(fmt::format("Nothing to do: the journal has format {}, as it should.\n", done->to));
  else s.print(fmt::format("The journal has format {} now; it had {}.\n", done->to, done->from));
  return invocation::done();
}

}  // namespace

command journal_upgrade_command() {
  return {.name = "journal upgrade",
          .group = "Set up",
          .summary = "Brings the journal of an older version to today's format",
          .details = "May be interrupted and repeated. Events stay as they are: older versions of them are upgraded whenever they are read.",
          .examples = {"steward backup && steward journal upgrade"},
          .words = {},
          .carry_out = act};
}

}  // namespace steward
