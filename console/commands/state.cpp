/// `steward state [--as-of TIME|EVENT]`: everything that was going on at one moment, folded from the journal.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "console/run_text.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/observation/state_json.hpp"
#include "runtime/observation/views.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

/// The state in a page: what a look back wants to know first.
std::string page(const company_state& state, const engine_parts& parts, const action_book& actions, const paint& p) {
  const auto ask = [&](const char* what) { return view(state, parts.manifests, actions, boost::json::object{{"view", what}}, state.now).value(); };
  std::string out = p.bold(fmt::format("As of event {}", state.head)) + (state.head > 0 ? ", " + to_local_text(state.zone, state.now) : "") + "\n";
  const auto cards = ask("inbox");
  out += fmt::format("{} open runs, {} cards, {} entities, {} ended runs\n", state.open_runs(), cards.as_array().size(), state.entities.all().size(), state.closed.size());
  for (const auto& [key, reason] : state.pauses) out += p.wait("paused") + "  " + key + (reason.empty() ? "" : ": " + visible_line(reason)) + "\n";
  for (const auto& role : state.stopped_roles) out += p.bad("stopped") + "  role " + role + "\n";
  if (const auto runs = ask("runs"); !runs.as_array().empty()) out += "\n" + runs_text(runs, state.now, p);
  if (!cards.as_array().empty()) out += "\n";
  for (const auto& c : cards.as_array()) out += text_at(c, "card") + "  " + shortened(visible_line(text_at(c, "sentence", text_at(c, "title"))), 120) + "\n";
  if (!state.spending.accounts().empty()) out += "\n" + cost_text(ask("cost"), p);
  return out;
}

int act(const arguments& given, invocation& s) {
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  const auto& parts = (*made)->parts;
  const auto until = moment_of(given.text("--as-of"), s.now(), parts.manifests.company.zone, "steward state --as-of");
  if (!until) return s.fail(until.error());
  const auto state = s.state(*until);
  if (!state) return s.fail(state.error());
  if (s.asked.as_json) {
    s.print_json(state_json(*state));
    return invocation::done();
  }
  const auto actions = action_book::make(parts.connectors);
  if (!actions) return s.fail(actions.error());
  s.print(page(*state, parts, *actions, s.out));
  s.note(s.err.dim("The whole of it: steward state --json"));
  return invocation::done();
}

}  // namespace

command state_command() {
  return {.name = "state",
          .group = "Understand",
          .summary = "Shows everything that was going on at one moment",
          .details = "Folded from the journal alone, with an engine or without: runs with their steps, effects and approvals, cards, entities, pauses, budgets.",
          .examples = {"steward state", "steward state --as-of 2h", "steward state --as-of 412 --json", "steward state --as-of 2026-11-21T09:30:00Z"},
          .words = {{"--as-of", "TIME|EVENT", "an event's number, a time, a day, or how long ago; default the last event", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
