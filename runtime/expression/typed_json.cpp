#include "runtime/expression/typed_json.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "runtime/expression/times.hpp"

namespace steward {
namespace {

struct type_row {
  std::string_view name;
  value_kind kind;
};
constexpr type_row types[] = {
    {"null_type", value_kind::null}, {"bool", value_kind::boolean}, {"int", value_kind::integer}, {"uint", value_kind::unsigned_integer},
    {"double", value_kind::real},    {"string", value_kind::text},  {"bytes", value_kind::bytes}, {"list", value_kind::list},
    {"map", value_kind::map},        {"type", value_kind::type},    {"timestamp", value_kind::timestamp}, {"duration", value_kind::duration},
};

std::string_view short_name(value_kind kind) {
  for (const auto& row : types)
    if (row.kind == kind) return row.name;
  return {};
}

const type_row* row_named(std::string_view name) {
  for (const auto& row : types)
    if (row.name == name) return &row;
  return nullptr;
}

json payload(const value& v) {
  switch (v.kind()) {
    case value_kind::null: return nullptr;
    case value_kind::boolean: return v.boolean();
    case value_kind::text: return json(v.text());
    case value_kind::bytes: return json(base64_text(v.octets()));
    case value_kind::type: return json(cel_type_name(v.named_type()));
    case value_kind::real:
      if (std::isfinite(v.real())) return v.real();
      break;
    case value_kind::list: {
      boost::json::array items;
      for (std::size_t i = 0; i < v.size(); ++i) items.push_back(to_typed_json(v.item(i)));
      return items;
    }
    case value_kind::map: {
      boost::json::array entries;
      for (const auto& e : v.entries()) entries.push_back(boost::json::array{to_typed_json(e.key), to_typed_json(e.what)});
      return entries;
    }
    default: break;
  }
  return json(*to_text(v));  // numbers beyond JSON's, times
}

/// Reads one typed value; the path grows while it walks down.
class reader_of_types {
public:
  result<value> read(const json& tree, const std::string& path) {
    const auto* object = tree.if_object();
    if (!object) return wrong(path, "a value that says no type", "{\"type\": …, \"value\": …}");
    for (const auto& pair : *object)
      if (pair.key() != "type" && pair.key() != "value") return wrong(path, fmt::format("the key '{}'", std::string_view(pair.key())), "type and value");
    const auto* name = object->if_contains("type");
    const auto* row = name && name->is_string() ? row_named(std::string_view(name->get_string())) : nullptr;
    if (!row) {
      std::string all;
      for (const auto& t : types) all += (all.empty() ? "one of " : ", ") + std::string(t.name);
      return wrong(path.empty() ? "type" : path + ".type", name ? "the type " + canonical(*name) : "no type", all);
    }
    const auto* held = object->if_contains("value");
    const auto at = path.empty() ? std::string("value") : path + ".value";
    if (!held && row->kind != value_kind::null) return wrong(at, "no value", fmt::format("a value of type {}", row->name));
    return read_kind(row->kind, held ? *held : json(nullptr), at);
  }

private:
  static error wrong(const std::string& path, std::string found, std::string expected) { return {"bad_input", path, std::move(found), std::move(expected), ""}; }

  template <class Whole>
  static std::optional<Whole> whole(const json& held) {
    Whole n{};
    const auto text = held.is_string() ? std::string(std::string_view(held.get_string())) : held.is_number() ? canonical(held) : std::string();
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return {};
    return n;
  }

  static std::optional<double> real(const json& held) {
    if (held.is_number()) return held.to_number<double>();
    if (!held.is_string()) return {};
    const std::string_view text(held.get_string());
    if (text == "NaN") return std::nan("");
    if (text == "Infinity") return HUGE_VAL;
    if (text == "-Infinity") return -HUGE_VAL;
    return {};
  }

  result<value> read_kind(value_kind kind, const json& held, const std::string& at) {
    const auto expected = [&](std::string_view what) { return wrong(at, "the value " + canonical(held).substr(0, 40), std::string(what)); };
    const auto text = held.is_string() ? std::optional(std::string_view(held.get_string())) : std::nullopt;
    switch (kind) {
      case value_kind::null:
        if (held.is_null()) return value();
        return expected("null");
      case value_kind::boolean:
        if (held.is_bool()) return value(held.get_bool());
        return expected("true or false");
      case value_kind::integer:
        if (const auto n = whole<std::int64_t>(held)) return value(*n);
        return expected("an int as text, such as \"-7\"");
      case value_kind::unsigned_integer:
        if (const auto n = whole<std::uint64_t>(held)) return value(*n);
        return expected("a uint as text, such as \"7\"");
      case value_kind::real:
        if (const auto d = real(held)) return value(*d);
        return expected("a number, or \"NaN\", \"Infinity\", \"-Infinity\"");
      case value_kind::text:
        if (text) return value(std::string(*text));
        return expected("a text");
      case value_kind::bytes:
        if (text)
          if (auto octets = base64_octets(*text)) return value::bytes(std::move(*octets));
        return expected("bytes in base64");
      case value_kind::timestamp:
        if (text)
          if (const auto t = cel::read_timestamp(*text)) return value(*t);
        return expected("a time in RFC 3339, such as \"2026-11-21T09:30:00Z\"");
      case value_kind::duration:
        if (text)
          if (const auto d = cel::read_duration(*text)) return value(*d);
        return expected("a length of time such as \"3.5s\"");
      case value_kind::type:
        if (text)
          for (const auto& row : types)
            if (*text == row.name || *text == cel_type_name(row.kind)) return value::type(row.kind);
        return expected("the name of a type, such as \"int\"");
      case value_kind::list: return list(held, at);
      case value_kind::map: return map(held, at);
    }
    return expected("a value");
  }

  result<value> list(const json& held, const std::string& at) {
    const auto* array = held.if_array();
    if (!array) return wrong(at, "no array", "an array of typed values");
    value::list_items items;
    for (const auto& one : *array) {
      auto item = read(one, fmt::format("{}[{}]", at, items.size()));
      if (!item) return item;
      items.push_back(std::move(*item));
    }
    return value(std::move(items));
  }

  result<value> map(const json& held, const std::string& at) {
    const auto* array = held.if_array();
    if (!array) return wrong(at, "no array", "an array of [key, value] pairs of typed values");
    value::map_entries entries;
    for (const auto& one : *array) {
      const auto here = fmt::format("{}[{}]", at, entries.size());
      const auto* pair = one.if_array();
      if (!pair || pair->size() != 2) return wrong(here, "no pair", "[key, value]");
      auto key = read((*pair)[0], here + "[0]");
      if (!key) return key;
      if (!key->is(value_kind::text) && !key->is(value_kind::integer) && !key->is(value_kind::unsigned_integer) && !key->is(value_kind::boolean))
        return wrong(here + "[0]", fmt::format("a key of type {}", cel_type_name(key->kind())), "a string, an int, a uint or a bool");
      for (const auto& known : entries)
        if (equal(known.key, *key)) return wrong(here + "[0]", fmt::format("the key '{}' stands twice in one map", to_text(*key).value_or("?")), "each key once");
      auto what = read((*pair)[1], here + "[1]");
      if (!what) return what;
      entries.push_back({std::move(*key), std::move(*what)});
    }
    return value(std::move(entries));
  }
};

}  // namespace

json to_typed_json(const value& v) { return boost::json::object{{"type", short_name(v.kind())}, {"value", payload(v)}}; }

result<value> from_typed_json(const json& tree) { return reader_of_types().read(tree, ""); }

}  // namespace steward
