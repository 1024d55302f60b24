/// Words: every error code has its page, types use the glossary's names, tests are named as promises.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "tests/tidy/rules.hpp"

namespace steward::tidy {
namespace {

bool is_code_word(std::string_view word) {
  return word.size() > 2 && word.front() >= 'a' && word.front() <= 'z' &&
         std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

int line_of(std::string_view text, std::size_t at) { return 1 + int(std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n')); }

/// The text of the plain string literal at `at`, which is its opening quote.
std::string_view literal_at(std::string_view text, std::size_t at) {
  const auto end = at < text.size() && text[at] == '"' ? text.find('"', at + 1) : text.npos;
  return end == text.npos ? std::string_view() : text.substr(at + 1, end - at - 1);
}

/// The code made at `at`, just behind `error`, `error_thrown` or `fault`: `{"code",`, `e({"code",`, `{fault_kind::data, "code",`.
std::string_view code_made_at(std::string_view text, std::size_t at) {
  at = skip_spaces(text, at);
  at = skip_spaces(text, at + name_at(text, at).size());
  const auto opening = at;
  while (at < text.size() && (text[at] == '(' || text[at] == '{')) {
    at = skip_spaces(text, at + 1);
    const auto name = name_at(text, at);
    if (name == "error") at = skip_spaces(text, at + name.size());
    if (name == "fault_kind") at = skip_spaces(text, std::min(text.find(',', at), text.size() - 1) + 1);
  }
  if (at == opening) return {};
  const auto word = literal_at(text, at);
  const auto next = skip_spaces(text, at + word.size() + 2);
  return is_code_word(word) && next < text.size() && text[next] == ',' ? word : std::string_view();
}

}  // namespace

void check_error_pages(const tree& files, findings& out) {
  std::set<std::string, std::less<>> pages, written, quoted;
  for (const auto& file : files)
    if (file.is_below("docs/errors") && file.path.ends_with(".md")) written.insert(file.path.substr(12, file.path.size() - 15));
  pages = written;
  for (const auto& file : files) {
    if (!file.is_cpp() || file.is_test() || file.is_below("examples") || file.is_below("bench")) continue;
    const std::string_view text = file.spoken;
    for (auto at = text.find('"'); at != text.npos; at = text.find('"', at + 1))
      if (const auto word = literal_at(text, at); is_code_word(word)) quoted.emplace(word);
    const auto must_have_page = [&](std::string_view code, std::size_t at) {
      if (!code.empty() && pages.insert(std::string(code)).second)  // said once, not at every place
        out.push_back({file.path, line_of(text, at), "", "makes the error '" + std::string(code) + "', which has no page",
                       "Write docs/errors/" + std::string(code) + ".md: what it means, an example, what to do"});
    };
    for (const std::string_view maker : {"error", "error_thrown", "fault"})
      for (auto at = find_word(text, maker); at != text.npos; at = find_word(text, maker, at + 1)) must_have_page(code_made_at(text, at + maker.size()), at);
    for (auto at = text.find(".code = \""); at != text.npos; at = text.find(".code = \"", at + 1)) must_have_page(literal_at(text, at + 8), at);
  }
  for (const auto& page : written)
    if (!quoted.contains(page))
      out.push_back({"docs/errors/" + page + ".md", 1, "", "explains '" + page + "', which nothing in the sources says", "Remove the page, or mend its name"});
}

void check_glossary(const tree& files, findings& out) {
  // The words that the glossary says a thing is *not* called, where they would make a second name. General words of the trade
  // (log, view, message) are left alone.
  static const std::map<std::string_view, std::string_view> called{
      {"job", "run"},           {"session", "run"},   {"pipeline", "workflow"},     {"persona", "role"},
      {"bot", "role"},          {"worker", "agent"},  {"plugin", "connector"},      {"integration", "connector"},
      {"guardrail", "policy"},  {"quota", "budget"},  {"taint", "labels"},          {"rollback", "undo"},
      {"admin", "operator"},    {"user", "operator"}, {"confirmation", "approval"}, {"notification", "card"},
      {"project", "workspace"}, {"peer", "node"},     {"side_effect", "effect"},    {"tool_call", "effect"},
      {"activity", "effect"},
  };
  for (const auto& file : files) {
    if (!file.is_cpp()) continue;
    for (const std::string_view keyword : {"class", "struct"}) {
      for (auto at = find_word(file.code, keyword); at != std::string::npos; at = find_word(file.code, keyword, at + 1)) {
        const auto name = name_at(file.code, skip_spaces(file.code, at + keyword.size()));
        for (const auto& [word, better] : called) {
          const bool is_word = name == word || (name.size() > word.size() && name.ends_with(word) && name[name.size() - word.size() - 1] == '_');
          if (is_word)
            out.push_back({file.path, line_of(file.code, at), "", "the type '" + std::string(name) + "' uses the word '" + std::string(word) + "'",
                           "The glossary (docs/GLOSSARY.md) calls it '" + std::string(better) + "'; if this is another thing, give it a name of its own"});
        }
      }
    }
  }
}

void check_promises(const tree& files, findings& out) {
  constexpr std::string_view opening = "TEST_CASE(\"";
  std::map<std::string, std::string> seen;  // folder and name -> where
  for (const auto& file : files) {
    if (!file.path.ends_with(".test.cpp")) continue;
    for (auto at = file.spoken.find(opening); at != std::string::npos; at = file.spoken.find(opening, at + 1)) {
      const auto name = literal_at(file.spoken, at + opening.size() - 1);
      const auto line = line_of(file.spoken, at);
      if (std::count(name.begin(), name.end(), ' ') < 2)
        out.push_back({file.path, line, "", "the test \"" + std::string(name) + "\" promises nothing", "Say what holds: subject, verb, condition"});
      const auto [first, fresh] = seen.emplace(std::string(file.folder()) + "|" + std::string(name), file.path + ":" + std::to_string(line));
      if (!fresh)
        out.push_back(
            {file.path, line, "", "the promise \"" + std::string(name) + "\" is given twice, first at " + first->second, "Say what sets the two apart"});
    }
  }
}

}  // namespace steward::tidy
