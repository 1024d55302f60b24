/// `steward policy list`: every rule that judges what leaves: the engine's own, those in policies/, and those given by a decision.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/rules/policy_definition.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string limits_of(const policy_definition& p) {
  std::string text;
  if (p.at_most) text += ", at most " + *p.at_most;
  if (p.quiet_hours) text += ", quiet from " + p.quiet_hours->from + " to " + p.quiet_hours->to;
  if (p.until) text += ", until " + to_text(*p.until).substr(0, 16) + "Z";
  return text;
}

std::string about(const policy_definition& p) {
  std::string text;
  for (const auto& action : p.actions) text += (text.empty() ? "" : ", ") + action;
  if (p.when) text += (text.empty() ? "" : ": ") + *p.when;
  return text.empty() ? "always" : text;
}

std::string shown(const policy_definition& p, const std::string& note, const paint& out) {
  return fmt::format("{}  {}{}{}\n  {}\n  {}\n", out.bold(p.name), to_word(p.then), limits_of(p), note.empty() ? "" : "  " + out.wait(note), visible_line(p.because), out.dim(visible_line(about(p))));
}

int act(const arguments&, invocation& s) {
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  if (!(*made)->found.empty()) return s.fail((*made)->found);
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "policies"}}, access::reads);
  if (!seen) return s.fail(seen.error());
  const auto written = from_json<std::vector<policy_definition>>(seen->at("written"));
  const auto given = from_json<std::vector<policy_definition>>(seen->at("given"));
  if (!written) return s.fail(written.error());
  if (!given) return s.fail(given.error());

  boost::json::array all;
  std::string text;
  const auto add = [&](json rule, std::string_view from, std::string_view state) {
    rule.as_object()["from"] = from;
    rule.as_object()["state"] = state;
    all.push_back(std::move(rule));
  };
  for (const auto& rule : (*made)->parts.policies) {
    add(boost::json::object{{"name", rule->name()}, {"because", rule->because()}}, "engine", "in_force");
    text += fmt::format("{}  {}\n  {}\n", s.out.bold(rule->name()), s.out.dim("of the engine"), rule->because());
  }
  auto gone = *written;
  for (const auto& [name, rule] : (*made)->parts.manifests.policies) {
    const auto there = std::find_if(gone.begin(), gone.end(), [&](const auto& one) { return one.name == name; });
    const auto state = there == gone.end() ? "new" : to_json_text(*there) == to_json_text(rule) ? "in_force" : "changed";
    if (there != gone.end()) gone.erase(there);
    add(to_json(rule), "policies", state);
    text += shown(rule, std::string_view(state) == "in_force" ? "" : std::string(state) + ": in force from the next start of the engine on", s.out);
  }
  for (const auto& rule : gone) {
    add(to_json(rule), "policies", "removed");
    text += shown(rule, "removed: in force until the next start of the engine", s.out);
  }
  for (const auto& rule : *given) {
    add(to_json(rule), "decision", "in_force");
    text += shown(rule, "steward policy revoke " + rule.name, s.out);
  }
  if (s.asked.as_json) s.print_json(all);
  else s.print(text);
  return invocation::done();
}

}  // namespace

command policy_list_command() {
  return {.name = "policy list",
          .group = "Policies",
          .summary = "Lists the rules that judge what leaves: the engine's own, yours, and those that a decision gave",
          .details = "Rules of the folder policies/ come into force when an engine starts; until then the list says so.",
          .examples = {"steward policy list", "steward policy list --json"},
          .words = {},
          .carry_out = act};
}

}  // namespace steward
