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
  const auto for_ = given.text("--always-for");
  if (!for_.empty())
    if (auto length = parse_duration(for_); !length) return s.fail(length.error());
  return decide(s, boost::json::object{{"do", "approve"}, {"approval", id}, {"reason", given.text("--reason")}, {"always_for", for_}}, text_at(*asked, "run"),
                "Approved " + id + (for_.empty() ? "" : ", and what is just like it for " + for_ + " (steward policy list)"), given.has("--only-record"));
}

}  // namespace

command approve_command() {
  return {.name = "approve",
          .group = "Decide",
          .summary = "Lets what a card asks about happen, exactly as it is shown",
          .details = "--always-for gives a rule by the way: the same action to the same recipients, by the same role and workflow, goes without a question for that long. "
                     "'steward policy list' shows it, 'steward policy revoke' ends it.",
          .examples = {"steward approve apr-1", "steward approve apr-1 --reason \"Ada asked for it\"", "steward approve apr-1 --always-for 7d"},
          .words = {{"APPROVAL", "", "its name, such as apr-1", word::count::required, {}, false},
                    {"--reason", "TEXT", "kept in the journal beside the decision", word::count::optional, {}, false},
                    {"--always-for", "TIME", "also let what is just like it go without asking, for up to 90d", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
