#include "runtime/expression/value.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "runtime/expression/times.hpp"
#include "runtime/expression/utf8.hpp"

namespace steward {
namespace {

constexpr std::array<std::string_view, 12> type_names{"null_type", "bool", "int", "uint", "double", "string", "bytes", "list", "map", "type",
                                                      "google.protobuf.Timestamp", "google.protobuf.Duration"};

/// As doubles, hence beyond 2^53 only as exact as those: so the specification's own tests have it (9223372036854775807 is not below 9223372036854775808.0).
template <class Whole>
std::partial_ordering compare_whole(Whole whole, double d) {
  return double(whole) <=> d;
}

std::partial_ordering reversed(std::partial_ordering o) { return o == std::partial_ordering::unordered ? o : 0 <=> o; }

std::partial_ordering compare_mixed(std::int64_t i, std::uint64_t u) {
  return i < 0 ? std::partial_ordering::less : std::partial_ordering(std::uint64_t(i) <=> u);
}

bool is_number(value_kind k) { return k == value_kind::integer || k == value_kind::unsigned_integer || k == value_kind::real; }

std::partial_ordering compare_numbers(const value& a, const value& b) {
  switch (a.kind()) {
    case value_kind::integer:
      if (b.is(value_kind::integer)) return a.integer() <=> b.integer();
      if (b.is(value_kind::unsigned_integer)) return compare_mixed(a.integer(), b.unsigned_integer());
      return compare_whole(a.integer(), b.real());
    case value_kind::unsigned_integer:
      if (b.is(value_kind::integer)) return reversed(compare_mixed(b.integer(), a.unsigned_integer()));
      if (b.is(value_kind::unsigned_integer)) return a.unsigned_integer() <=> b.unsigned_integer();
      return compare_whole(a.unsigned_integer(), b.real());
    default:
      if (b.is(value_kind::integer)) return reversed(compare_whole(b.integer(), a.real()));
      if (b.is(value_kind::unsigned_integer)) return reversed(compare_whole(b.unsigned_integer(), a.real()));
      return a.real() <=> b.real();
  }
}

/// The shortest text that reads back the same; an exponent only for the very large and the very small (as ECMAScript does).
std::string show(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-Infinity" : "Infinity";
  const auto size = std::abs(d);
  const auto format = d == 0 || (size >= 1e-6 && size < 1e21) ? std::chars_format::fixed : std::chars_format::scientific;
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, d, format).ptr};
}

}  // namespace

std::string base64_text(std::string_view octets) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= octets.size() ? letters[three >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> base64_octets(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  // The filling may be left out; where it stands it has to be right.
  const auto filling = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
  if (filling > 0 && text.size() % 4 != 0) return {};
  text.remove_suffix(filling);
  if (text.size() % 4 == 1) return {};
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int d = digit(c);
    if (d < 0) return {};
    bits = bits << 6 | std::uint32_t(d);
    if ((held += 6) >= 8) out += char(bits >> (held -= 8) & 0xFF);
  }
  return out;
}

std::string_view cel_type_name(value_kind kind) { return type_names[std::size_t(kind)]; }

value::value(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view seen = *owner;
  held_ = text_ref{seen, std::move(owner)};
}
value::value(list_items items) : held_(std::make_shared<const list_items>(std::move(items))) {}
value::value(map_entries entries) : held_(std::make_shared<const map_entries>(std::move(entries))) {}
value::value(time_point t) : held_(cel::make_timestamp(cel::nano_sum(t.time_since_epoch().count()) * 1'000).value_or(cel_timestamp{})) {}
value::value(duration d) : held_(cel::make_duration(cel::nano_sum(d.count()) * 1'000).value_or(cel_duration{})) {}

value value::bytes(std::string octets) {
  auto owner = std::make_shared<const std::string>(std::move(octets));
  const std::string_view seen = *owner;
  value v;
  v.held_ = bytes_ref{seen, std::move(owner)};
  return v;
}

value value::type(value_kind of) {
  value v;
  v.held_ = type_ref{of};
  return v;
}

value value::inside(const json& seen, const std::shared_ptr<const void>& owner) {
  value v;
  switch (seen.kind()) {
    case boost::json::kind::null: break;
    case boost::json::kind::bool_: v.held_ = seen.get_bool(); break;
    case boost::json::kind::int64: v.held_ = std::int64_t(seen.get_int64()); break;
    case boost::json::kind::uint64: {
      // A whole number of JSON is an int; only what an int can't hold becomes a uint.
      const std::uint64_t u = seen.get_uint64();
      if (u <= std::uint64_t(INT64_MAX)) v.held_ = std::int64_t(u);
      else v.held_ = u;
      break;
    }
    case boost::json::kind::double_: v.held_ = seen.get_double(); break;
    case boost::json::kind::string: v.held_ = text_ref{std::string_view(seen.get_string()), owner}; break;
    case boost::json::kind::array:
    case boost::json::kind::object: v.held_ = json_ref{&seen, owner}; break;
  }
  return v;
}

value value::view(const json& seen) { return inside(seen, nullptr); }
value value::copy_of(const json& seen) {
  const auto owner = std::make_shared<const json>(seen);
  return inside(*owner, owner);
}

value_kind value::kind() const noexcept {
  static constexpr std::array kinds{
      value_kind::null,    value_kind::boolean, value_kind::integer, value_kind::unsigned_integer,     value_kind::real, value_kind::text,
      value_kind::bytes,   value_kind::list,    value_kind::map,     value_kind::null /* see below */, value_kind::type, value_kind::timestamp,
      value_kind::duration};
  if (const auto* window = std::get_if<json_ref>(&held_)) return window->seen->is_array() ? value_kind::list : value_kind::map;
  return kinds[held_.index()];
}

std::size_t value::size() const {
  if (const auto* list = std::get_if<list_ref>(&held_)) return (*list)->size();
  if (const auto* map = std::get_if<map_ref>(&held_)) return (*map)->size();
  const auto& window = std::get<json_ref>(held_);
  return window.seen->is_array() ? window.seen->get_array().size() : window.seen->get_object().size();
}

value value::item(std::size_t i) const {
  if (const auto* list = std::get_if<list_ref>(&held_)) return (**list)[i];
  const auto& window = std::get<json_ref>(held_);
  return inside(window.seen->get_array()[i], window.owner);
}

value::list_items value::keys() const {
  list_items all;
  all.reserve(size());
  if (const auto* map = std::get_if<map_ref>(&held_)) {
    for (const auto& e : **map) all.push_back(e.key);
    return all;
  }
  const auto& window = std::get<json_ref>(held_);
  for (const auto& pair : window.seen->get_object()) {
    value& key = all.emplace_back();
    key.held_ = text_ref{std::string_view(pair.key()), window.owner};
  }
  return all;
}

value::map_entries value::entries() const {
  if (const auto* map = std::get_if<map_ref>(&held_)) return **map;
  map_entries all;
  all.reserve(size());
  const auto& window = std::get<json_ref>(held_);
  for (const auto& pair : window.seen->get_object()) {
    auto& e = all.emplace_back();
    e.key.held_ = text_ref{std::string_view(pair.key()), window.owner};
    e.what = inside(pair.value(), window.owner);
  }
  return all;
}

namespace {

void weigh_json(const json& v, work_meter& meter) {
  if (++meter.done, meter.spent()) return;
  if (const auto* text = v.if_string()) meter.done += text->size() / 16;
  else if (const auto* array = v.if_array())
    for (const auto& item : *array) weigh_json(item, meter);
  else if (const auto* object = v.if_object())
    for (const auto& pair : *object) weigh_json(pair.value(), meter);
}

}  // namespace

void value::weigh(work_meter& meter) const {
  if (++meter.done, meter.spent()) return;
  if (const auto* text = std::get_if<text_ref>(&held_)) meter.done += text->seen.size() / 16;
  else if (const auto* octets = std::get_if<bytes_ref>(&held_)) meter.done += octets->seen.size() / 16;
  else if (const auto* window = std::get_if<json_ref>(&held_)) weigh_json(*window->seen, meter);
  else if (const auto* list = std::get_if<list_ref>(&held_))
    for (const auto& item : **list) item.weigh(meter);
  else if (const auto* map = std::get_if<map_ref>(&held_))
    for (const auto& e : **map) e.key.weigh(meter), e.what.weigh(meter);
}

std::uint64_t value::lookup_cost() const {
  const auto* map = std::get_if<map_ref>(&held_);
  return map ? (*map)->size() / 8 : 0;
}

std::optional<value> value::find(std::string_view key) const {
  if (const auto* window = std::get_if<json_ref>(&held_)) {
    const auto* object = window->seen->if_object();
    const auto* found = object ? object->if_contains(key) : nullptr;
    if (!found) return {};
    return inside(*found, window->owner);
  }
  for (const auto& e : *std::get<map_ref>(held_))
    if (e.key.is(value_kind::text) && e.key.text() == key) return e.what;
  return {};
}

std::optional<value> value::find(const value& key) const {
  if (key.is(value_kind::text)) return find(key.text());
  if (std::holds_alternative<json_ref>(held_)) return {};  // JSON has only texts as keys.
  for (const auto& e : *std::get<map_ref>(held_))
    if (equal(e.key, key)) return e.what;
  return {};
}

bool value::is_owned() const {
  if (const auto* text = std::get_if<text_ref>(&held_)) return text->owner != nullptr;
  if (const auto* octets = std::get_if<bytes_ref>(&held_)) return octets->owner != nullptr;
  if (const auto* window = std::get_if<json_ref>(&held_)) return window->owner != nullptr;
  if (const auto* list = std::get_if<list_ref>(&held_)) return std::all_of((*list)->begin(), (*list)->end(), [](const value& v) { return v.is_owned(); });
  if (const auto* map = std::get_if<map_ref>(&held_))
    return std::all_of((*map)->begin(), (*map)->end(), [](const entry& e) { return e.key.is_owned() && e.what.is_owned(); });
  return true;
}

value value::owned() const {
  if (is_owned()) return *this;
  if (const auto* text = std::get_if<text_ref>(&held_)) return value(std::string(text->seen));
  if (const auto* octets = std::get_if<bytes_ref>(&held_)) return bytes(std::string(octets->seen));
  if (const auto* window = std::get_if<json_ref>(&held_)) return copy_of(*window->seen);
  if (const auto* list = std::get_if<list_ref>(&held_)) {
    list_items items;
    items.reserve((*list)->size());
    for (const auto& v : **list) items.push_back(v.owned());
    return value(std::move(items));
  }
  map_entries entries;
  for (const auto& e : *std::get<map_ref>(held_)) entries.push_back({e.key.owned(), e.what.owned()});
  return value(std::move(entries));
}

result<json> value::to_json() const {
  switch (kind()) {
    case value_kind::null: return json(nullptr);
    case value_kind::boolean: return json(boolean());
    case value_kind::integer: return json(integer());
    case value_kind::unsigned_integer:
      if (unsigned_integer() <= std::uint64_t(INT64_MAX)) return json(std::int64_t(unsigned_integer()));
      return json(unsigned_integer());
    case value_kind::real:
      if (!std::isfinite(real())) return error{"expression_error", "", "the number is " + show(real()) + ", which JSON can't say", "a finite number", ""};
      return json(real());
    case value_kind::text: return json(text());
    case value_kind::bytes: return json(base64_text(octets()));
    case value_kind::type: return json(cel_type_name(named_type()));
    case value_kind::timestamp: return json(cel::show(timestamp()));
    case value_kind::duration: return json(cel::show(length()));
    case value_kind::list:
    case value_kind::map: break;
  }
  if (const auto* window = std::get_if<json_ref>(&held_)) return *window->seen;
  if (const auto* list = std::get_if<list_ref>(&held_)) {
    boost::json::array array;
    array.reserve((*list)->size());
    for (const auto& v : **list) {
      auto item = v.to_json();
      if (!item) return item;
      array.push_back(std::move(*item));
    }
    return json(std::move(array));
  }
  boost::json::object object;
  for (const auto& e : *std::get<map_ref>(held_)) {
    auto item = e.what.to_json();
    if (!item) return item;
    const auto key = to_text(e.key).value_or("");  // keys are bool, int, uint or string: each has a text
    if (!object.emplace(key, std::move(*item)).second)
      return error{"expression_error", "", "two keys of a map have the text '" + key + "', and JSON has only texts as keys", "keys of one type", ""};
  }
  return json(std::move(object));
}

bool equal(const value& a, const value& b, work_meter* meter) {
  if (meter && (++meter->done, meter->spent())) return false;
  const auto left = a.kind(), right = b.kind();
  if (is_number(left) && is_number(right)) return compare_numbers(a, b) == std::partial_ordering::equivalent;
  if (left != right) return false;
  switch (left) {
    case value_kind::null: return true;
    case value_kind::boolean: return a.boolean() == b.boolean();
    case value_kind::text:
      if (meter) meter->done += a.text().size() / 16;
      return a.text() == b.text();
    case value_kind::bytes:
      if (meter) meter->done += a.octets().size() / 16;
      return a.octets() == b.octets();
    case value_kind::type: return a.named_type() == b.named_type();
    case value_kind::timestamp: return a.timestamp() == b.timestamp();
    case value_kind::duration: return a.length() == b.length();
    case value_kind::list: {
      const auto n = a.size();
      if (n != b.size()) return false;
      for (std::size_t i = 0; i < n; ++i)
        if (!equal(a.item(i), b.item(i), meter)) return false;
      return true;
    }
    case value_kind::map: {
      if (a.size() != b.size()) return false;
      if (meter && (meter->done += a.size(), meter->spent())) return false;
      for (const auto& mine : a.entries()) {
        if (meter && (meter->done += b.lookup_cost(), meter->spent())) return false;
        const auto theirs = b.find(mine.key);
        if (!theirs || !equal(mine.what, *theirs, meter)) return false;
      }
      return true;
    }
    default: return false;  // numbers: done above
  }
}

std::optional<std::partial_ordering> compare(const value& a, const value& b) {
  const auto left = a.kind(), right = b.kind();
  if (is_number(left) && is_number(right)) return compare_numbers(a, b);
  if (left != right) return {};
  switch (left) {
    case value_kind::boolean: return a.boolean() <=> b.boolean();
    case value_kind::text: return a.text() <=> b.text();
    case value_kind::bytes: return a.octets() <=> b.octets();
    case value_kind::timestamp: return a.timestamp() <=> b.timestamp();
    case value_kind::duration: return a.length() <=> b.length();
    default: return {};
  }
}

std::optional<std::string> to_text(const value& v) {
  switch (v.kind()) {
    case value_kind::boolean: return v.boolean() ? "true" : "false";
    case value_kind::integer: return std::to_string(v.integer());
    case value_kind::unsigned_integer: return std::to_string(v.unsigned_integer());
    case value_kind::real: return show(v.real());
    case value_kind::text: return std::string(v.text());
    case value_kind::bytes:
      if (!utf8::is_valid(v.octets())) return {};
      return std::string(v.octets());
    case value_kind::timestamp: return cel::show(v.timestamp());
    case value_kind::duration: return cel::show(v.length());
    default: return {};
  }
}

}  // namespace steward
