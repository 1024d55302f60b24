/// `steward undo EFFECT|RUN`: takes back what was done, by effects of their own.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/follow.hpp"
#include "console/invocation.hpp"
#include "runtime/event.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string line_of(const char* how, const json& d, bool with_undo) {
  return fmt::format("{}: {} {} ({}){}\n", how, text_at(d, "effect"), text_at(d, "action"), shortened(visible_line(text_at(d, "preview")), 80), with_undo ? ", by " + text_at(d, "undo.action") : "");
}

/// The run that took back what could be, when this was asked before; empty: none.
std::string earlier_undo(invocation& s, const std::string& what) {
  std::string run;
  const auto journal = s.journal();
  if (!journal) return run;
  event_query started;
  started.kind = event::run_started::kind;
  started.limit = SIZE_MAX;
  (void)(*journal)->each(started, [&](const record& stored) {
    const auto e = event::read(stored.header.kind, stored.body);
    if (const auto* begun = e ? std::get_if<event::run_started>(&*e) : nullptr; begun && begun->because == "undo of " + what) run = begun->run;
    return true;
  });
  return run;
}

int act(const arguments& given, invocation& s) {
  const auto before = last_event(s);
  if (!given.has("--only-record"))
    if (auto started = s.need_engine(); !started) return s.fail(started.error());
  const auto begun = s.ask(boost::json::object{{"do", "undo"}, {"what", given.text("WHAT")}}, access::changes);
  if (!begun) {
    auto trouble = begun.error();
    if (trouble.code == "nothing_to_undo")
      if (const auto run = earlier_undo(s, given.text("WHAT")); !run.empty()) trouble.found += "; " + run + " took back the rest", trouble.advice = "'steward show " + run + "' tells what it did";
    return s.fail(trouble);
  }
  std::string told;
  for (const auto& d : begun->at("held").as_array()) told += line_of("Took back before it left, nothing was sent", d, false);
  for (const auto& d : begun->at("undoes").as_array()) told += line_of("Takes back", d, true);
  for (const auto& d : begun->at("stands").as_array()) told += line_of("Stands, nothing takes it back", d, false);
  if (const auto& records = begun->at("records").as_array(); !records.empty()) {
    std::string names;
    for (const auto& one : records) names += (names.empty() ? "" : ", ") + std::string(one.as_string());
    told += "Stays on record as it is: " + names + "\n";
  }
  if (begun->at("stopped").as_bool()) told += given.text("WHAT") + " was open, and is stopped\n";
  if (text_at(*begun, "run").empty()) {  // it had not left: there is nothing to undo outside
    if (s.asked.as_json) s.print_json(*begun);
    else s.print(told);
    const auto& held = begun->at("held").as_array();
    if (s.engine_is_ours() && !s.asked.as_json && !held.empty() && !begun->at("stopped").as_bool()) return follow_run(s, text_at(held.front(), "run"), {.after = before});
    return invocation::done();
  }
  if (!s.asked.as_json) s.note(told.substr(0, told.size() - 1));
  return follow_begun(s, given, *begun, before, text_at(*begun, "run") + " undoes " + given.text("WHAT"), "undo of " + given.text("WHAT"));
}

}  // namespace

command undo_command() {
  return {.name = "undo",
          .group = "Work",
          .summary = "Takes back an effect, or all that a run did, the newest first",
          .details = "An undo is a run of its own: each step is an effect with its own key, ruling, approval and ledger entry, through the same gate as any other. What can't be "
                     "taken back is named. An effect that is held (decided, and not left yet) is dropped, with nothing sent. What was taken back once is not taken back again.",
          .examples = {"steward undo eff-3", "steward undo run-1", "steward undo run-1 --yes"},
          .words = {{"WHAT", "", "an effect or a run", word::count::required, {}, false},
                    {"--yes", "", "approve whatever the run asks", word::count::optional, {}, false},
                    {"--verbose", "", "tell everything that happens, not only a line for each step", word::count::optional, {}, false},
                    {"--no-wait", "", "start it and don't watch", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
