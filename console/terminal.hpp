/// What the operator sees: colours where a terminal shows them, and text from outside made honest.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace steward {

/// Turns emphasis into escape codes, or into nothing.
class paint {
public:
  explicit paint(bool colours = false) : colours_(colours) {}
  std::string bold(std::string_view text) const { return with("1", text); }
  std::string dim(std::string_view text) const { return with("2", text); }
  std::string good(std::string_view text) const { return with("32", text); }
  std::string bad(std::string_view text) const { return with("31", text); }
  std::string wait(std::string_view text) const { return with("33", text); }

private:
  std::string with(std::string_view code, std::string_view text) const;
  bool colours_;
};

/// `fd` is a terminal, and neither NO_COLOR nor --no-color is set.
bool wants_colours(int fd, bool no_color);
bool is_terminal(int fd);
/// `fd` is a terminal that can go back to the start of a line and clear it.
bool can_rewrite_lines(int fd);

/// Columns that the text takes: code points, which is right for all but wide scripts.
std::size_t columns(std::string_view text);
/// `text` at most `most` columns wide, on one line, cut with "…".
std::string shortened(std::string_view text, std::size_t most);
/// Broken into lines of at most `width` columns at blanks, each behind `indent`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);
/// `visible_text`, each line behind `mark`: for words that a stranger wrote. `columns_at_most` 0: lines are not cut.
std::string quoted(std::string_view text, std::string_view mark, std::size_t lines_at_most, std::size_t columns_at_most = 0);

/// Rows in columns as wide as they need, the last one free.
std::string table(const std::vector<std::vector<std::string>>& rows, const paint& p);

/// "3 min ago", "in 2 h", from microseconds.
std::string roughly(std::int64_t microseconds);

}  // namespace steward
