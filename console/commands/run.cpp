/// `steward run WORKFLOW`: starts a run, shows it at work, and asks on a terminal.
#include "console/commands.hpp"
#include "console/follow.hpp"
#include "console/invocation.hpp"
#include "console/run_input.hpp"
#include "console/run_text.hpp"
#include "console/start_once.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  if (given.has("--test-clock")) s.test_clock = given.text("--test-clock");
  const auto input = given.has("--estimate") ? result<json>(json{}) : input_of(given, "steward run");
  if (!input) return s.fail(input.error());
  const auto made = s.company();
  if (!made) return s.fail(made.error());
  if (!(*made)->found.empty()) return s.fail((*made)->found);
  const auto name = given.text("WORKFLOW");
  const auto& workflows = (*made)->parts.manifests.workflows;
  if (!workflows.contains(name)) {
    std::vector<std::string> names;
    std::string all;
    for (const auto& [one, _] : workflows) names.push_back(one), all += (all.empty() ? "" : ", ") + one;
    const auto near = nearest_name(name, names);
    return s.fail(error{"unknown_workflow", *s.workspace(), "there is no workflow '" + name + "'", all.empty() ? "one in workflows/" : "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"});
  }
  if (given.has("--estimate")) {
    const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "estimate"}, {"workflow", name}}, access::reads);
    if (!seen) return s.fail(seen.error());
    if (s.asked.as_json) s.print_json(*seen);
    else s.print(estimate_text(*seen, s.out));
    return invocation::done();
  }
  const auto before = last_event(s);
  if (auto started = s.need_engine(); !started) return s.fail(started.error());
  const auto begun = start_once(s, given, boost::json::object{{"do", "run"}, {"workflow", name}, {"input", *input}, {"stepwise", given.has("--step")}});
  if (!begun) return s.fail(begun.error());
  const auto run = text_at(*begun, "run");
  if (given.has("--no-wait")) {
    if (s.asked.as_json) s.print_json(*begun);
    else s.print(run + " has been started\n");
    if (s.engine_is_ours()) s.note("No engine was running: the run goes on with 'steward up'.");
    return invocation::done();
  }
  if (!s.asked.as_json) s.note(s.err.bold(run) + "  " + name);
  return follow_run(s, run, {.approve_all = given.has("--yes"), .after = before, .verbose = given.has("--verbose")});
}

}  // namespace

command run_command() {
  return {.name = "run",
          .group = "Work",
          .summary = "Starts a run of a workflow and shows it at work",
          .details = "Where an engine runs ('steward up') it does the work; otherwise one is started here until the run ends or waits for somebody.\n"
                     "On a terminal you are asked when a step needs your approval; without one the next commands are printed and the question stays open.",
          .examples = {"steward run weekly_update", "steward run weekly_update --set since=30d --yes", "steward run weekly_update --step",
                       "steward run weekly_update --verbose", "steward run weekly_update --estimate"},
          .words = {{"WORKFLOW", "", "its name, as in workflows/", word::count::required, {}, false},
                    {"--input", "JSON", "the run's input, or @FILE", word::count::optional, {}, false},
                    {"--set", "KEY=VALUE", "one value of the input; may be repeated", word::count::many, {}, false},
                    key_word(),
                    {"--estimate", "", "start nothing: say what finished runs of this workflow cost", word::count::optional, {}, false},
                    {"--step", "", "stop before each step and each effect", word::count::optional, {}, false},
                    {"--yes", "", "approve whatever the run asks", word::count::optional, {}, false},
                    {"--verbose", "", "tell everything that happens, not only a line for each step", word::count::optional, {}, false},
                    {"--no-wait", "", "start it and don't watch", word::count::optional, {}, false},
                    {"--wait", "", "watch it until it ends or waits for somebody (the default)", word::count::optional, {}, false},
                    {"--test-clock", "FILE", "a file that tells the time, for tests", word::count::optional, {}, true}},
          .carry_out = act};
}

}  // namespace steward
