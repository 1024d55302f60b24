/// `steward doctor`: looks into everything, and names the way out of what is wrong.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/doctor.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/random.hpp"

namespace steward {
namespace {

/// Goes on with the journal as it stands although its tail or its head is missing.
int accept_loss(invocation& s, bool sure) {
  const auto workspace = s.workspace();
  if (!workspace) return s.fail(workspace.error());
  const auto folder = state_folder(*workspace);
  auto lock = std::optional(process_lock::take(folder + "/lock"));
  if (!*lock) return s.fail(lock->error());
  const auto now = clock_for(s.test_clock);
  auto random = make_system_random();
  const auto kinds = all_event_kinds();
  journal_options options;
  options.folder = folder;
  if (auto opened = journal::open(options, *kinds, *now, *random); opened) {
    s.print("Nothing is lost: the journal opens and ends where its head says.\n");
    return invocation::done();
  } else if (opened.error().code != "journal_tail_missing" && opened.error().code != "journal_head_missing") {
    return s.fail(opened.error());
  } else {
    s.note(error_text(opened.error(), s.err));
  }
  if (!sure) {
    s.note("Effects that left in the missing part will be unknown to Steward. Copy " + folder + " first. The company will be paused, so that you can look at mailbox,\nsite and calendar before anything is done again.\n"
           "To go on without what is missing: steward doctor --accept-loss --yes");
    return int(exit_code::refused);
  }
  options.accept_loss = true;
  std::int64_t last = 0;
  {
    const auto opened = journal::open(options, *kinds, *now, *random);
    if (!opened) return s.fail(opened.error());
    last = (*opened)->last().seq;
  }
  lock.reset();
  // What left in the missing part is unknown: an engine that simply went on would do it again.
  const auto paused = s.ask(boost::json::object{{"do", "pause"}, {"scope", "company"}, {"name", ""}, {"reason", fmt::format("the journal lost what came after event {}", last)}}, access::changes);
  if (!paused) return s.fail(paused.error());
  s.print(fmt::format("The journal goes on from event {}, and the company is paused.\n", last));
  s.note("Look at mailbox, site and calendar, stop or answer the runs that are over, then 'steward resume'.");
  return invocation::done();
}

int act(const arguments& given, invocation& s) {
  if (given.has("--accept-loss")) return accept_loss(s, given.has("--yes"));
  const auto all = examine(s, !given.has("--quick"));
  bool well = true;
  boost::json::array list;
  int number = 0;
  for (const auto& f : all) {
    ++number;
    well = well && f.is != symptom::state::bad;
    const char* word = f.is == symptom::state::good ? "good" : f.is == symptom::state::note ? "note" : "bad";
    list.push_back(boost::json::object{{"check", f.name}, {"is", word}, {"sentence", f.sentence}, {"way_out", f.way_out}});
    if (s.asked.as_json) continue;
    const auto mark = f.is == symptom::state::good ? s.out.good("ok  ") : f.is == symptom::state::note ? s.out.wait("note") : s.out.bad("BAD ");
    s.print(fmt::format("{:>2}. {} {:<13} {}\n", number, mark, f.name, f.sentence));
    if (!f.way_out.empty()) s.print("                         -> " + f.way_out + "\n");
  }
  if (s.asked.as_json) s.print_json(boost::json::object{{"well", well}, {"checks", std::move(list)}});
  return well ? invocation::done() : int(exit_code::refused);
}

}  // namespace

command doctor_command() {
  return {.name = "doctor",
          .group = "Set up",
          .summary = "Looks into everything and names the way out of what is wrong",
          .details = "",
          .examples = {"steward doctor", "steward doctor --quick --json"},
          .words = {{"--quick", "", "don't read the whole journal: leave out its pages and its hash chain", word::count::optional, {}, false},
                    {"--accept-loss", "", "go on with a journal whose tail or head is missing", word::count::optional, {}, false},
                    {"--yes", "", "with --accept-loss: go on without what is missing", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
