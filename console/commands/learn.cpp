/// `steward learn`: what your rejections and changes teach, and the rules that would have spared you some.
#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/moment.hpp"
#include "runtime/coordination/lessons.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

result<learnt> lessons_of(reader& journal, time_point since) {
  lesson_reader student(since);
  std::optional<error> failed;
  event_query all;
  all.limit = SIZE_MAX;
  const auto read = journal.each(all, [&](const record& stored) {
    const auto e = typed(stored);
    if (!e) failed = e.error();
    else student.take(e->first, e->second, stored.state == body_state::whole);
    return !failed;
  });
  if (failed) return *failed;
  if (!read) return read.error();
  return student.told();
}

std::string names(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& one : list) text += (text.empty() ? "" : ", ") + visible_line(one);
  return text;
}

/// For the shell: what stands in it is one word, whatever is in it.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string learnt_text(const learnt& all, const std::string& zone, const paint& p) {
  if (all.lessons.empty()) return "Nothing was rejected with a reason, and nothing was changed.\n";
  std::string out;
  for (const auto& l : all.lessons) out += p.bold(fmt::format("{:<8}", l.approval)) + " " + p.dim(to_local_text(zone, l.at).substr(0, 16)) + "  " + shortened(memory_of(l).text, 100) + "\n";
  for (const auto& proposed : all.rules) {
    out += "\n" + p.bold("A rule") + fmt::format(", from {}:\n\n", names(proposed.from));
    const auto yaml = to_yaml(proposed.rule);
    out += quoted(yaml, "  ", 100) + "\n  steward learn --write " + proposed.rule.name + "\n";
  }
  for (const auto& wish : all.preferences)
    out += "\n" + p.bold("A preference") + fmt::format(", from {}:\n  {}: {}\n  steward memory add --scope operator --about {} {}\n", names(wish.from), visible_line(wish.about), wish.text, shell_word(visible_line(wish.about)), shell_word(wish.text));
  return out;
}

int write_rule(invocation& s, const std::string& folder, const learnt& all, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& proposed : all.rules) {
    known.push_back(proposed.rule.name);
    if (proposed.rule.name != name) continue;
    const auto path = "policies/" + name + ".yaml";
    auto files = make_system_disk();
    if (files->exists(folder + "/" + path)) return s.fail(error{"already_there", path, "the file is there already", "a name that is free", "Change the file, or remove it first"});
    const auto text = "# Learnt from " + names(proposed.from) + ". Try it: steward policy replay --since 30d\n" + to_yaml(proposed.rule);
    if (auto written = files->write(folder + "/" + path, text); !written) return s.fail(written.error());
    if (s.asked.as_json) s.print_json(boost::json::object{{"wrote", path}, {"rule", to_json(proposed.rule)}});
    else s.print("Wrote " + path + "\n");
    s.note("Next:\n  steward policy replay --since 30d    what it would have stopped\n  steward check                        it counts from the next start of the engine");
    return invocation::done();
  }
  const auto near = nearest_name(name, known);
  return s.fail(error{"unknown_policy", "--write", "no lesson proposes a rule '" + name + "'", known.empty() ? "a rule that 'steward learn' shows, but there is none" : "one of " + names(known),
                      near.empty() ? "" : "Did you mean '" + near + "'?"});
}

int act(const arguments& given, invocation& s) {
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  const auto company = s.company();
  if (!company) return s.fail(company.error());
  const auto since = given.has("--since") ? moment_since(given.text("--since"), s.now(), (*company)->parts.manifests.company.zone) : result<time_point>(time_point{});
  if (!since) return s.fail(since.error());
  auto journal = s.journal();
  if (!journal) return s.fail(journal.error());
  const auto all = lessons_of(**journal, *since);
  if (!all) return s.fail(all.error());
  if (given.has("--write")) return write_rule(s, *folder, *all, given.text("--write"));
  if (s.asked.as_json) s.print_json(to_json(*all));
  else s.print(learnt_text(*all, (*company)->parts.manifests.company.zone, s.out));
  return invocation::done();
}

}  // namespace

command learn_command() {
  return {.name = "learn",
          .group = "Decide",
          .summary = "Shows what your rejections and changes teach, and proposes rules from those that came again",
          .details = "Each rejection with a reason and each change is remembered by itself, in the scope 'operator'; a role recalls it if its may_know names that scope. "
                     "A domain that you rejected twice gives a rule, a field that you changed twice to the same value a preference. Nothing comes into force by itself: --write puts a rule into policies/.",
          .examples = {"steward learn", "steward learn --since 30d", "steward learn --write learnt_mailbox_send_example_com"},
          .words = {{"--since", "TIME", "a length of time such as 30d, a day, or a moment; default: everything", word::count::optional, {}, false},
                    {"--write", "NAME", "put the proposed rule of that name into policies/", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
