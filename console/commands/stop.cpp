/// `steward stop`: stops a run for good, or the running company.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

/// "eff-3 mailbox.send: Mail to ada@example.com"; the rest as numbers.
std::string in_words(const json& in_flight) {
  std::string text;
  const auto each = [&](const char* what, const auto& sentence) {
    if (const auto* list = at_path(in_flight, what); list && list->is_array())
      for (const auto& one : list->get_array()) text += "In flight: " + sentence(one) + "\n";
  };
  each("effects", [](const json& e) { return text_at(e, "effect") + " " + text_at(e, "action") + ": " + shortened(visible_line(text_at(e, "preview")), 80) + ". Whether it happened is looked into at the next start, unless the answer came in time."; });
  each("models", [](const json& e) { return text_at(e, "call") + " of " + text_at(e, "model") + ". It counts as spent, unless the answer came in time."; });
  each("agents", [](const json& e) { return text_at(e, "agent") + " of the role " + text_at(e, "role") + ". Its turn is taken again, unless it finished in time."; });
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto run = given.text("RUN");
  if (!run.empty()) {
    const auto outcome = s.ask(boost::json::object{{"do", "stop"}, {"run", run}}, access::changes);
    if (!outcome) return s.fail(outcome.error());
    if (s.asked.as_json) s.print_json(boost::json::object{{"stopped", run}});
    else s.print("Stopped " + run + "\n");
    return invocation::done();
  }
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  const auto lock = state_folder(*folder) + "/lock";
  if (process_lock::holder(lock) == 0) return s.fail(error{"engine_not_running", *folder, "no engine is running", "", "There is nothing to stop"});
  const auto outcome = s.ask(boost::json::object{{"do", "shutdown"}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  constexpr int tries = 500;  // 10 s; the engine gives itself one
  for (int i = 0; process_lock::holder(lock) != 0; ++i) {
    if (i == tries) return s.fail(error{"engine_not_answering", lock, "the engine was asked to stop and still works", "", "'steward doctor' looks into it"});
    s.wait(std::chrono::milliseconds{20});
  }
  const auto* in_flight = at_path(*outcome, "in_flight");
  if (s.asked.as_json) s.print_json(boost::json::object{{"stopped", "the company"}, {"in_flight", in_flight ? *in_flight : json(nullptr)}});
  else s.print("The company has stopped; 'steward up' goes on where it was.\n" + (in_flight ? in_words(*in_flight) : ""));
  return invocation::done();
}

}  // namespace

command stop_command() {
  return {.name = "stop",
          .group = "Work",
          .summary = "Stops a run for good, or the running company",
          .details = "Without RUN the engine that 'steward up' started ends within a second, and what was in flight is told; everything goes on at the next start.",
          .examples = {"steward stop", "steward stop run-3"},
          .words = {{"RUN", "", "a run that is to end for good", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
