/// `steward show THING`: a run with its timeline, an approval or a card with every word, an entity.
#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/run_text.hpp"
#include "console/invocation.hpp"
#include "runtime/observation/why.hpp"

namespace steward {
namespace {

int show_run(invocation& s, const std::string& id) {
  auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "run"}, {"run", id}}, access::reads);
  if (!seen) return s.fail(seen.error());
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto told = timeline(**journal, id);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) {
    seen->as_object()["timeline"] = *told;
    s.print_json(*seen);
  } else {
    s.print(run_text(*seen, *told, s.now(), s.out));
  }
  return invocation::done();
}

int act(const arguments& given, invocation& s) {
  const auto id = given.text("THING");
  if (id.starts_with("run-")) return show_run(s, id);
  const auto ask = [&](const char* view) { return s.ask(boost::json::object{{"do", "view"}, {"view", view}, {view, id}}, access::reads); };
  if (id.starts_with("apr-") || id.starts_with("card-")) {
    const bool approval = id.starts_with("apr-");
    const auto seen = ask(approval ? "approval" : "card");
    if (!seen) return s.fail(seen.error());
    if (s.asked.as_json) s.print_json(*seen);
    else s.print(approval ? approval_text(*seen, s.now(), s.out, true) : card_text(*seen, s.now(), s.out, true));
    return invocation::done();
  }
  if (id.starts_with("eff-")) {
    auto journal = s.journal();
    if (!journal) return s.fail(journal.error());
    const auto told = why(**journal, id);
    if (!told) return s.fail(told.error());
    if (s.asked.as_json) s.print_json(*told);
    else s.print(why_text(*told, s.out, true));
    return invocation::done();
  }
  const auto seen = ask("entity");
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else s.print(readable(*seen, "", 1000));
  return invocation::done();
}

}  // namespace

command show_command() {
  return {.name = "show",
          .group = "Understand",
          .summary = "Shows a run, an approval, a card, an effect or an entity, whole",
          .details = "",
          .examples = {"steward show run-1", "steward show apr-1"},
          .words = {{"THING", "", "its name: run-1, apr-1, card-2, eff-3, customer-4", word::count::required, {}, false}},
          .carry_out = act};
}

}  // namespace steward
