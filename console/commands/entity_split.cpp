/// `steward entity split OTHER`: takes a merge back.
#include "console/commands.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto other = given.text("OTHER");
  const auto outcome = s.ask(boost::json::object{{"do", "split"}, {"other", other}, {"because", given.text("--because")}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"split", other}});
  else s.print(other + " is a record of its own again\n");
  return invocation::done();
}

}  // namespace

command entity_split_command() {
  return {.name = "entity split",
          .group = "Work",
          .summary = "Takes a merge of two records back",
          .details = "OTHER has its addresses and fields again; fields that came with the merge leave the other record, save those that were told anew since.",
          .examples = {"steward entity split customer-7 --because \"Two people, one office\""},
          .words = {{"OTHER", "", "the record that was merged into another", word::count::required, {}, false},
                    {"--because", "TEXT", "shown by 'steward entity history'", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
