#include "config/yaml_syntax.hpp"

#include <algorithm>

namespace steward {
namespace {

std::string_view line_text(const std::string& text, const std::vector<std::size_t>& lines, std::size_t line) {
  const auto end = line + 1 < lines.size() ? lines[line + 1] - 1 : text.size();
  return std::string_view(text).substr(lines[line], end - lines[line]);
}

std::string_view bare(std::string_view line) {
  const auto from = std::min(line.find_first_not_of(" \t-"), line.size());
  auto rest = line.substr(from);
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\t' || rest.back() == '\r')) rest.remove_suffix(1);
  return rest;
}

bool is_blank(std::string_view line) { return bare(line).empty() || bare(line)[0] == '#'; }

std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

bool has_key(std::string_view line) {
  const auto rest = bare(line);
  return rest.find(": ") != rest.npos || rest.ends_with(':');
}

/// Where the value behind the first `key: ` begins, or npos.
std::size_t value_in(std::string_view line) {
  const auto colon = line.find(": ");
  return colon == line.npos ? colon : line.find_first_not_of(' ', colon + 1);
}

}  // namespace

syntax_trouble explain_syntax(const std::string& text, const std::vector<std::size_t>& lines, std::size_t line, std::size_t column, std::string_view message) {
  // A tab that indents is behind the oddest messages: look for one first.
  for (std::size_t i = 0; i <= line; ++i) {
    const auto here = line_text(text, lines, i);
    const auto first = here.find_first_not_of(" \t");
    const auto tab = here.substr(0, std::min(first, here.size())).find('\t');
    if (first != here.npos && tab != here.npos) return {"yaml_tab", lines[i] + tab, "the line is indented with a tab", "spaces", "Replace each tab by two spaces"};
  }
  const auto here = line_text(text, lines, line);
  const auto stopped = std::min(lines[line] + column, text.size());
  const auto value = value_in(here);

  // An unquoted ${ ends at its brace inside [ ] or { }.
  for (std::size_t i = line < 2 ? 0 : line - 2; i <= line; ++i) {
    const auto candidate = line_text(text, lines, i);
    for (auto at = candidate.find("${"); at != candidate.npos; at = candidate.find("${", at + 2))
      if (at > 0 && (candidate[at - 1] == ' ' || candidate[at - 1] == '[') && candidate.find_first_of("[{") < at)
        return {"yaml_syntax", lines[i] + at, "a text with ${} stands here without quotes", "quotes around it, because { and } mean a map to YAML", "Write \"${...}\""};
  }
  if (message.find("unknown token") != message.npos && column < here.size())
    return {"yaml_syntax", stopped, "a text can't begin with '" + std::string(1, here[column]) + "' in YAML", "quotes around it", "Put the text in quotes"};
  if (message.find("flow not found") != message.npos) {
    const bool map = message.find("map") != message.npos;
    // The bracket is what was forgotten; the parser only notices at the end. Point at the last one that opened.
    std::size_t open = stopped;
    int depth = 0;
    for (std::size_t i = std::min(stopped, text.size()); i-- > 0;) {
      const char c = text[i];
      if (c == '}' || c == ']') ++depth;
      if (c == '{' || c == '[') {
        if (depth == 0) {
          open = i;
          break;
        }
        --depth;
      }
    }
    return {"yaml_syntax", open, map ? "the map that opens here with { is not closed as it should" : "the list that opens here with [ is not closed as it should",
            map ? "key: value, separated by commas, and then }" : "items separated by commas, and then ]", "Look for a missing comma, quote or bracket"};
  }
  if (message.find("illegal map value") != message.npos || message.find("end of map not found") != message.npos) {
    std::size_t before = line;
    while (before > 0 && is_blank(line_text(text, lines, before - 1))) --before;
    if (before > 0) {
      const auto above = line_text(text, lines, before - 1);
      if (!has_key(above) && above.find_first_of("[{\"'") == above.npos && indent_of(above) <= indent_of(here) && bare(above) == above.substr(indent_of(above)))
        return {"yaml_syntax", lines[before - 1] + indent_of(above), "'" + std::string(bare(above)) + "' has no ':'", "key: value", "Write a ': ' behind the key"};
      if (value_in(above) != above.npos && indent_of(here) > indent_of(above) && bare(above) == above.substr(indent_of(above)))
        return {"yaml_syntax", lines[line] + indent_of(here), "this key is indented below a key that already has a value", "keys of one map at the same indentation",
                "Indent it like the line above"};
    }
    if (value != here.npos && here.find(": ", value) != here.npos)
      return {"yaml_syntax", lines[line] + value, "a text with ': ' in it stands here without quotes", "quotes around it, because ': ' ends a key", "Put the text in quotes"};
    return {"yaml_syntax", stopped, "this line does not fit in with the lines above it", "keys of one map at the same indentation", "Indent it like its neighbours"};
  }
  if (message.find("end of sequence not found") != message.npos || message.find("illegal block entry") != message.npos)
    return {"yaml_syntax", stopped, "this line does not fit in with the list above it", "items of one list at the same indentation, each with '- '", "Indent it like its neighbours"};
  return {"yaml_syntax", stopped, "YAML can't be read here (" + std::string(message) + ")", "", "Look at quotes, brackets and indentation of this line and the one above"};
}

std::size_t left_over(std::string_view text, std::size_t from) {
  for (auto at = from; at < text.size(); ++at) {
    const char c = text[at];
    const bool line_start = at == 0 || text[at - 1] == '\n';
    if (c == '#' && (line_start || text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '\n')) {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (line_start && text.substr(at).starts_with("...")) {
      at += 2;
      continue;
    }
    if (std::string_view(" \t\r\n{}[],:").find(c) == std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

}  // namespace steward
