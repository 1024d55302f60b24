/// `steward entity show ENTITY`: one record, by its name or an external id, today or at an earlier moment.
#include "console/cards.hpp"
#include "console/commands.hpp"
#include "console/earlier.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto seen = look({{"do", "view"}, {"view", "entity"}, {"entity", given.text("ENTITY")}}, given, s);
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
                    as_of_word()},
          .carry_out = act};
}

}  // namespace steward
