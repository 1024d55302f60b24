#include "runtime/error.hpp"

#include <algorithm>
#include <ostream>
#include <vector>

namespace steward {

std::string to_sentence(const error& e) {
  std::string text;
  if (!e.where.empty()) text += e.where + ": ";
  text += e.found;
  if (!text.empty() && text.back() != '.') text += '.';
  if (!e.expected.empty()) text += " Expected " + e.expected + (e.expected.back() == '.' ? "" : ".");
  if (!e.advice.empty()) text += " " + e.advice + (e.advice.back() == '.' || e.advice.back() == '?' ? "" : ".");
  if (!e.code.empty()) text += " [" + e.code + "]";
  return text;
}

std::ostream& operator<<(std::ostream& out, const error& e) { return out << to_sentence(e); }

error_thrown::error_thrown(error e) : std::runtime_error(to_sentence(e)), error_(std::move(e)) {}

void throw_exception_from_error(const error& e, const boost::source_location&) { throw error_thrown(e); }

fault as_fault(fault_kind kind, const error& e) {
  error bare = e;
  bare.code.clear();
  return {kind, e.code, to_sentence(bare)};
}

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t cap) {
  constexpr std::size_t word_bytes_most = 200;  // Nobody mistypes more, and the work grows with the square.
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() >= cap || b.size() > word_bytes_most) return cap;
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t i = 0; i <= a.size(); ++i) row[i] = i;
  for (std::size_t j = 1; j <= b.size(); ++j) {
    std::size_t diagonal = row[0];
    row[0] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[i];
      row[i] = std::min({row[i] + 1, row[i - 1] + 1, change});
    }
  }
  return std::min(row.back(), cap);
}

}  // namespace steward
