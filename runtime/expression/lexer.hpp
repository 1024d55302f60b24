/// Cuts CEL's text into tokens, one at a time; literals arrive decoded.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace steward::cel {

enum class token_kind {
  end, name, quoted_name, integer, unsigned_integer, real, text, bytes, true_, false_, null, in,
  left_paren, right_paren, left_bracket, right_bracket, left_brace, right_brace, dot, comma, colon, question,
  plus, minus, star, slash, percent, not_, less, less_equal, greater, greater_equal, equal, not_equal, and_, or_,
};

struct token {
  token_kind kind = token_kind::end;
  std::size_t from = 0;        // bytes of the text
  std::size_t to = 0;
  std::string decoded;         // name, quoted_name, text, bytes
  std::uint64_t magnitude = 0; // integer (the sign is an operator), unsigned_integer
  double real = 0;
};

/// What went wrong, and the byte where.
struct mistake {
  std::size_t at = 0;
  std::string found, expected, advice;
};

/// A decimal number as the nearest double; what is too small is 0, what is too large is none.
std::optional<double> read_real(std::string_view text);

class lexer {
public:
  lexer(std::string_view text, std::size_t from) : text_(text), at_(from) {}
  /// False: see what_went_wrong().
  bool next(token& out);
  const mistake& what_went_wrong() const { return mistake_; }
  /// The byte behind everything looked at so far.
  std::size_t reach() const;

private:
  bool fail(std::size_t at, std::string found, std::string expected, std::string advice = {});
  void skip_blanks();
  bool number(token& out);
  bool quoted(token& out, bool raw, bool is_bytes);
  bool escape(token& out, bool is_bytes);
  bool quoted_name(token& out);
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string_view text_;
  std::size_t at_;
  mistake mistake_;
};

}  // namespace steward::cel
