#include "runtime/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace steward {

namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// Does one of these eight bytes need an escape? A byte is below n when subtracting n borrows into its highest bit, and zero
/// after the exclusive or when it equals (Mycroft, 1987). May say yes for a plain byte behind one that does; never no for one.
bool one_needs_escape(const char* eight) {
  std::uint64_t word;
  std::memcpy(&word, eight, sizeof word);
  constexpr std::uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
  const auto equals = [&](char c) { return word ^ (ones * static_cast<unsigned char>(c)); };
  const auto below = [&](std::uint64_t w, std::uint64_t n) { return (w - ones * n) & ~w & high; };
  return (below(word, 0x20) | below(equals('"'), 1) | below(equals('\\'), 1)) != 0;
}

/// Where the first character from `at` on stands that needs an escape.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
  while (at + 8 <= text.size() && !one_needs_escape(text.data() + at)) at += 8;
  while (at < text.size() && !needs_escape(text[at])) ++at;
  return at;
}

}  // namespace

void append_canonical(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0;;) {
    const auto end = end_of_plain(text, at);
    out.append(text, at, end - at);
    if (end == text.size()) break;
    at = end + 1;
    switch (const char c = text[end]) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += digits[c >> 4];
        out += digits[c & 15];
    }
  }
  out += '"';
}

void append_key(std::string& out, std::string_view key) {
  append_canonical(out, key);
  out += ':';
}

void append_canonical(std::string& out, std::int64_t number) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, end);
}

void append_canonical(std::string& out, double number) {
  if (!std::isfinite(number)) throw error_thrown({"not_finite", "", "a number is not finite", "a finite number", ""});
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  const std::string_view text(buffer, std::size_t(end - buffer));
  out += text;
  // A double stays a double when it is read back: 1.0 and 1 are different values in CEL.
  if (text.find_first_of(".e") == text.npos) out += ".0";
}

void append_canonical(std::string& out, const json& value) {
  switch (value.kind()) {
    case boost::json::kind::null: out += "null"; break;
    case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case boost::json::kind::int64: append_canonical(out, std::int64_t(value.get_int64())); break;
    case boost::json::kind::uint64: {
      char buffer[24];
      out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value.get_uint64()).ptr);
      break;
    }
    case boost::json::kind::double_: append_canonical(out, value.get_double()); break;
    case boost::json::kind::string: append_canonical(out, std::string_view(value.get_string())); break;
    case boost::json::kind::array: {
      out += '[';
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!first) out += ',';
        first = false;
        append_canonical(out, item);
      }
      out += ']';
      break;
    }
    case boost::json::kind::object: {
      const auto& object = value.get_object();
      const auto by_key = [](const auto& a, const auto& b) { return std::string_view(a.key()) < std::string_view(b.key()); };
      bool first = true;
      const auto append = [&](const boost::json::key_value_pair& pair) {
        if (!first) out += ',';
        first = false;
        append_key(out, pair.key());
        append_canonical(out, pair.value());
      };
      out += '{';
      if (std::is_sorted(object.begin(), object.end(), by_key)) {  // what was written canonically is read in that order
        for (const auto& pair : object) append(pair);
      } else {
        std::vector<const boost::json::key_value_pair*> sorted;
        sorted.reserve(object.size());
        for (const auto& pair : object) sorted.push_back(&pair);
        std::sort(sorted.begin(), sorted.end(), [&](const auto* a, const auto* b) { return by_key(*a, *b); });
        for (const auto* pair : sorted) append(*pair);
      }
      out += '}';
      break;
    }
  }
}

std::string canonical(const json& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

namespace {

/// Boost keeps the last of two equal keys and reads 1e999 as infinity; a journal must do neither.
bool has_infinity(const json& value) {
  if (const auto* d = value.if_double()) return !std::isfinite(*d);
  if (const auto* a = value.if_array()) return std::any_of(a->begin(), a->end(), has_infinity);
  if (const auto* o = value.if_object())
    return std::any_of(o->begin(), o->end(), [](const auto& pair) { return has_infinity(pair.value()); });
  return false;
}

std::size_t keys_in(const json& value) {
  std::size_t count = 0;
  if (const auto* a = value.if_array())
    for (const auto& item : *a) count += keys_in(item);
  if (const auto* o = value.if_object())
    for (const auto& pair : *o) count += 1 + keys_in(pair.value());
  return count;
}

/// How many texts of valid JSON stand before a colon.
std::size_t keys_in(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = text.find('"'); i != text.npos; i = text.find('"', i)) {
    for (++i; text[i] != '"';) i += text[i] == '\\' ? 2 : 1;
    ++i;
    while (i < text.size() && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r')) ++i;
    count += i < text.size() && text[i] == ':';
  }
  return count;
}

/// Walks the text once and finds an object with the same key twice (the parser would drop the first silently).
class duplicate_key_finder {
public:
  explicit duplicate_key_finder(std::string_view text) : text_(text) {}
  std::string find() {
    std::vector<std::vector<std::string_view>> open;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '{') open.emplace_back();
      else if (c == '}') open.pop_back();
      else if (c == '"') {
        const auto from = ++i;
        while (i < text_.size() && text_[i] != '"') i += text_[i] == '\\' ? 2 : 1;
        const auto word = text_.substr(from, i - from);
        auto next = i + 1;
        while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\n' || text_[next] == '\t' || text_[next] == '\r')) ++next;
        if (next < text_.size() && text_[next] == ':' && !open.empty()) {
          auto& keys = open.back();
          if (std::find(keys.begin(), keys.end(), word) != keys.end()) return std::string(word);
          keys.push_back(word);
        }
      }
    }
    return {};
  }

private:
  std::string_view text_;
};

}  // namespace

result<json> parse_json(std::string_view text, boost::json::storage_ptr memory) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code ec;
  unsigned char nearby[2048];
  boost::json::stream_parser parser({}, options, nearby, sizeof nearby);
  parser.reset(std::move(memory));
  std::size_t used = parser.write_some(text.data(), text.size(), ec);
  if (!ec && used < text.size()) {
    while (used < text.size() && (text[used] == ' ' || text[used] == '\n' || text[used] == '\t' || text[used] == '\r')) ++used;
    if (used < text.size()) ec = boost::json::make_error_code(boost::json::error::extra_data);
  }
  if (!ec) parser.finish(ec);
  if (ec) {
    const auto before = text.substr(0, std::min(used, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column = before.size() - (before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1) + 1;
    return error{"bad_json", std::to_string(line) + ":" + std::to_string(column), "not JSON (" + ec.message() + ")", "JSON as RFC 8259 defines it", ""};
  }
  json value = parser.release();
  if (has_infinity(value)) return error{"bad_json", "", "a number is too large for a double", "finite numbers", ""};
  if (keys_in(text) != keys_in(value)) {  // The parser has dropped one.
    const auto key = duplicate_key_finder(text).find();
    return error{"duplicate_key", "", (key.empty() ? "a key" : "the key \"" + key + "\"") + std::string(" stands twice in one object"), "each key once", ""};
  }
  return value;
}

const json* at_path(const json& value, std::string_view path) {
  const json* here = &value;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const auto key = path.substr(0, dot);
    const auto* object = here->if_object();
    if (!object) return nullptr;
    here = object->if_contains(key);
    if (!here) return nullptr;
    path = dot == path.npos ? std::string_view{} : path.substr(dot + 1);
  }
  return here;
}

std::string text_at(const json& object, std::string_view key, std::string_view otherwise) {
  const auto* found = at_path(object, key);
  if (found && found->is_string()) return std::string(found->get_string());
  return std::string(otherwise);
}

}  // namespace steward
