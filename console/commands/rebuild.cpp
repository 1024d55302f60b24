/// `steward rebuild [--verify]`: derives again what is derived, and proves it equal.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/rebuild.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto& parts = (*made)->parts;
  const auto all = rebuild_all(parts.folder, *all_event_kinds(), parts.manifests.company.zone);
  if (!all) return s.fail(all.error());
  bool equal = true;
  std::string named;
  boost::json::array list;
  for (const auto& one : *all) {
    equal = equal && one.equal();
    auto told = to_json(one).as_object();
    told["equal"] = one.equal();
    list.push_back(std::move(told));
    std::string where;
    for (const auto& place : one.differs) where += (where.empty() ? "" : ", ") + place;
    if (!one.equal()) named += (named.empty() ? "" : "; ") + one.name + " (" + where + ")";
    if (s.asked.as_json) continue;
    const auto mark = one.equal() ? s.out.good("equal  ") : s.out.bad("DIFFERS");
    s.print(fmt::format("{} {:<12} {} events  {}\n", mark, one.name, one.events, one.after.substr(0, 16)));
    if (!one.equal()) s.print(fmt::format("        it was {}; different: {}\n", one.before.substr(0, 16), where));
  }
  if (s.asked.as_json) s.print_json(boost::json::object{{"equal", equal}, {"projections", std::move(list)}});
  if (equal) return invocation::done();
  if (!given.has("--verify")) {
    s.note("What differed is now as the journal has it.");
    return invocation::done();
  }
  return s.fail(error{"rebuild_differs", named, "it was not what the journal's events give", "the same digest before and after", "It is mended. If it comes again, run 'steward doctor': the disk may be failing"});
}

}  // namespace

command rebuild_command() {
  return {.name = "rebuild",
          .group = "Set up",
          .summary = "Derives again what is derived from the journal, and compares the digests",
          .details = "The index of events, memory's full text, and the fold (against its snapshot). What differs is named and is afterwards as the journal has\n"
                     "it. Refused while an engine runs.",
          .examples = {"steward rebuild --verify", "steward rebuild --verify --json"},
          .words = {{"--verify", "", "a difference is an error (exit code 1)", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
