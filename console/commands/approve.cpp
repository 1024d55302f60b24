/// `steward approve`: lets what a card asks about happen, exactly as it is shown.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto id = given.text("APPROVAL");
  const auto asked = s.ask(boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}}, access::reads);
  if (!asked) return s.fail(asked.error());
  return decide(s, boost::json::object{{"do", "approve"}, {"approval", id}, {"reason", given.text("--reason")}}, text_at(*asked, "run"), "Approved " + id, given.has("--only-record"));
}

}  // namespace

command approve_command() {
  return {.name = "approve",
          .group = "Decide",
          .summary = "Lets what a card asks about happen, exactly as it is shown",
          .details = "",
          .examples = {"steward approve apr-1", "steward approve apr-1 --reason \"Ada asked for it\""},
          .words = {{"APPROVAL", "", "its name, such as apr-1", word::count::required, {}, false},
                    {"--reason", "TEXT", "kept in the journal beside the decision", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
