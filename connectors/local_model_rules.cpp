#include "connectors/local_model_rules.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "connectors/text_rank.hpp"
#include "runtime/visible_text.hpp"

namespace steward {

struct label_rules::rule {
  struct test {
    std::string shown;               // as it stands in the prompt
    std::vector<std::string> words;  // of a keyword, in lower case
    std::unique_ptr<re2::RE2> pattern;  // of a /pattern/; linear in the text, whoever wrote it
  };
  std::string label;
  std::vector<test> tests;  // empty: fits always
  int line = 0;
};

namespace {

using rule = label_rules::rule;

constexpr std::size_t text_max = 200'000;  // bytes that are looked through: a label shows in the first pages or not at all

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 60 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

/// The tests behind `label:`, separated by commas; /…/ and "…" may hold commas.
result<std::vector<rule::test>> read_tests(std::string_view text, const std::string& where) {
  std::vector<rule::test> out;
  const auto fail = [&](std::string found, std::string expected) { return error{"bad_prompt", where, std::move(found), std::move(expected), ""}; };
  for (text = trimmed(text); !text.empty();) {
    rule::test one;
    std::string_view inside;
    std::size_t end;
    if (text.front() == '/' || text.front() == '"') {
      end = text.find(text.front(), 1);
      while (end != text.npos && text.front() == '/' && text[end - 1] == '\\') end = text.find('/', end + 1);
      if (end == text.npos) return fail("'" + std::string(text) + "' is never closed", std::string("a ") + text.front() + " behind it");
      inside = text.substr(1, end - 1);
      ++end;
    } else {
      end = std::min(text.find(','), text.size());
      inside = trimmed(text.substr(0, end));
    }
    one.shown = inside;
    if (inside.empty()) return fail("a keyword is empty", "words between the commas");
    if (text.front() == '/') {
      re2::RE2::Options options(re2::RE2::Quiet);
      options.set_case_sensitive(false);
      options.set_one_line(false);
      one.pattern = std::make_unique<re2::RE2>("(?m)" + one.shown, options);
      if (!one.pattern->ok()) return fail(fmt::format("the pattern /{}/ can't be read: {}", one.shown, one.pattern->error()), "a pattern in RE2's syntax, such as /invoice\\s+\\d+/");
    } else {
      one.words = words_of_text(inside);
      if (one.words.empty()) return fail("the keyword '" + one.shown + "' holds no word of two letters or more", "a word, or a /pattern/");
    }
    out.push_back(std::move(one));
    text = trimmed(text.substr(end));
    if (text.empty()) break;
    if (text.front() != ',') return fail("'" + std::string(text) + "' stands behind a keyword", "a comma between them");
    text = trimmed(text.substr(1));
  }
  return out;
}

bool holds_words(const std::vector<std::string>& words, const std::vector<std::string>& wanted) {
  return std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

}  // namespace

result<label_rules> label_rules::parse(std::string_view text, const std::string& name, int first_line) {
  auto rules = std::make_shared<std::vector<rule>>();
  const bool has_heading = text.starts_with("## labels\n") || text.find("\n## labels\n") != text.npos;
  bool reading = !has_heading;
  int line = first_line - 1;
  const auto where = [&] { return fmt::format("{}:{}", name, line); };
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto full = trimmed(text.substr(at, end - at));
    at = end + 1;
    ++line;
    if (full.starts_with("## ")) {
      reading = !has_heading || full == "## labels";
      continue;
    }
    if (!reading || full.empty() || full.front() == '#') continue;
    const auto colon = full.find(':');
    const auto label = trimmed(full.substr(0, colon));
    if (colon == full.npos || !is_label(label))
      return error{"bad_prompt", where(), "'" + std::string(front_of(full, 80)) + "' is no rule", "label: keyword, \"two words\", /pattern/",
                   has_heading ? "" : "Put sentences for a language model above a heading '## labels'"};
    if (!rules->empty() && rules->back().tests.empty())
      return error{"bad_prompt", where(), "a rule stands behind '" + rules->back().label + ": *', which takes every text", "the rule with * to be the last", ""};
    rule one{.label = std::string(label), .line = line};
    const auto tests = trimmed(full.substr(colon + 1));
    if (tests.empty()) return error{"bad_prompt", where(), "the label '" + one.label + "' has no keyword", "keywords, a /pattern/ or *", ""};
    if (tests != "*") {
      auto read = read_tests(tests, where());
      if (!read) return read.error();
      one.tests = std::move(*read);
    }
    rules->push_back(std::move(one));
  }
  if (rules->empty() || !rules->back().tests.empty())
    return error{"bad_prompt", where(), "no rule takes the texts that fit no keyword", "a last line such as 'other: *'", ""};
  label_rules out;
  out.name_ = name;
  out.rules_ = std::move(rules);
  return out;
}

classified label_rules::judge(const std::vector<std::string>& texts) const {
  std::string all;
  for (const auto& text : texts) {
    all += cleaned_text(front_of(text, text_max - std::min(all.size(), text_max)));
    all += '\n';
    if (all.size() >= text_max) break;
  }
  const auto words = words_of_text(all);
  for (const auto& r : *rules_) {
    if (r.tests.empty()) return classified{r.label, fmt::format("line {}: no other rule fits", r.line)};
    for (const auto& t : r.tests) {
      if (!t.pattern) {
        if (holds_words(words, t.words)) return classified{r.label, fmt::format("line {}: the text holds '{}'", r.line, t.shown)};
        continue;
      }
      const bool fits = re2::RE2::PartialMatch(all, *t.pattern);
      if (fits) return classified{r.label, fmt::format("line {}: the text fits /{}/", r.line, t.shown)};
    }
  }
  return {};  // never reached: the last rule takes every text
}

std::vector<std::string> label_rules::labels() const {
  std::vector<std::string> out;
  for (const auto& r : *rules_)
    if (std::find(out.begin(), out.end(), r.label) == out.end()) out.push_back(r.label);
  return out;
}

}  // namespace steward
