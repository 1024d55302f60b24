/// `steward policy replay`: judges what was really proposed once more, by the rules as they are now or as they might be.
#include <filesystem>

#include <fmt/format.h>

#include "config/check.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/coordination/policy_replay.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string count(std::int64_t n, std::string_view one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

/// Everything that the journal holds, judged by these rules.
result<json> replayed(reader& journal, const rule_book& rules, const policy_replay_order& order) {
  policy_replay player(rules, order);
  result<void> going;
  event_query all;
  all.limit = SIZE_MAX;
  const auto read = journal.each(all, [&](const record& stored) {
    const auto e = typed(stored);
    going = e ? player.take(e->first, e->second, stored.state == body_state::whole) : result<void>(e.error());
    return going.has_value();
  });
  if (!going) return going.error();
  if (!read) return read.error();
  return player.told();
}

/// "was let through; confirmed"
std::string what_was(const json& e) {
  const auto was = text_at(e, "was"), became = text_at(e, "became");
  const std::string judged = was == "allow" ? "let through" : was == "ask" ? "asked about" : was == "deny" ? "denied" : "shadowed";
  return "was " + judged + (became == judged || (was == "deny" && became == "denied") ? "" : "; " + became);
}

std::string replay_text(const json& told, const std::string& zone, const std::string& rules, const std::string& since, const paint& p) {
  const auto number = [&](const json& of, std::string_view key) { return of.at(key).as_int64(); };
  auto text = fmt::format("{}{}, judged by {}\n", count(number(told, "judged"), "effect"), since, rules);
  constexpr std::pair<const char*, const char*> groups[] = {{"deny", "would have been denied"}, {"shadow", "would have been shadowed"}, {"ask", "would have been asked about"}, {"allow", "would have been let through"}};
  for (const auto& [word, sentence] : groups) {
    const auto n = number(told.at("would_be"), word);
    if (n == 0) continue;
    text += "\n" + p.bold(fmt::format("{} {}", n, sentence)) + "\n";
    for (const auto& e : told.at("effects").as_array()) {
      if (text_at(e, "would_be") != word) continue;
      const auto preview = text_at(e, "preview");
      const auto at = parse_time(text_at(e, "time"));
      text += fmt::format("  {}  {}  {}\n    {}\n    {}{}\n", p.bold(text_at(e, "effect")), at ? to_local_text(zone, *at).substr(0, 16) : "", text_at(e, "action"), visible_line(preview.substr(0, preview.find('\n'))),
                          what_was(e), e.at("at_the_door").as_bool() ? " (it would have been stopped when it left)" : "");
      for (const auto& rule : e.at("rules").as_array()) text += fmt::format("    {} says {}: {}\n", text_at(rule, "rule"), text_at(rule, "says"), visible_line(text_at(rule, "because")));
      if (e.at("rules").as_array().empty()) text += "    no rule speaks now\n";
    }
  }
  text += fmt::format("\n{} as it was\n", number(told, "same"));
  if (const auto n = number(told, "unknown"); n > 0) text += count(n, "effect") + " could not be judged: 'steward journal compact' has shortened what they held\n";
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  const auto other = given.text("--with");
  std::error_code ignored;
  if (!other.empty() && !std::filesystem::exists(other, ignored)) return s.fail(error{"no_such_file", other, "the file is not there", "a rule's file, or a folder of them", ""});
  auto policies = other;
  if (!other.empty() && std::filesystem::exists(other + "/company.yaml", ignored)) policies = other + "/policies";  // a whole workspace
  const auto files = make_system_disk();
  const auto known = known_of(s.known);
  auto checked = check_folder(*files, *folder, known, policies);
  if (!checked.found.empty()) return s.fail(checked.found);
  const auto& space = checked.value;

  policy_replay_order order;
  order.zone = space.company.zone;
  if (given.has("--since")) {
    auto since = moment_since(given.text("--since"), s.now(), order.zone);
    if (!since) return s.fail(since.error());
    order.since = *since;
  }
  for (const auto& connector : known.connectors)
    for (const auto& action : connector.actions) order.actions[action.name] = action;
  std::vector<policy_definition> written;
  std::string names;
  for (const auto& [name, one] : space.policies) {
    written.push_back(one);
    if (written.size() <= 6) names += (names.empty() ? "" : ", ") + name;
  }
  if (written.size() > 6) names += " …";
  std::vector<std::string> types;
  for (const auto& [type, _] : space.entities) types.push_back(type);
  const auto rules = rule_book::make(written, space.company.zone, types);
  if (!rules) return s.fail(rules.error());

  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto told = replayed(**journal, *rules, order);
  if (!told) return s.fail(told.error());
  if (s.asked.as_json) {
    s.print_json(*told);
  } else {
    const auto which = count(std::int64_t(written.size()), "rule") + (names.empty() ? "" : " (" + names + ")");
    s.print(replay_text(*told, order.zone, which, order.since ? " since " + to_local_text(order.zone, *order.since) : "", s.out));
  }
  return int(told->at("effects").as_array().empty() ? exit_code::done : exit_code::differs);
}

}  // namespace

command policy_replay_command() {
  return {.name = "policy replay",
          .group = "Policies",
          .summary = "Judges everything that really happened by other rules: what would have been asked about, denied, let through?",
          .details = "Reads the journal alone; an engine may run meanwhile, and nothing is written. Each effect is judged with its arguments, recipients, entities, labels, counts and local "
                     "time of then, when it was proposed and again when it left. Without --with the rules in policies/ judge as they are now: edit one and see. "
                     "Exit code 0: nothing would have gone otherwise; 6: something would, and it is listed.",
          .examples = {"steward policy replay --since 30d", "steward policy replay --since 30d --with drafts/quiet_nights.yaml", "steward policy replay --with ../tryout/policies --json"},
          .words = {{"--since", "TIME", "a length of time such as 30d, a day, or a moment; default: everything", word::count::optional, {}, false},
                    {"--with", "PATH", "a rule's file, added to yours or in place of the one of its name; or a folder of rules instead of yours", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
