/// `steward fork RUN --at STEP`: a new run that begins at a step of another, with what the steps before it gave there.
#include <algorithm>

#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/follow.hpp"
#include "console/invocation.hpp"
#include "console/run_input.hpp"
#include "console/start_once.hpp"

namespace steward {
namespace {

constexpr std::size_t effects_named = 5;  // A line's worth; 'steward show' of the other run has them all.

/// What had been done from the step on, and what becomes of it; nothing where nothing had.
std::string left_text(const json& begun) {
  const auto& left = begun.at("left").as_array();
  std::string names;
  for (std::size_t i = 0; i < std::min(left.size(), effects_named); ++i) names += (i == 0 ? "" : ", ") + text_at(left[i], "effect") + " " + text_at(left[i], "action");
  if (left.empty()) return "";
  if (left.size() > effects_named) names += fmt::format(" and {} more", left.size() - effects_named);
  return "Done before, from that step on: " + names + ". " +
         (text_at(begun, "effects") == "reuse" ? "Where the same is wanted again the recorded answer is used and nothing leaves; anything else of the kind is asked."
                                               : "Each is asked again before it leaves.");
}

int act(const arguments& given, invocation& s) {
  const auto input = input_of(given, "steward fork");
  if (!input) return s.fail(input.error());
  const auto before = last_event(s);
  if (!given.has("--only-record"))
    if (auto started = s.need_engine(); !started) return s.fail(started.error());
  boost::json::object order{{"do", "fork"}, {"run", given.text("RUN")}, {"at", given.text("--at")}, {"stepwise", given.has("--step")}, {"effects", given.text("--effects").empty() ? "reuse" : given.text("--effects")}};
  if (given.has("--input")) order["input"] = *input;
  const auto begun = start_once(s, given, std::move(order));
  if (!begun) return s.fail(begun.error());
  if (const auto left = left_text(*begun); !left.empty()) s.note(left);
  return follow_begun(s, given, *begun, before, fmt::format("{} begins at {} of {}", text_at(*begun, "run"), given.text("--at"), given.text("RUN")), "from " + given.text("RUN"));
}

}  // namespace

command fork_command() {
  return {.name = "fork",
          .group = "Work",
          .summary = "Begins a new run at a step of another, with what the steps before it gave there",
          .details = "The other run stays as it is, and so do the effects of its steps before. From the step on --effects reuse takes the recorded answer where just the same is "
                     "wanted again: nothing is sent twice. What differs from it, and with --effects ask everything that the other run did, is asked before it leaves, whatever the "
                     "rung; today's rules, budgets and pauses hold. What only reads is read again. A step that the run came to several times is the last of them; nudge.2 is the second.",
          .examples = {"steward fork run-1 --at send", "steward fork run-1 --at send --effects ask", "steward fork run-1 --at nudge.2 --step", "steward fork run-1 --at send --key second-try", "steward fork run-1 --at draft --input '{\"since\": \"30d\"}'"},
          .words = {{"RUN", "", "its name, such as run-1; finished or open", word::count::required, {}, false},
                    {"--at", "STEP", "where to begin: a step that the run came to", word::count::required, {}, false},
                    {"--effects", "WHAT", "reuse (the default) or ask: what the other run did from there on", word::count::optional, {"reuse", "ask"}, false},
                    {"--input", "JSON", "instead of the other run's input, or @FILE", word::count::optional, {}, false},
                    key_word(),
                    {"--step", "", "stop before each step and each effect", word::count::optional, {}, false},
                    {"--yes", "", "approve whatever the run asks", word::count::optional, {}, false},
                    {"--verbose", "", "tell everything that happens, not only a line for each step", word::count::optional, {}, false},
                    {"--no-wait", "", "start it and don't watch", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
