#include "runtime/expression/lexer.hpp"

#include <charconv>

#include <fmt/format.h>

#include "runtime/expression/utf8.hpp"

namespace steward::cel {
namespace {

struct sign {
  std::string_view text;
  token_kind kind;
};
// Longer ones first.
constexpr sign signs[] = {
    {"<=", token_kind::less_equal},  {">=", token_kind::greater_equal}, {"==", token_kind::equal},     {"!=", token_kind::not_equal},
    {"&&", token_kind::and_},        {"||", token_kind::or_},           {"(", token_kind::left_paren}, {")", token_kind::right_paren},
    {"[", token_kind::left_bracket}, {"]", token_kind::right_bracket},  {"{", token_kind::left_brace}, {"}", token_kind::right_brace},
    {".", token_kind::dot},          {",", token_kind::comma},          {":", token_kind::colon},      {"?", token_kind::question},
    {"+", token_kind::plus},         {"-", token_kind::minus},          {"*", token_kind::star},       {"/", token_kind::slash},
    {"%", token_kind::percent},      {"!", token_kind::not_},           {"<", token_kind::less},       {">", token_kind::greater},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// The value of `digits` characters in `base` at the head of `text`, or -1.
std::int64_t digits_value(std::string_view text, std::size_t digits, int base) {
  std::int64_t n = 0;
  if (text.size() < digits) return -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + digits, n, base);
  return ec == std::errc{} && end == text.data() + digits && text[0] != '-' ? n : -1;
}

}  // namespace

std::optional<double> read_real(std::string_view text) {
  double d = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), d);
  if (text.empty() || end != text.data() + text.size()) return {};
  if (ec == std::errc{}) return d;
  // No double comes near it, and from_chars does not say on which side: the place of its first digit that counts does.
  const auto mantissa = text.substr(0, text.find_first_of("eE"));
  const auto exponent = text.substr(std::min(mantissa.size() + 1, text.size()));
  const auto first = std::int64_t(mantissa.find_first_of("123456789")), dot = std::int64_t(std::min(mantissa.find('.'), mantissa.size()));
  std::int64_t shift = 0;
  const auto digits = exponent.substr(exponent.starts_with('+') ? 1 : 0);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), shift).ec == std::errc::result_out_of_range) shift = digits[0] == '-' ? INT32_MIN : INT32_MAX;
  if (dot - first + shift > 0) return {};
  return text[0] == '-' ? -0.0 : 0.0;
}

bool lexer::fail(std::size_t at, std::string found, std::string expected, std::string advice) {
  mistake_ = {at, std::move(found), std::move(expected), std::move(advice)};
  return false;
}

std::size_t lexer::reach() const { return at_ >= text_.size() ? text_.size() : at_ + utf8::width(text_, at_); }

void lexer::skip_blanks() {
  for (;;) {
    const char c = peek();
    if (at_ < text_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')) ++at_;
    else if (c == '/' && peek(1) == '/')
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    else return;
  }
}

bool lexer::next(token& out) {
  skip_blanks();
  out = token{};
  out.from = out.to = at_;
  if (at_ >= text_.size()) return true;
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(out);
  if (c == '"' || c == '\'') return quoted(out, false, false);
  if (c == '`') return quoted_name(out);
  if (starts_name(c)) {
    // r'…', b'…', br'…' in either case.
    std::size_t prefix = 0;
    bool raw = false, is_bytes = false;
    if ((c | 32) == 'b') is_bytes = true, ++prefix;
    if ((peek(prefix) | 32) == 'r') raw = true, ++prefix;
    if (prefix > 0 && (peek(prefix) == '"' || peek(prefix) == '\'')) {
      at_ += prefix;
      return quoted(out, raw, is_bytes);
    }
    while (starts_name(peek()) || is_digit(peek())) ++at_;
    out.decoded = std::string(text_.substr(out.from, at_ - out.from));
    out.to = at_;
    out.kind = out.decoded == "true" ? token_kind::true_ : out.decoded == "false" ? token_kind::false_ : out.decoded == "null" ? token_kind::null
               : out.decoded == "in" ? token_kind::in : token_kind::name;
    return true;
  }
  for (const auto& s : signs)
    if (text_.substr(at_).starts_with(s.text)) {
      at_ += s.text.size();
      out.to = at_;
      out.kind = s.kind;
      return true;
    }
  const auto shown = std::string(text_.substr(at_, utf8::width(text_, at_)));
  if (c == '=') return fail(at_, "a single '='", "'==' to compare", "CEL has no assignment");
  if (c == '&' || c == '|') return fail(at_, "a single '" + shown + "'", "'" + shown + shown + "'");
  return fail(at_, "the character '" + shown + "' means nothing here", "an expression of CEL");
}

bool lexer::number(token& out) {
  const auto from = at_;
  const auto finish = [&] {
    out.to = at_;
    if (starts_name(peek()) || is_digit(peek())) return fail(at_, fmt::format("'{}' right behind a number", peek()), "an operator or the end");
    return true;
  };
  if (peek() == '0' && (peek(1) | 32) == 'x') {
    at_ += 2;
    const auto [end, ec] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), out.magnitude, 16);
    if (ec == std::errc::result_out_of_range) return fail(from, "the number is too large", "at most 64 bits");
    if (end == text_.data() + at_) return fail(from, "0x without digits", "a hexadecimal number such as 0x1F");
    at_ = std::size_t(end - text_.data());
    out.kind = token_kind::integer;
  } else {
    while (is_digit(peek())) ++at_;
    bool real = false;
    if (peek() == '.' && is_digit(peek(1))) {
      real = true;
      for (++at_; is_digit(peek());) ++at_;
    }
    const std::size_t exponent = (peek() | 32) == 'e' ? (peek(1) == '+' || peek(1) == '-' ? 2 : 1) : 0;
    if (exponent && is_digit(peek(exponent))) {
      real = true;
      for (at_ += exponent; is_digit(peek());) ++at_;
    }
    if (real) {
      out.kind = token_kind::real;
      const auto number = read_real(text_.substr(from, at_ - from));
      if (!number) return fail(from, "the number is too large for a double", "at most 1.7976931348623157e308");
      out.real = *number;
      return finish();
    }
    out.kind = token_kind::integer;
    if (std::from_chars(text_.data() + from, text_.data() + at_, out.magnitude).ec != std::errc{})
      return fail(from, "the number is too large", "at most 64 bits", "Write it with a decimal point to get a double");
  }
  if ((peek() | 32) == 'u') {
    out.kind = token_kind::unsigned_integer;
    ++at_;
  }
  return finish();
}

bool lexer::quoted(token& out, bool raw, bool is_bytes) {
  out.kind = is_bytes ? token_kind::bytes : token_kind::text;
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  at_ += triple ? 3 : 1;
  for (;;) {
    if (at_ >= text_.size())
      return fail(out.from, "a text that never ends", fmt::format("a closing {}", triple ? std::string(3, quote) : std::string(1, quote)));
    const char c = peek();
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
      at_ += triple ? 3 : 1;
      out.to = at_;
      return true;
    }
    if (!triple && (c == '\n' || c == '\r'))
      return fail(out.from, "a text that goes on beyond its line", fmt::format("a closing {}", quote), "Write three quotes around a text of several lines");
    if (c == '\\' && !raw) {
      if (!escape(out, is_bytes)) return false;
    } else {
      out.decoded += c;
      ++at_;
    }
  }
}

bool lexer::escape(token& out, bool is_bytes) {
  static constexpr std::string_view plain = "abfnrtv\\?\"'`", means = "\a\b\f\n\r\t\v\\?\"'`";
  const auto from = at_++;
  const char c = peek();
  if (const auto i = plain.find(c); i != plain.npos && at_ < text_.size()) {
    out.decoded += means[i];
    ++at_;
    return true;
  }
  std::int64_t code = -1;
  std::size_t length = 0;
  if (c == 'x' || c == 'X') length = 3, code = digits_value(text_.substr(std::min(at_ + 1, text_.size())), 2, 16);
  else if (c == 'u' && !is_bytes) length = 5, code = digits_value(text_.substr(std::min(at_ + 1, text_.size())), 4, 16);
  else if (c == 'U' && !is_bytes) length = 9, code = digits_value(text_.substr(std::min(at_ + 1, text_.size())), 8, 16);
  else if (c >= '0' && c <= '3') length = 3, code = digits_value(text_.substr(at_), 3, 8);
  if (code < 0)
    return fail(from, fmt::format("'\\{}' is no escape", c == '\0' ? std::string_view{} : text_.substr(at_, utf8::width(text_, at_))),
                "\\n, \\t, \\\\, \\\", \\', \\xHH, \\uHHHH, \\UHHHHHHHH or \\OOO", "Write r\"…\" for a text in which a backslash is a backslash");
  at_ += length;
  if (is_bytes) {
    out.decoded += char(code);
  } else {
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return fail(from, "the escape names no character", "a code point of Unicode");
    utf8::append(out.decoded, std::uint32_t(code));
  }
  return true;
}

bool lexer::quoted_name(token& out) {
  out.kind = token_kind::quoted_name;
  const auto end = text_.find('`', at_ + 1);
  if (end == text_.npos) return fail(at_, "a name that never ends", "a closing `");
  out.decoded = std::string(text_.substr(at_ + 1, end - at_ - 1));
  if (out.decoded.empty()) return fail(at_, "an empty name", "a name between the two `");
  at_ = out.to = end + 1;
  return true;
}

}  // namespace steward::cel
