/// The project's text as the rules see it: files with their comments and strings blanked where a rule asks for that.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace steward::tidy {

struct source_file {
  std::string path;    // from the root: "runtime/clock.hpp"
  std::string text;    // as it is
  std::string spoken;  // C++: comments blanked, strings kept; others: the text
  std::string code;    // C++: comments and the insides of strings blanked; others: the text

  source_file(std::string path, std::string text);
  bool is_cpp() const;   // a .hpp or .cpp
  bool is_test() const;  // *.test.cpp, *_test.hpp, or below tests/
  bool is_below(std::string_view folder) const;
  std::string_view folder() const;  // "runtime/journal"
};

using tree = std::vector<source_file>;

/// Reads every text file of the project; not build/, hidden folders or what the machine keeps elsewhere.
tree read_tree(const std::string& root);

using line_sink = std::function<void(int line, std::string_view text)>;
void for_each_line(std::string_view text, const line_sink& sink);

/// The position of `word` in `text` where it is no part of a longer name, or npos.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0);
/// The name (letters, digits, underscores) that begins at `at`; empty if there is none.
std::string_view name_at(std::string_view text, std::size_t at);
std::size_t skip_spaces(std::string_view text, std::size_t at);

}  // namespace steward::tidy
