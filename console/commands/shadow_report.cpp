/// `steward shadow report [WHAT]`: what was only decided, beside what was done.
#include <fmt/format.h>

#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/observation/shadow_report.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::int64_t number(const json& of, std::string_view key) { return of.at(key).as_int64(); }

std::string shadowed_text(const json& row, const paint& p) {
  const auto effect = text_at(row, "effect"), done = text_at(row, "done"), verdict = text_at(row, "verdict"), role = text_at(row, "role");
  auto text = fmt::format("{}  {}Z  {} by {}\n  {}\n", p.bold(effect), text_at(row, "at").substr(0, 16), text_at(row, "action"), role.empty() ? "the company" : role, visible_line(text_at(row, "preview")));
  if (done.empty()) text += "  " + p.dim("nobody has done it by hand within a week") + "\n";
  else if (row.at("alike").as_bool()) text += "  " + p.good(done + " did the very same") + "\n";
  else text += fmt::format("  {} did it otherwise:\n{}", done, arguments_diff(row.at("arguments"), row.at("by_hand").at("arguments"), p));
  if (verdict.empty()) text += fmt::format("  steward shadow judge {} same   {}\n", effect, p.dim("# or different"));
  else text += "  " + (verdict == "same" ? p.good("the same") : p.bad("different")) + "\n";
  return text;
}

std::string held_back_text(const json& row, const paint& p) {
  const auto role = text_at(row, "role");
  return fmt::format("{}  {}Z  {} by {}\n  {}\n  {}\n", p.bold(text_at(row, "effect")), text_at(row, "at").substr(0, 16), text_at(row, "action"), role.empty() ? "the company" : role, visible_line(text_at(row, "preview")),
                     p.wait("held back by the rule " + text_at(row, "rule") + ": " + visible_line(text_at(row, "because"))));
}

std::string trial_text(const json& trial, const paint& p) {
  const bool shadow = text_at(trial, "as") == "shadow";
  auto text = fmt::format("{}  {} {}  {} runs", p.bold(text_at(trial, "workflow")), shadow ? "in shadow beside" : "as a canary for", text_at(trial, "of"), number(trial, "runs"));
  text += shadow ? fmt::format(": {} the same, {} different\n", number(trial, "same"), number(trial, "different")) : fmt::format(", {} failed or rejected\n", number(trial, "failures"));
  if (const auto ended = text_at(trial, "ended"); !ended.empty()) text += "  " + p.bad("ended: " + visible_line(ended)) + "\n";
  for (const auto& pair : trial.at("pairs").as_array()) {
    text += fmt::format("  {}  {}", text_at(pair, "run"), visible_line(text_at(pair, "status")));
    if (!shadow) {
      text += "\n";
      continue;
    }
    text += fmt::format("  beside {}  {}\n", text_at(pair, "beside"), visible_line(text_at(pair, "beside_status")));
    for (const auto& d : pair.at("differences").as_array()) {
      text += fmt::format("    {} {}\n", text_at(d, "what"), visible_line(text_at(d, "step")));
      if (const auto said = text_at(d, "in_force"); !said.empty()) text += p.bad("    - " + shortened(visible_line(said), 120)) + "\n";
      if (const auto said = text_at(d, "tried"); !said.empty()) text += p.good("    + " + shortened(visible_line(said), 120)) + "\n";
    }
  }
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "shadow"}}, access::reads);
  if (!seen) return s.fail(seen.error());
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto since = moment_since(given.text("--since", "30d"), s.now(), (*made)->parts.manifests.company.zone);
  if (!since) return s.fail(since.error());
  const auto told = shadow_report(**journal, *seen, given.text("WHAT"), *since);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) {
    s.print_json(*told);
    return invocation::done();
  }
  std::string text;
  for (const auto& row : told->at("shadowed").as_array()) text += shadowed_text(row, s.out);
  const auto& sum = told->at("sum");
  if (!text.empty()) text += fmt::format("{} the same, {} different, {} for you to judge, {} that nobody did by hand\n", number(sum, "same"), number(sum, "different"), number(sum, "open"), number(sum, "unmatched"));
  if (const auto& held = told->at("held_back").as_array(); !held.empty()) {
    if (!text.empty()) text += "\n";
    for (const auto& row : held) text += held_back_text(row, s.out);
  }
  for (const auto& trial : told->at("trials").as_array()) text += (text.empty() ? "" : "\n") + trial_text(trial, s.out);
  if (text.empty()) s.note("Nothing was decided in shadow lately.");
  else s.print(text);
  return invocation::done();
}

}  // namespace

command shadow_report_command() {
  return {.name = "shadow report",
          .group = "Policies",
          .summary = "Shows what was only decided beside what was done: shadowed effects, and new versions of workflows",
          .details = "A role on the rung 'shadow' decides and does nothing. An effect of the same action to the same recipients within a week is taken as your own doing of it: with the very same "
                     "arguments it counts as the same by itself, else the differences are shown and you judge them. What a rule of yours shadowed (then: shadow) is listed with the rule. A workflow with 'trial' is compared with the one in force, run by run and step by step.",
          .examples = {"steward shadow report", "steward shadow report sales_assistant", "steward shadow report answer_lead_next --json"},
          .words = {{"WHAT", "", "a role, an action, an effect, a rule, or a workflow on trial; default everything", word::count::optional, {}, false},
                    {"--since", "TIME", "for what rules held back: a length of time, a day, or a moment; default 30d", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
