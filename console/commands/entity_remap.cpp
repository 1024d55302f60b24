/// `steward entity remap TYPE [--dry-run]`: what the journal's records say by today's mapping.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/coordination/remap.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string shown(const json& value) { return value.is_null() ? "nothing" : shortened(visible_line(value.is_string() ? std::string(value.get_string()) : canonical(value)), 60); }

std::string page(const remap_report& r, const paint& p) {
  std::string out;
  std::size_t changed = 0;
  for (const auto& e : r.entities) {
    changed += !e.changes.empty() && e.refused.empty();
    out += p.bold(e.entity.empty() ? "a new " + r.type : e.entity) + "  " + p.dim(visible_line(e.external_id)) + "\n";
    for (const auto& c : e.changes) out += fmt::format("  {}: {} -> {}\n", c.field, shown(c.before), shown(c.after));
    if (!e.kept.empty()) out += p.dim(fmt::format("  stays as it was told since: {}", fmt::join(e.kept, ", "))) + "\n";
    if (!e.refused.empty()) out += p.wait("  can't be recorded: " + visible_line(e.refused)) + "\n";
  }
  return out + fmt::format("{} records looked at, {} {} {}\n", r.records, changed, r.type, r.dry_run ? "would change" : "changed");
}

int act(const arguments& given, invocation& s) {
  const bool dry_run = given.has("--dry-run");
  const auto answer = s.ask(boost::json::object{{"do", "remap"}, {"type", given.text("TYPE")}, {"dry_run", dry_run}}, access::changes);
  if (!answer) return s.fail(answer.error());
  if (s.asked.as_json) {
    s.print_json(*answer);
    return invocation::done();
  }
  const auto report = from_json<remap_report>(*answer, "report");
  if (!report) return s.fail(report.error());
  s.print(page(*report, s.out));
  return invocation::done();
}

}  // namespace

command entity_remap_command() {
  return {.name = "entity remap",
          .group = "Work",
          .summary = "Carries a changed mapping back over the records in the journal",
          .details = "Reads every record that the type's 'maps' are for, and maps it as they say today. A field that you or a workflow told since its record came stays as it is. "
                     "All changes are one append; repeated, it finds nothing to do.",
          .examples = {"steward entity remap lead --dry-run", "steward entity remap lead"},
          .words = {{"TYPE", "", "a type of entity with 'maps'", word::count::required, {}, false}, {"--dry-run", "", "only show what would change", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
