/// Says in the operator's words what a YAML parser trips over, and where the slip really is.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace steward {

struct syntax_trouble {
  std::string code;    // yaml_syntax | yaml_tab
  std::size_t offset;  // in bytes of the file; often before the place where the parser gave up
  std::string found;
  std::string expected;
  std::string advice;
};

/// `line` and `column` count from 0 and are where the parser stopped with `message`.
syntax_trouble explain_syntax(const std::string& text, const std::vector<std::size_t>& lines, std::size_t line, std::size_t column, std::string_view message);

/// The first thing after `from` that is neither white space nor comment nor a closing bracket, or npos.
std::size_t left_over(std::string_view text, std::size_t from);

}  // namespace steward
