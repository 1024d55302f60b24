/// `steward journal compact`: takes long texts of old runs out of the journal; the chain stays whole.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/retention.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto& parts = (*made)->parts;
  const auto age = parse_duration(given.text("--older-than", "90d"));
  if (!age) return s.fail(age.error());
  retention_order order;
  order.classes = given.all("--class");
  if (order.classes.empty()) order.classes = {"transcripts"};
  order.ended_before = s.now() - *age;
  order.only_look = given.has("--dry-run");
  const auto report = compact_company(parts.folder, *all_event_kinds(), parts.manifests.company.zone, order, s.now());
  if (!report) return s.fail(report.error());
  if (s.asked.as_json) {
    s.print_json(to_json(*report));
    return invocation::done();
  }
  const auto size = [](std::int64_t bytes) { return fmt::format("{} KB", (bytes + 1023) / 1024); };
  s.print(fmt::format("{} runs ended more than {} ago; {} of their events {} long texts, {} in all.\n", report->runs, to_text(*age), report->events, order.only_look ? "hold" : "gave up", size(report->bytes_of_text)));
  if (!order.only_look) s.print(fmt::format("The journal has {} instead of {}. Chain and state are the same.\n", size(report->done.bytes_after), size(report->done.bytes_before)));
  return invocation::done();
}

}  // namespace

command journal_compact_command() {
  std::vector<std::string> classes;
  std::string what = "Only runs that ended are touched: every text of more than a line becomes \"(compacted: N bytes)\", beside the digest of the original, so\n"
                     "that the hash chain stays whole. Before, the state is folded from the shorter bodies and must be the very same. Stop the engine first.\n"
                     "It saves space and forgets nobody ('steward entity erase' does): lines, mails that arrived and what steps passed on stay.";
  for (const auto& c : retention_classes()) {
    classes.emplace_back(c.name);
    what += fmt::format("\n  {:<12} {}", c.name, c.what);
  }
  return {.name = "journal compact",
          .group = "Set up",
          .summary = "Takes long texts of old runs out of the journal; the chain stays whole",
          .details = what,
          .examples = {"steward journal compact --dry-run", "steward journal compact --class transcripts --class effects --older-than 365d"},
          .words = {{"--class", "CLASS", "what may go; default transcripts", word::count::many, classes, false},
                    {"--older-than", "AGE", "of runs that ended so long ago; default 90d", word::count::optional, {}, false},
                    {"--dry-run", "", "only say what would go", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
