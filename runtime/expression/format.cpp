/// text.format([…]) with %s %d %f %e %b %o %x %X, and strings.quote().
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/expression/functions.hpp"
#include "runtime/expression/utf8.hpp"

namespace steward::cel {
namespace {

constexpr int decimals_most = 1'000;

/// One format() while it writes.
class writer {
public:
  explicit writer(call& c) : c_(c), pattern_(c.arguments[0].text()) {}

  bool run() {
    for (std::size_t at = 0; at < pattern_.size();) {
      const auto percent = pattern_.find('%', at);
      out_ += pattern_.substr(at, percent - at);
      if (percent == pattern_.npos) break;
      at = percent + 1;
      if (at < pattern_.size() && pattern_[at] == '%') {
        out_ += '%';
        ++at;
      } else if (!clause(at)) {
        return false;
      }
      if (!room()) return false;
    }
    c_.work = work_ + out_.size() / 16;
    return c_.give(value(std::move(out_)));
  }

private:
  bool room() { return c_.affords(work_ + out_.size() / 16); }

  bool clause(std::size_t& at) {
    int decimals = 6;
    if (at < pattern_.size() && pattern_[at] == '.') {
      decimals = 0;
      for (++at; at < pattern_.size() && pattern_[at] >= '0' && pattern_[at] <= '9'; ++at) decimals = std::min(decimals * 10 + (pattern_[at] - '0'), decimals_most + 1);
      if (decimals > decimals_most) return c_.fail("the format asks for too many decimals", fmt::format("at most {}", decimals_most));
    }
    if (at >= pattern_.size()) return c_.fail("the format ends behind a %", "%s, %d, %f, %e, %b, %o, %x, %X, or %% for the sign itself");
    const char letter = pattern_[at];
    const auto width = utf8::width(pattern_, at);
    if (std::string_view("sdfeboxX").find(letter) == std::string_view::npos)
      return c_.fail(fmt::format("the format has a %{}", pattern_.substr(at, width)), "%s, %d, %f, %e, %b, %o, %x, %X, or %% for the sign itself");
    at += width;
    if (next_ >= c_.arguments[1].size())
      return c_.fail(fmt::format("the format asks for value {}, but the list has {}", next_ + 1, c_.arguments[1].size()), "a value for each %");
    const auto v = c_.arguments[1].item(next_++);
    switch (letter) {
      case 's': return text(v);
      case 'd': return decimal(v);
      case 'f':
      case 'e': return real(v, letter, decimals);
      default: return bits(v, letter);
    }
  }

  bool wrong(const value& v, char letter, std::string_view expected) {
    return c_.fail(fmt::format("%{} is given a value of type {}", letter, cel_type_name(v.kind())), std::string(expected));
  }

  bool text(const value& v) {
    ++work_;
    if (!room()) return false;
    switch (v.kind()) {
      case value_kind::null: out_ += "null"; return true;
      case value_kind::type: out_ += cel_type_name(v.named_type()); return true;
      case value_kind::list: {
        out_ += '[';
        for (std::size_t i = 0; i < v.size(); ++i) {
          if (i > 0) out_ += ", ";
          if (!text(v.item(i))) return false;
        }
        out_ += ']';
        return true;
      }
      case value_kind::map: return map(v);
      default: {
        const auto shown = to_text(v);
        if (!shown) return c_.fail("the bytes are not UTF-8", "bytes that are a text");
        out_ += *shown;
        return true;
      }
    }
  }

  /// By the text of the keys, so that equal maps give equal texts.
  bool map(const value& v) {
    if (!c_.affords(work_ += v.size())) return false;
    std::vector<std::pair<std::string, value>> sorted;
    for (auto& e : v.entries()) sorted.emplace_back(to_text(e.key).value_or(""), std::move(e.what));
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out_ += '{';
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      out_ += (i > 0 ? ", " : "") + sorted[i].first + ": ";
      if (!text(sorted[i].second)) return false;
    }
    out_ += '}';
    return true;
  }

  bool decimal(const value& v) {
    if (v.is(value_kind::real) && std::isfinite(v.real())) return wrong(v, 'd', "an int or a uint");
    if (!v.is(value_kind::integer) && !v.is(value_kind::unsigned_integer) && !v.is(value_kind::real)) return wrong(v, 'd', "an int or a uint");
    out_ += *to_text(v);
    return true;
  }

  bool real(const value& v, char letter, int decimals) {
    double d = 0;
    if (v.is(value_kind::real)) d = v.real();
    else if (v.is(value_kind::integer)) d = double(v.integer());
    else if (v.is(value_kind::unsigned_integer)) d = double(v.unsigned_integer());
    else return wrong(v, letter, "a number");
    if (!std::isfinite(d)) out_ += *to_text(value(d));
    else out_ += letter == 'f' ? fmt::format("{:.{}f}", d, decimals) : fmt::format("{:.{}e}", d, decimals);
    return true;
  }

  bool bits(const value& v, char letter) {
    const bool hex = letter == 'x' || letter == 'X';
    if (hex && (v.is(value_kind::text) || v.is(value_kind::bytes))) {
      const auto octets = v.is(value_kind::text) ? v.text() : v.octets();
      if (!c_.affords(work_ += octets.size() / 8)) return false;
      for (const char c : octets) out_ += letter == 'x' ? fmt::format("{:02x}", static_cast<unsigned char>(c)) : fmt::format("{:02X}", static_cast<unsigned char>(c));
      return true;
    }
    std::uint64_t size = 0;
    bool below_zero = false;
    if (v.is(value_kind::unsigned_integer)) size = v.unsigned_integer();
    else if (v.is(value_kind::integer)) below_zero = v.integer() < 0, size = below_zero ? 0 - std::uint64_t(v.integer()) : std::uint64_t(v.integer());
    else if (letter == 'b' && v.is(value_kind::boolean)) size = v.boolean();
    else return wrong(v, letter, hex ? "an int, a uint, a string or bytes" : letter == 'b' ? "an int, a uint or a bool" : "an int or a uint");
    if (below_zero) out_ += '-';
    out_ += letter == 'x' ? fmt::format("{:x}", size) : letter == 'X' ? fmt::format("{:X}", size) : letter == 'o' ? fmt::format("{:o}", size) : fmt::format("{:b}", size);
    return true;
  }

  call& c_;
  const std::string_view pattern_;
  std::string out_;
  std::size_t next_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace

bool format(call& c) {
  if (!c.arguments[0].is(value_kind::text) || !c.arguments[1].is(value_kind::list)) return c.no_overload("a string, and a list of what stands in it");
  return writer(c).run();
}

bool quote(call& c) {
  static constexpr std::string_view plain = "\a\b\f\n\r\t\v\\\"", letters = "abfnrtv\\\"";
  if (!c.arguments[0].is(value_kind::text)) return c.no_overload("a string");
  const auto in = c.arguments[0].text();
  c.work = in.size() / 8;
  std::string out = "\"";
  for (std::size_t at = 0; at < in.size();) {
    const auto width = utf8::width(in, at);
    if (const auto i = plain.find(in[at]); i != plain.npos) out.append(1, '\\').append(1, letters[i]);
    else if (utf8::is_valid(in.substr(at, width))) out += in.substr(at, width);
    else utf8::append(out, 0xFFFD);
    at += width;
  }
  out += '"';
  return c.give(value(std::move(out)));
}

}  // namespace steward::cel
