/// A struct is described once (BOOST_DESCRIBE_STRUCT) and gets canonical JSON, parsing with good errors, and equality.
/// Schema (runtime/schema) and CAF's inspect (runtime/hosting) come from the same description.
#pragma once
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/canonical_reader.hpp"
#include "runtime/clock.hpp"
#include "runtime/description.hpp"
#include "runtime/error.hpp"
#include "runtime/json.hpp"
#include "runtime/money.hpp"

namespace steward {

/// The same order as `members_by_name`: each key as it stands in the text, `"name":`.
template <described_struct T>
const auto& keys_by_name() {
  static const auto keys = [] {
    std::array<std::string, boost::mp11::mp_size<members_of<T>>::value> all;
    std::size_t i = 0;
    for (const auto& [name, index] : members_by_name<T>()) append_key(all[i++], name);
    return all;
  }();
  return keys;
}

template <class T>
void append_json(std::string& out, const T& value);

/// Appends a described struct as a JSON object. With `extra_key` the object has one member more, a text, at its place in the order.
template <described_struct T>
void append_members(std::string& out, const T& value, std::string_view extra_key = {}, std::string_view extra_text = {}) {
  out += '{';
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ',';
    first = false;
  };
  const auto extra = [&] {
    comma();
    append_key(out, extra_key);
    append_canonical(out, extra_text);
    extra_key = {};
  };
  constexpr std::size_t count = boost::mp11::mp_size<members_of<T>>::value;
  if constexpr (count > 0) {
    const auto& members = members_by_name<T>();
    const auto& keys = keys_by_name<T>();
    for (std::size_t place = 0; place < count; ++place) {
      if (!extra_key.empty() && extra_key < members[place].first) extra();
      boost::mp11::mp_with_index<count>(members[place].second, [&](auto i) {
        using descriptor = boost::mp11::mp_at<members_of<T>, decltype(i)>;
        const auto& member = value.*descriptor::pointer;
        if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>::value) {
          if (!member) return;
        }
        comma();
        out += keys[place];
        append_json(out, member);
      });
    }
  }
  if (!extra_key.empty()) extra();
  out += '}';
}

/// Appends the canonical JSON text of `value`. A missing std::optional is left out, which keeps events small.
template <class T>
void append_json(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) out += value ? "true" : "false";
  else if constexpr (std::is_same_v<T, json>) append_canonical(out, value);
  else if constexpr (std::is_same_v<T, boost::json::object>) append_canonical(out, json(value, value.storage()));
  else if constexpr (is_shared<T>::value) append_json(out, *value);
  else if constexpr (described_enum<T>) append_canonical(out, to_word(value));
  else if constexpr (std::is_integral_v<T>) append_canonical(out, std::int64_t(value));
  else if constexpr (std::is_floating_point_v<T>) append_canonical(out, double(value));
  else if constexpr (std::is_convertible_v<T, std::string_view>) append_canonical(out, std::string_view(value));
  else if constexpr (std::is_same_v<T, time_point> || std::is_same_v<T, duration> || std::is_same_v<T, money>) append_canonical(out, std::string_view(to_text(value)));
  else if constexpr (is_optional<T>::value) {
    if (value) append_json(out, *value);
    else out += "null";
  } else if constexpr (is_vector<T>::value || is_text_set<T>::value) {
    out += '[';
    bool first = true;
    for (const auto& item : value) {
      if (!first) out += ',';
      first = false;
      append_json<typename T::value_type>(out, item);
    }
    out += ']';
  } else if constexpr (is_text_map<T>::value) {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : value) {
      if (!first) out += ',';
      first = false;
      append_canonical(out, std::string_view(key));
      out += ':';
      append_json(out, item);
    }
    out += '}';
  } else if constexpr (is_named<T>::value) {
    out += '{';
    append_canonical(out, std::string_view(value.name));
    out += ':';
    append_json(out, value.value);
    out += '}';
  } else {
    static_assert(described_struct<T>, "describe the struct with BOOST_DESCRIBE_STRUCT to give it JSON");
    append_members(out, value);
  }
}

template <class T>
std::string to_json_text(const T& value) {
  std::string out;
  append_json(out, value);
  return out;
}

/// The value as a JSON tree.
template <class T>
json to_json(const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, json> || std::is_same_v<T, boost::json::object>) return json(value);
  else if constexpr (is_shared<T>::value) return to_json(*value);
  else if constexpr (described_enum<T>) return json(to_word(value));
  else if constexpr (std::is_integral_v<T>) return json(std::int64_t(value));
  else if constexpr (std::is_floating_point_v<T>) return json(double(value));
  else if constexpr (std::is_convertible_v<T, std::string_view>) return json(std::string_view(value));
  else if constexpr (std::is_same_v<T, time_point> || std::is_same_v<T, duration> || std::is_same_v<T, money>) return json(to_text(value));
  else if constexpr (is_optional<T>::value) return value ? to_json(*value) : json(nullptr);
  else if constexpr (is_vector<T>::value || is_text_set<T>::value) {
    boost::json::array array;
    array.reserve(value.size());
    for (const auto& item : value) array.push_back(to_json<typename T::value_type>(item));
    return array;
  } else if constexpr (is_text_map<T>::value) {
    boost::json::object object;
    for (const auto& [key, item] : value) object[key] = to_json(item);
    return object;
  } else if constexpr (is_named<T>::value) {
    boost::json::object object;
    object[value.name] = to_json(value.value);
    return object;
  } else {
    static_assert(described_struct<T>, "describe the struct with BOOST_DESCRIBE_STRUCT to give it JSON");
    boost::json::object object;
    object.reserve(boost::mp11::mp_size<members_of<T>>::value);
    for_each_member<T>([&](auto d) {
      const auto& member = value.*d.pointer;
      if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>::value) {
        if (!member) return;
      }
      object.emplace(outside_name(d.name), to_json(member));
    });
    return object;
  }
}

namespace detail {
inline error mismatch(const std::string& where, const json& found, std::string expected) {
  std::string shown = canonical(found);
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  return {"wrong_type", where, "found " + shown, std::move(expected), ""};
}
}  // namespace detail

namespace detail {
/// The same error, seen from one level further up: "text" in "[2]" in "letters" is "letters[2].text". Paths are only made when
/// something is wrong.
inline error inside(std::string_view key, error e) {
  e.where = std::string(key) + (e.where.empty() || e.where.front() == '[' ? "" : ".") + e.where;
  return e;
}

template <class T>
result<void> read_value(const json& value, T& out) {
  constexpr auto where = "";  // seen from here
  if constexpr (std::is_same_v<T, json>) out = value;
  else if constexpr (std::is_same_v<T, boost::json::object>) {
    if (!value.is_object()) return mismatch(where, value, "a map");
    out = value.get_object();
  } else if constexpr (is_shared<T>::value) {
    auto made = std::make_shared<std::remove_const_t<typename T::element_type>>();
    if (auto r = read_value(value, *made); !r) return r;
    out = std::move(made);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_bool()) return mismatch(where, value, "true or false");
    out = value.get_bool();
  } else if constexpr (described_enum<T>) {
    const auto word = value.is_string() ? from_word<T>(std::string_view(value.get_string())) : std::nullopt;
    if (!word) {
      std::string all;
      for (const auto& w : words_of<T>()) all += (all.empty() ? "" : ", ") + w;
      auto e = mismatch(where, value, "one of " + all);
      if (value.is_string())
        if (const auto near = nearest_name(std::string_view(value.get_string()), words_of<T>()); !near.empty()) e.advice = "Did you mean '" + near + "'?";
      return e;
    }
    out = *word;
  } else if constexpr (std::is_integral_v<T>) {
    boost::system::error_code ec;
    if (!value.is_number()) return mismatch(where, value, "a whole number");
    out = value.to_number<T>(ec);
    if (ec) return mismatch(where, value, "a whole number in range");
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!value.is_number()) return mismatch(where, value, "a number");
    out = value.to_number<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) return mismatch(where, value, "a text");
    out.assign(value.get_string().data(), value.get_string().size());
  } else if constexpr (std::is_same_v<T, time_point> || std::is_same_v<T, duration> || std::is_same_v<T, money>) {
    if (!value.is_string()) return mismatch(where, value, "a text with its unit");
    const std::string_view text(value.get_string());
    const auto parsed = [&] {
      if constexpr (std::is_same_v<T, time_point>) return parse_time(text);
      else if constexpr (std::is_same_v<T, duration>) return parse_duration(text);
      else return parse_money(text);
    }();
    if (!parsed) {
      auto e = parsed.error();
      e.where = where;
      return e;
    }
    out = *parsed;
  } else if constexpr (is_optional<T>::value) {
    if (value.is_null()) out.reset();
    else return read_value(value, out.emplace());
  } else if constexpr (is_vector<T>::value) {
    if (!value.is_array()) return mismatch(where, value, "a list");
    out.clear();
    std::size_t i = 0;
    for (const auto& item : value.get_array()) {
      typename T::value_type element{};
      if (auto r = read_value(item, element); !r) return inside("[" + std::to_string(i) + "]", r.error());
      out.push_back(std::move(element));
      ++i;
    }
  } else if constexpr (is_text_set<T>::value) {
    if (!value.is_array()) return mismatch(where, value, "a list");
    out.clear();
    for (const auto& item : value.get_array()) {
      std::string element;
      if (auto r = read_value(item, element); !r) return r;
      out.insert(std::move(element));
    }
  } else if constexpr (is_text_map<T>::value) {
    if (!value.is_object()) return mismatch(where, value, "a map");
    out.clear();
    for (const auto& pair : value.get_object())
      if (auto r = read_value(pair.value(), out[std::string(pair.key())]); !r) return inside(pair.key(), r.error());
  } else if constexpr (is_named<T>::value) {
    if (!value.is_object() || value.get_object().size() != 1) return mismatch(where, value, "a map with one key, the name");
    const auto& pair = *value.get_object().begin();
    out.name.assign(pair.key().data(), pair.key().size());
    if (auto r = read_value(pair.value(), out.value); !r) return inside(pair.key(), r.error());
  } else {
    static_assert(described_struct<T>, "describe the struct with BOOST_DESCRIBE_STRUCT to give it JSON");
    if (!value.is_object()) return mismatch(where, value, "a map");
    const auto& object = value.get_object();
    result<void> outcome;
    std::size_t known = 0;
    for_each_member<T>([&](auto d) {
      if (!outcome) return;
      using member_type = std::remove_cvref_t<decltype(out.*d.pointer)>;
      const auto* member = object.if_contains(outside_name(d.name));
      if (member) {
        ++known;
        if (auto r = read_value(*member, out.*d.pointer); !r) outcome = inside(outside_name(d.name), r.error());
      } else if constexpr (!is_optional<member_type>::value && !is_vector<member_type>::value && !is_text_set<member_type>::value && !is_text_map<member_type>::value) {
        outcome = error{"missing_key", where, "there is no '" + std::string(outside_name(d.name)) + "'", "it to be there", ""};
      }
    });
    if (!outcome) return outcome;
    if (known != object.size()) {
      std::vector<std::string> names;
      for_each_member<T>([&](auto d) { names.emplace_back(outside_name(d.name)); });
      for (const auto& pair : object) {
        const std::string key(pair.key());
        if (std::find(names.begin(), names.end(), key) != names.end()) continue;
        std::string all;
        for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
        const auto near = nearest_name(key, names);
        return error{"unknown_key", where, "the key '" + key + "' is not known here", "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"};
      }
    }
  }
  return {};
}
}  // namespace detail

/// Reads `value` into `out`. Every member must be there, save std::optional, lists, sets and maps; an unknown key is refused
/// with the nearest name. `where` is the path so far and stands in the error.
template <class T>
result<void> read_json(const json& value, T& out, const std::string& where = {}) {
  auto read = detail::read_value(value, out);
  if (read || where.empty()) return read;
  return detail::inside(where, read.error());
}

template <class T>
result<T> from_json(const json& value, const std::string& where = {}) {
  T out{};
  if (auto r = read_json(value, out, where); !r) return r.error();
  return out;
}

namespace detail {
/// Reads what this program has written; false for anything that needs the tree.
template <class T>
bool read_canonical(canonical_reader& in, T& out) {
  if constexpr (std::is_same_v<T, bool>) {
    out = in.take("true");
    return out || in.take("false");
  } else if constexpr (std::is_same_v<T, json>) {
    std::string_view text;
    if (!in.value(text)) return false;
    auto value = parse_json(text);
    if (value) out = std::move(*value);
    return value.has_value();
  } else if constexpr (std::is_same_v<T, boost::json::object>) {
    json value;
    if (!read_canonical(in, value) || !value.is_object()) return false;
    out = std::move(value.get_object());
    return true;
  } else if constexpr (is_text_map<T>::value || is_text_set<T>::value) {
    constexpr bool is_map = is_text_map<T>::value;
    if (!in.take(is_map ? '{' : '[')) return false;
    if (in.take(is_map ? '}' : ']')) return true;
    do {
      std::string_view key;
      if (!in.text(key)) return false;
      if (!out.empty()) {  // in their order, and each once
        const auto last = std::prev(out.end());
        if constexpr (is_map) {
          if (std::string_view(last->first) >= key) return false;
        } else if (std::string_view(*last) >= key) {
          return false;
        }
      }
      if constexpr (is_map) {
        if (!in.take(':') || !read_canonical(in, out.try_emplace(out.end(), std::string(key))->second)) return false;
      } else {
        out.emplace_hint(out.end(), key);
      }
    } while (in.take(','));
    return in.take(is_map ? '}' : ']');
  } else if constexpr (is_shared<T>::value) {
    auto made = std::make_shared<std::remove_const_t<typename T::element_type>>();
    if (!read_canonical(in, *made)) return false;
    out = std::move(made);
    return true;
  } else if constexpr (described_enum<T>) {
    std::string_view word;
    if (!in.text(word)) return false;
    const auto found = from_word<T>(word);
    if (found) out = *found;
    return found.has_value();
  } else if constexpr (std::is_integral_v<T>) {
    return in.number(out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    std::string_view text;
    if (!in.text(text)) return false;
    out = text;
    return true;
  } else if constexpr (std::is_same_v<T, time_point> || std::is_same_v<T, duration> || std::is_same_v<T, money>) {
    std::string_view text;
    if (!in.text(text)) return false;
    const auto parsed = [&] {
      if constexpr (std::is_same_v<T, time_point>) return parse_time(text);
      else if constexpr (std::is_same_v<T, duration>) return parse_duration(text);
      else return parse_money(text);
    }();
    if (parsed) out = *parsed;
    return parsed.has_value();
  } else if constexpr (is_optional<T>::value) {
    if (in.take("null")) return out.reset(), true;
    return read_canonical(in, out.emplace());
  } else if constexpr (is_vector<T>::value) {
    if (!in.take('[')) return false;
    if (in.take(']')) return true;
    do {
      typename T::value_type element{};
      if (!read_canonical(in, element)) return false;
      out.push_back(std::move(element));
    } while (in.take(','));
    return in.take(']');
  } else if constexpr (described_struct<T>) {
    constexpr std::size_t count = boost::mp11::mp_size<members_of<T>>::value;
    if (!in.take('{')) return false;
    if constexpr (count > 0) {
      bool first = true, fits = true;
      for (std::size_t place = 0; place < count && fits; ++place) {
        boost::mp11::mp_with_index<count>(members_by_name<T>()[place].second, [&](auto i) {
          using descriptor = boost::mp11::mp_at<members_of<T>, decltype(i)>;
          auto& member = out.*descriptor::pointer;
          using member_type = std::remove_cvref_t<decltype(member)>;
          auto ahead = in;  // whether it stands here is known only behind the comma
          if ((first || ahead.take(',')) && ahead.take(keys_by_name<T>()[place])) {
            in = ahead;
            first = false;
            fits = read_canonical(in, member);
          } else {
            fits = is_optional<member_type>::value || is_vector<member_type>::value || is_text_set<member_type>::value || is_text_map<member_type>::value;
          }
        });
      }
      if (!fits) return false;
    }
    return in.take('}');
  } else {
    return false;
  }
}
}  // namespace detail

template <class T>
result<T> from_json_text(std::string_view text) {
  {
    canonical_reader quick(text);
    T out{};
    if (detail::read_canonical(quick, out) && quick.at_end()) return out;
  }
  unsigned char nearby[4096];  // The tree is only a way station: one that fits here costs no allocation.
  boost::json::monotonic_resource arena(nearby, sizeof nearby);
  const auto value = parse_json(text, &arena);
  if (!value) return value.error();
  return from_json<T>(*value);
}

/// Member-wise equality of described structs.
template <described_struct T>
bool described_equal(const T& a, const T& b) {
  bool equal = true;
  for_each_member<T>([&](auto d) { equal = equal && a.*d.pointer == b.*d.pointer; });
  return equal;
}

}  // namespace steward
