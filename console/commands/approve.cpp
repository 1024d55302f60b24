/// `steward approve`: lets what a card asks about happen, exactly as it is shown.
#include "console/commands.hpp"
#include "console/decide_alike.hpp"
#include "console/invocation.hpp"
#include "console/follow.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  const auto id = given.text("APPROVAL");
  for (const auto* other : {"--always-for", "--now"})
    if (given.has("--alike") && given.has(other)) return s.fail(error{"bad_usage", "steward approve", std::string("found --alike with ") + other, "one of them", "'steward approve " + id + " --alike' decides each as it is"});
  if (given.has("--dry-run") && !given.has("--alike")) return s.fail(error{"bad_usage", "steward approve", "found --dry-run without --alike", "both", "'steward show " + id + "' shows what this one would do"});
  if (given.has("--alike")) return decide_alike(given, s, true);
  if (given.has("--now") && id.starts_with("eff-")) {
    const auto inbox = s.ask(boost::json::object{{"do", "view"}, {"view", "inbox"}}, access::reads);
    if (!inbox) return s.fail(inbox.error());
    std::string run;
    for (const auto& card : inbox->as_array())
      if (text_at(card, "about") == "hold" && text_at(card, "subject") == id) run = text_at(card, "run");
    return decide(s, boost::json::object{{"do", "approve"}, {"approval", id}, {"at_once", true}}, run, id + " leaves now", given.has("--only-record"));
  }
  const auto asked = s.ask(boost::json::object{{"do", "view"}, {"view", "approval"}, {"approval", id}}, access::reads);
  if (!asked) return s.fail(asked.error());
  const auto for_ = given.text("--always-for");
  if (!for_.empty())
    if (auto length = parse_duration(for_); !length) return s.fail(length.error());
  return decide(s, boost::json::object{{"do", "approve"}, {"approval", id}, {"reason", given.text("--reason")}, {"always_for", for_}, {"at_once", given.has("--now")}}, text_at(*asked, "run"),
                "Approved " + id + (given.has("--now") ? ", without a hold" : "") + (for_.empty() ? "" : ", and what is just like it for " + for_ + " (steward policy list)"), given.has("--only-record"));
}

}  // namespace

command approve_command() {
  return {.name = "approve",
          .group = "Decide",
          .summary = "Lets what a card asks about happen, exactly as it is shown",
          .details = "--always-for gives a rule by the way: the same action to the same recipients, by the same role and workflow, goes without a question for that long. "
                     "'steward policy list' shows it, 'steward policy revoke' ends it. What costs money, binds by law or is public is held for some minutes after your yes "
                     "(company.yaml, hold): until then 'steward undo EFFECT' takes it back with nothing sent, and --now lets it go at once. "
                     "--alike decides every open question of its group as it is shown; one that comes later is not among them.",
          .examples = {"steward approve apr-1", "steward approve apr-1 --reason \"Ada asked for it\"", "steward approve apr-1 --always-for 7d", "steward approve apr-1 --alike --dry-run", "steward approve eff-3 --now"},
          .words = {{"APPROVAL", "", "its name, such as apr-1; with --now also an effect that is held", word::count::required, {}, false},
                    {"--reason", "TEXT", "kept in the journal beside the decision", word::count::optional, {}, false},
                    {"--always-for", "TIME", "also let what is just like it go without asking, for up to 90d", word::count::optional, {}, false},
                    {"--now", "", "without a hold, or without the rest of one", word::count::optional, {}, false},
                    {"--alike", "", "also all open questions that are like it", word::count::optional, {}, false},
                    {"--dry-run", "", "with --alike: show them, decide nothing", word::count::optional, {}, false},
                    {"--only-record", "", "don't start an engine for it; the next one carries it out", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
