#include "console/terminal.hpp"

#include <cstdint>
#include <cstdlib>

#include <unistd.h>

#include "runtime/visible_text.hpp"

#include <fmt/format.h>

namespace steward {

std::string paint::with(std::string_view code, std::string_view text) const { return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text); }

bool is_terminal(int fd) { return isatty(fd) == 1; }

bool can_rewrite_lines(int fd) {
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && !(term && std::string_view(term) == "dumb");
}

bool wants_colours(int fd, bool no_color) {
  const char* said = std::getenv("NO_COLOR");
  return !no_color && !(said && *said) && can_rewrite_lines(fd);
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++n;
  return n;
}

std::string shortened(std::string_view text, std::size_t most) {
  const auto line = visible_line(text);
  if (columns(line) <= most) return line;
  std::size_t end = 0, seen = 0;
  while (end < line.size()) {
    std::size_t next = end + 1;
    while (next < line.size() && (static_cast<unsigned char>(line[next]) & 0xc0) == 0x80) ++next;
    if (seen + 1 >= most) break;
    end = next;
    ++seen;
  }
  return line.substr(0, end) + "…";
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  const auto shown = visible_text(text);
  std::string_view rest = shown;
  while (!rest.empty()) {
    const auto break_at = rest.find('\n');
    std::string_view line = rest.substr(0, break_at);
    rest = break_at == std::string_view::npos ? std::string_view{} : rest.substr(break_at + 1);
    std::string current(indent);
    std::size_t used = 0;
    while (!line.empty()) {
      const auto blank = line.find(' ');
      const auto piece = line.substr(0, blank);
      line = blank == std::string_view::npos ? std::string_view{} : line.substr(blank + 1);
      const auto needs = columns(piece);
      if (used > 0 && used + 1 + needs > width) {
        out += current + "\n";
        current = std::string(indent);
        used = 0;
      }
      if (used > 0) current += ' ', ++used;
      current += piece;
      used += needs;
    }
    out += current + "\n";
  }
  return out;
}

std::string quoted(std::string_view text, std::string_view mark, std::size_t lines_at_most, std::size_t columns_at_most) {
  std::string out;
  const auto shown = visible_text(text);
  std::string_view rest = shown;
  std::size_t lines = 0, left_out = 0;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (lines < lines_at_most) out += std::string(mark) + (columns_at_most ? shortened(line, columns_at_most) : std::string(line)) + "\n", ++lines;
    else ++left_out;
  }
  if (left_out > 0) out += fmt::format("{}… {} more line{}\n", mark, left_out, left_out == 1 ? "" : "s");
  return out;
}

std::string table(const std::vector<std::vector<std::string>>& rows, const paint& p) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], columns(row[i]));
    }
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      line += rows[r][i];
      if (i + 1 < rows[r].size()) line += std::string(widths[i] - columns(rows[r][i]) + 2, ' ');
    }
    out += (r == 0 ? p.dim(line) : line) + "\n";
  }
  return out;
}

std::string roughly(std::int64_t microseconds) {
  const bool past = microseconds < 0;
  // To the nearest unit: three days less a moment are 3 days, not 2.
  const auto in = [amount = past ? -microseconds : microseconds](std::int64_t seconds) { return (amount + seconds * 500'000) / (seconds * 1'000'000); };
  const auto text = in(1) < 60      ? fmt::format("{} s", in(1))
                    : in(60) < 120  ? fmt::format("{} min", in(60))
                    : in(3600) < 48 ? fmt::format("{} h", in(3600))
                                    : fmt::format("{} days", in(86400));
  return past ? text + " ago" : "in " + text;
}

}  // namespace steward
