/// `steward autonomy list [WHO]`: who stands on which rung for what, why, and what is missing for the next one.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/execution/evidence.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string shown(const json& row, const paint& p) {
  const auto role = text_at(row, "role"), manifest = text_at(row, "manifest"), rung = text_at(row, "rung");
  auto text = fmt::format("{}  {}  {}\n", p.bold(role.empty() ? "company" : role), text_at(row, "action"), rung == manifest ? rung : p.wait(rung));
  if (const auto why = text_at(row, "why"); !why.empty())
    text += fmt::format("  since {}Z: {}{}\n", text_at(row, "since").substr(0, 16), visible_line(why), rung == manifest ? "" : " (its manifest says '" + manifest + "')");
  const auto counted = from_json<evidence_count>(row.at("evidence"));
  if (counted && *counted != evidence_count{}) text += "  " + to_words(*counted) + "\n";
  if (const auto next = text_at(row, "next"); !next.empty()) {
    const auto missing = text_at(row, "missing");
    text += "  " + p.dim(missing.empty() ? "the evidence suffices for '" + next + "'" : "for '" + next + "': " + missing) + "\n";
  }
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "autonomy"}}, access::reads);
  if (!seen) return s.fail(seen.error());
  const auto who = given.text("WHO");
  boost::json::array rows;
  std::string text;
  for (const auto& row : seen->as_array()) {
    const auto role = text_at(row, "role");
    if (!who.empty() && who != (role.empty() ? "company" : role) && who != text_at(row, "action")) continue;
    rows.push_back(row);
    text += shown(row, s.out);
  }
  if (s.asked.as_json) s.print_json(rows);
  else if (rows.empty()) s.note(who.empty() ? "No role may do anything outside yet (may_do in its manifest)." : "Nothing outside may be done by '" + who + "', and there is no such action in a may_do.");
  else s.print(text);
  return invocation::done();
}

}  // namespace

command autonomy_list_command() {
  return {.name = "autonomy list",
          .group = "Policies",
          .summary = "Lists who stands on which rung for what, why, on which evidence, and what is missing for the next rung",
          .details = "The rungs are shadow, suggest, ask and act. A manifest says where a role begins; evidence offers the next rung on a card, only you grant it, and an undo, a failure or "
                     "rejections in a row take it back at once. 'company' stands for what workflows do themselves. Thresholds stand in company.yaml, autonomy.",
          .examples = {"steward autonomy list", "steward autonomy list sales_assistant", "steward autonomy list --json"},
          .words = {{"WHO", "", "a role, 'company', or an action; default everything", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
