/// `steward reject`: refuses what a card asks about; nothing of it leaves.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto id = given.text("APPROVAL");
  const auto asked = s.ask(boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}}, access::reads);
  if (!asked) return s.fail(asked.error());
  return decide(s, boost::json::object{{"do", "reject"}, {"approval", id}, {"reason", given.text("--reason")}}, text_at(*asked, "run"), "Rejected " + id, given.has("--only-record"));
}

}  // namespace

command reject_command() {
  return {.name = "reject",
          .group = "Decide",
          .summary = "Refuses what a card asks about; nothing of it leaves",
          .details = "",
          .examples = {"steward reject apr-1 --reason \"Too long\""},
          .words = {{"APPROVAL", "", "its name, such as apr-1", word::count::required, {}, false},
                    {"--reason", "TEXT", "kept in the journal beside the decision", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
