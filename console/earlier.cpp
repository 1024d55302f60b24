#include "console/earlier.hpp"

#include "console/moment.hpp"
#include "runtime/observation/views.hpp"

namespace steward {
namespace {

result<json> seen_at(const json& asked, const std::string& moment, invocation& s) {
  const auto made = s.company();
  if (!made) return made.error();
  const auto& parts = (*made)->parts;
  const auto until = moment_of(moment, s.now(), parts.manifests.company.zone, "--as-of");
  if (!until) return until.error();
  const auto state = s.state(*until);
  if (!state) return state.error();
  const auto actions = action_book::make(parts.connectors);
  if (!actions) return actions.error();
  return view(*state, parts.manifests, *actions, asked, state->now);
}

}  // namespace

word as_of_word() { return {"--as-of", "TIME|EVENT", "an event's number, a time, a day, or how long ago; default today", word::count::optional, {}, false}; }

result<json> look(const boost::json::object& asked, const arguments& given, invocation& s) {
  if (!given.has("--as-of")) return s.ask(asked, access::reads);
  const auto moment = given.text("--as-of");
  auto seen = seen_at(asked, moment, s);
  if (seen || seen.error().code != "entity_not_found" || !s.ask(asked, access::reads)) return seen;
  const auto named = text_at(asked, "entity");
  return error{"entity_not_found", "--as-of " + moment, "there was no entity '" + named + "' yet", "a later moment", "'steward entity history " + named + "' says when it began"};
}

}  // namespace steward
