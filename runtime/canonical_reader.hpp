/// Reads described structs straight from canonical JSON text, without a tree. For described.hpp only.
///
/// It knows only what this program itself writes: keys in their order, no white space, plain ASCII texts without escapes. Of
/// anything else it says no, and the caller takes the way through the tree, which knows all of JSON and says what is wrong.
#pragma once
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace steward {

class canonical_reader {
public:
  explicit canonical_reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}
  bool at_end() const { return at_ == end_; }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (std::size_t(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  /// The characters of a plain text.
  bool text(std::string_view& out) {
    if (!take('"')) return false;
    const auto* from = at_;
    while (at_ != end_ && static_cast<signed char>(*at_) >= 0x20 && *at_ != '"' && *at_ != '\\') ++at_;  // bytes beyond ASCII are negative
    out = {from, std::size_t(at_ - from)};
    return take('"');
  }

  template <std::integral T>
  bool number(T& out) {
    const auto* from = at_;
    const auto [end, trouble] = std::from_chars(at_, end_, out);
    if (trouble != std::errc{} || end == end_ || (*end != ',' && *end != '}' && *end != ']')) return false;
    const auto* first = from + (*from == '-');
    if (*first == '0' && (end - first > 1 || first != from)) return false;  // 01 is no JSON, and -0 no canonical one
    at_ = end;
    return true;
  }

  /// The text of any value, which is whole when brackets and quotes say so; whether it is JSON its parser must say.
  bool value(std::string_view& out) {
    const auto* from = at_;
    int depth = 0;
    for (; at_ != end_; ++at_) {
      const char c = *at_;
      if (c == '"') {
        for (++at_; at_ != end_ && *at_ != '"'; ++at_)
          if (*at_ == '\\' && ++at_ == end_) return false;
        if (at_ == end_) return false;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        --depth;
      } else if (c == ',' && depth == 0) {
        break;
      }
    }
    out = {from, std::size_t(at_ - from)};
    return depth == 0 && !out.empty();
  }

private:
  const char* at_;
  const char* end_;
};

}  // namespace steward
