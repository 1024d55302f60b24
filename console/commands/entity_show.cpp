/// `steward entity show ENTITY`: one record, by its name or an external id, today or at an earlier moment.
#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/observation/views.hpp"

namespace steward {
namespace {

result<json> seen_at(const json& asked, const std::string& moment, invocation& s) {
  const auto until = moment_of(moment, s.now(), "steward entity show --as-of");
  if (!until) return until.error();
  const auto made = s.company();
  if (!made) return made.error();
  const auto& parts = (*made)->parts;
  const auto state = s.state(*until);
  if (!state) return state.error();
  const auto actions = action_book::make(parts.connectors);
  if (!actions) return actions.error();
  return view(*state, parts.manifests, *actions, asked, state->now);
}

int act(const arguments& given, invocation& s) {
  const json asked = boost::json::object{{"do", "view"}, {"view", "entity"}, {"entity", given.text("ENTITY")}};
  const auto seen = given.has("--as-of") ? seen_at(asked, given.text("--as-of"), s) : s.ask(asked.as_object(), access::reads);
  if (!seen) return s.fail(seen.error());
  if (s.asked.as_json) s.print_json(*seen);
  else s.print(readable(*seen, "", 1000));
  return invocation::done();
}

}  // namespace

command entity_show_command() {
  return {.name = "entity show",
          .group = "Understand",
          .summary = "Shows one record",
          .details = "",
          .examples = {"steward entity show customer-1", "steward entity show mailbox:ada@example.com", "steward entity show customer-1 --as-of 2w"},
          .words = {{"ENTITY", "", "its name, or an external id", word::count::required, {}, false},
                    {"--as-of", "TIME|EVENT", "an event's number, a time, or how long ago; default today", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
