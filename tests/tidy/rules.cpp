/// The table of rules, and how a line is let off one of them.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <tuple>

namespace steward::tidy {

const std::vector<rule>& all_rules() {
  static const std::vector<rule> table{
      {"arrows", "the tree is the architecture: console -> {config, actors, connectors, policies} -> runtime", check_arrows},
      {"caf", "agents, policies and state machines stay plain C++, testable without an actor system", check_caf},
      {"time", "72 hours must pass in a test before you lift your finger", check_time},
      {"chance", "every failure can be repeated with one seed", check_chance},
      {"purity", "what calls no clock, no chance and no I/O can be replayed, shadowed and tested free of charge", check_purity},
      {"sleeps", "a test that sleeps is slow on a good day and wrong on a bad one", check_sleeps},
      {"purpose", "the reader learns in one sentence whether this is the file", check_purpose},
      {"length", "a file fits an afternoon's reading", check_length},
      {"leftovers", "what is not done is an issue, not a comment", check_leftovers},
      {"machine_paths", "the project runs on machines that have other folders", check_machine_paths},
      {"error_pages", "`steward explain <code>` has an answer for every code", check_error_pages},
      {"glossary", "one concept, one name", check_glossary},
      {"promises", "someone who reads only the names of the tests knows what we guarantee", check_promises},
      {"links", "a link in the documents leads somewhere", check_links},
  };
  return table;
}

namespace {

bool lets_off(std::string_view line, const std::string& rule) {
  constexpr std::size_t a_reason = 12;  // letters; shorter than this is a shrug
  const auto at = line.find("tidy allows " + rule + ": ");
  return at != line.npos && line.size() - at >= rule.size() + 14 + a_reason;
}

}  // namespace

findings check(const tree& files) {
  findings all;
  for (const auto& rule : all_rules()) {
    findings some;
    rule.check(files, some);
    for (auto& f : some) {
      f.rule = rule.name;
      all.push_back(std::move(f));
    }
  }
  for (const auto& file : files) {
    std::vector<std::string_view> lines{""};
    for_each_line(file.text, [&](int, std::string_view line) { lines.push_back(line); });
    std::erase_if(all, [&](const finding& f) {
      if (f.path != file.path || f.line < 1 || f.line >= int(lines.size())) return false;
      return lets_off(lines[f.line], f.rule) || lets_off(lines[f.line - 1], f.rule);
    });
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return std::tie(a.path, a.line) < std::tie(b.path, b.line); });
  return all;
}

std::string to_sentence(const finding& f) {
  std::string because;
  for (const auto& rule : all_rules())
    if (f.rule == rule.name) because = rule.because;
  return f.path + ":" + std::to_string(f.line) + ": " + f.says + ". " + f.way_out + ". (" + f.rule + ": " + because + ")";
}

}  // namespace steward::tidy
