/// `steward reject`: refuses what a card asks about; nothing of it leaves.
#include "console/commands.hpp"
#include "console/decide_alike.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto id = given.text("APPROVAL");
  if (given.has("--dry-run") && !given.has("--alike")) return s.fail(error{"bad_usage", "steward reject", "found --dry-run without --alike", "both", "'steward show " + id + "' shows what this one would do"});
  if (given.has("--alike")) return decide_alike(given, s, false);
  const auto asked = s.ask(boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}}, access::reads);
  if (!asked) return s.fail(asked.error());
  return decide(s, boost::json::object{{"do", "reject"}, {"approval", id}, {"reason", given.text("--reason")}}, text_at(*asked, "run"), "Rejected " + id, given.has("--only-record"));
}

}  // namespace

command reject_command() {
  return {.name = "reject",
          .group = "Decide",
          .summary = "Refuses what a card asks about; nothing of it leaves",
          .details = "The reason is remembered: 'steward learn' shows what your rejections and changes teach. What you have approved and what is still held is taken back by 'steward undo'.",
          .examples = {"steward reject apr-1 --reason \"Too long\"", "steward reject apr-1 --alike --reason \"Not this week\""},
          .words = {{"APPROVAL", "", "its name, such as apr-1", word::count::required, {}, false},
                    {"--reason", "TEXT", "kept in the journal beside the decision", word::count::optional, {}, false},
                    {"--alike", "", "also all open questions that are like it", word::count::optional, {}, false},
                    {"--dry-run", "", "with --alike: show them, decide nothing", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
