/// `steward entity merge ENTITY OTHER`: two records turn out to be one.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto entity = given.text("ENTITY"), other = given.text("OTHER");
  const auto outcome = s.ask(boost::json::object{{"do", "merge"}, {"entity", entity}, {"other", other}, {"because", given.text("--because")}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"entity", entity}, {"merged", other}});
  else s.print(other + " is " + entity + " from now on. To take it back: steward entity split " + other + "\n");
  return invocation::done();
}

}  // namespace

command entity_merge_command() {
  return {.name = "entity merge",
          .group = "Work",
          .summary = "Makes one of two records that are the same",
          .details = "What leads to OTHER leads to ENTITY from then on, and fields that ENTITY lacks are filled from it. Nothing is lost: 'steward entity split' takes it back.",
          .examples = {"steward entity merge customer-3 customer-7 --because \"Ada's second address\""},
          .words = {{"ENTITY", "", "the record that stays", word::count::required, {}, false},
                    {"OTHER", "", "the one that becomes another name for it", word::count::required, {}, false},
                    {"--because", "TEXT", "shown by 'steward entity history'", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
