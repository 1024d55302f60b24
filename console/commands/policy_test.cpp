/// `steward policy test [FILE]`: runs the tables of cases beside the rules. Works on the workspace's files alone.
#include <fmt/format.h>

#include "config/check.hpp"
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

std::string names(std::vector<std::string> all) {
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ", ") + one;
  return text.empty() ? "no rule" : text;
}

/// What was wanted and what came, and what each rule that spoke said.
std::string difference(const policy_case_result& r, const paint& p) {
  std::string text;
  if (r.answer != r.wanted) text += fmt::format("      {} then: {}\n      {} then: {}\n", p.bad("-"), to_word(r.wanted), p.good("+"), to_word(r.answer));
  std::vector<std::string> spoke;
  for (const auto& one : r.spoke) spoke.push_back(one.rule);
  if (r.wanted_to_speak && names(*r.wanted_to_speak) != names(spoke))
    text += fmt::format("      {} speaks: {}\n      {} speaks: {}\n", p.bad("-"), names(*r.wanted_to_speak), p.good("+"), names(spoke));
  for (const auto& one : r.spoke) text += p.dim(fmt::format("        {} says {}: {}", one.rule, to_word(one.says), visible_line(one.because))) + "\n";
  return text;
}

int act(const arguments& given, invocation& s) {
  const auto folder = s.workspace();
  if (!folder) return s.fail(folder.error());
  const auto files = make_system_disk();
  const auto known = known_of(s.known);
  auto checked = check_folder(*files, *folder, known);
  if (!checked.found.empty()) return s.fail(checked.found);
  const auto& space = checked.value;

  auto tables = space.policy_tables;
  if (const auto wanted = given.text("FILE"); !wanted.empty()) {
    std::vector<std::string> paths;
    for (const auto& [path, _] : tables) paths.push_back(path);
    const auto is_it = [&](const std::string& path) { return wanted == path || wanted.ends_with("/" + path) || path == "policies/" + wanted || path == "policies/" + wanted + ".test.yaml"; };
    std::erase_if(tables, [&](const auto& one) { return !is_it(one.first); });
    if (tables.empty()) {
      const auto near = nearest_name(wanted, paths);
      return s.fail(error{"no_such_file", wanted, "there is no such table here", "a file policies/NAME.test.yaml", near.empty() ? "" : "Did you mean '" + near + "'?"});
    }
  }
  std::vector<std::string> types;
  for (const auto& [type, _] : space.entities) types.push_back(type);
  std::map<std::string, action_manifest> actions;
  for (const auto& connector : known.connectors)
    for (const auto& action : connector.actions) actions[action.name] = action;

  std::size_t passed = 0, failed = 0;
  boost::json::array told;
  for (const auto& [path, table] : tables) {
    const auto name = path.substr(path.rfind('/') + 1);
    const auto own = space.policies.find(name.substr(0, name.find('.')));
    std::vector<policy_definition> policies;
    for (const auto& [_, one] : space.policies)
      if (own == space.policies.end() || own->first == one.name) policies.push_back(one);
    const auto rules = rule_book::make(policies, space.company.zone, types);
    if (!rules) return s.fail(rules.error());
    const auto cases = space.sources.at(path)->root().at("cases");
    std::size_t of_table = 0;
    std::string differences;
    for (std::size_t i = 0; i < table.cases.size(); ++i) {
      const auto came = judge_case(*rules, table.cases[i], space.company.zone, actions);
      ++(came.passed ? passed : failed);
      of_table += came.passed;
      auto row = to_json(came).as_object();
      row["where"] = cases.item(i).where();
      told.push_back(std::move(row));
      if (!came.passed) differences += fmt::format("  {} {}  {}\n{}", s.out.bad("✗"), visible_line(came.name), s.out.dim(cases.item(i).where()), difference(came, s.out));
    }
    if (!s.asked.as_json) s.print(fmt::format("{} {}  {} of {} as wanted\n{}", of_table == table.cases.size() ? s.out.good("✓") : s.out.bad("✗"), path, of_table, table.cases.size(), differences));
  }
  if (s.asked.as_json) s.print_json(boost::json::object{{"passed", std::int64_t(passed)}, {"failed", std::int64_t(failed)}, {"cases", std::move(told)}});
  else if (tables.empty()) s.note("There is no table yet: write policies/NAME.test.yaml beside a rule.");
  return int(failed == 0 ? exit_code::done : exit_code::refused);
}

}  // namespace

command policy_test_command() {
  return {.name = "policy test",
          .group = "Policies",
          .summary = "Runs the tables of cases beside the rules",
          .details = "A table is a file policies/NAME.test.yaml: each case gives what conditions see (action, role, arguments, recipients, customer, now …) and says what the rules "
                     "must answer, and which of them speak. A table with the name of a rule is about that rule alone, any other about all of them together. No engine, no journal. Exit code 0 when all cases are as wanted, 1 when one is not.",
          .examples = {"steward policy test", "steward policy test policies/quiet_nights.test.yaml", "steward policy test quiet_nights --json"},
          .words = {{"FILE", "", "one table; default all of them", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
