/// `steward entity history ENTITY`: what became of a record, change by change, and what led to each.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/observation/entity_history.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t value_width = 60;

std::string shown(const json& value) { return value.is_null() ? "nothing" : shortened(visible_line(value.is_string() ? std::string(value.get_string()) : canonical(value)), value_width); }

std::string line_of(const json& change, const std::string& zone, const paint& p) {
  const auto what = text_at(change, "what");
  const auto into = text_at(change, "into"), from = text_at(change, "from"), because = text_at(change, "because");
  const auto time = parse_time(text_at(change, "time"));
  auto text = fmt::format("{}  {}  {}{}{}{}\n", p.dim(time ? to_local_text(zone, *time) : ""), p.bold(text_at(change, "entity")), what, into.empty() ? "" : " into " + into, from.empty() ? "" : " from " + from,
                          because.empty() ? "" : ": " + visible_line(because));
  const auto cause = text_at(change, "cause.sentence");
  const auto run = text_at(change, "run");
  text += "    " + p.dim("by " + text_at(change, "actor") + (run.empty() ? "" : " in " + run) + (cause.empty() ? "" : ": " + visible_line(cause))) + "\n";
  for (const auto& field : at_path(change, "changes")->as_object())
    text += fmt::format("    {}: {} -> {}\n", std::string_view(field.key()), shown(*at_path(field.value(), "from")), shown(*at_path(field.value(), "to")));
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "entity"}, {"entity", given.text("ENTITY")}}, access::reads);
  if (!seen) return s.fail(seen.error());
  std::vector<std::string> ids{text_at(*seen, "entity")};
  if (const auto* merged = at_path(*seen, "merged"))
    for (const auto& id : merged->as_array()) ids.emplace_back(id.as_string());
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto told = entity_history(**journal, ids);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) {
    s.print_json(*told);
    return invocation::done();
  }
  const auto made = s.company();
  const std::string zone = made ? (*made)->parts.manifests.company.zone : "UTC";
  for (const auto& change : told->as_array()) s.print(line_of(change, zone, s.out));
  return invocation::done();
}

}  // namespace

command entity_history_command() {
  return {.name = "entity history",
          .group = "Understand",
          .summary = "Shows what became of a record, change by change",
          .details = "Each change with the event that led to it, and what each field was before. Records that were merged into it are told with it.",
          .examples = {"steward entity history customer-1", "steward entity history mailbox:ada@example.com --json"},
          .words = {{"ENTITY", "", "its name, or an external id", word::count::required, {}, false}},
          .carry_out = act};
}

}  // namespace steward
