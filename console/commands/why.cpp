/// `steward why THING`: who asked, which rule decided, on which evidence, what it cost, how to undo it. From the journal alone.
#include "console/commands.hpp"
#include "console/run_text.hpp"
#include "console/invocation.hpp"
#include "runtime/observation/why.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto told = why(**journal, given.text("THING"));
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) s.print_json(*told);
  else s.print(why_text(*told, s.out, given.has("--whole")));
  return invocation::done();
}

}  // namespace

command why_command() {
  return {.name = "why",
          .group = "Understand",
          .summary = "Explains an action: intent, evidence, rule, approval, cost and undo",
          .details = "Works on the journal alone. A mail's or a page's file name will do: it holds the effect key.",
          .examples = {"steward why eff-3", "steward why mail/outbox/new/1795259460.0f3a9c.steward", "steward why run-1"},
          .words = {{"THING", "", "an effect, its key, a file that it left, an approval or a run", word::count::required, {}, false},
                    {"--whole", "", "all evidence, however much", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
