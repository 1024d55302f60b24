/// The JSON Schema of a described struct, from the same description that reads and writes it.
#pragma once
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "runtime/described.hpp"

namespace steward {

namespace schema_detail {

/// Collects the structs below the root in $defs while the root is written.
class schema_writer {
public:
  /// The $ref to a struct; `is_new` tells whether its definition has yet to be set.
  json reference(std::string_view full_name, bool& is_new, std::string& key);
  void define(const std::string& key, json definition) { definitions_[key] = std::move(definition); }
  json finish(json root, std::string_view root_name);
  void set_root(std::string_view full_name) { root_ = full_name; }

private:
  std::string root_;
  std::map<std::string, std::string> keys_;  // full name -> key in $defs
  std::map<std::string, json> definitions_;
};

/// "steward::step_definition" from what the compiler says about T.
template <class T>
constexpr std::string_view full_name_of() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  constexpr auto from = text.find("T = ") + 4;
  return text.substr(from, text.find_first_of(";]", from) - from);
}

json text_schema();
json time_schema();
json duration_schema();
json money_schema();
json whole_schema(std::int64_t least, std::uint64_t most);
json list_schema(json item);
json map_schema(json item);
json named_schema(json item);
json words_schema(const std::vector<std::string>& words);
json maybe_null(json item);
json typed(std::string_view type);

template <class T>
json schema_for(schema_writer& writer);

template <described_struct T>
json object_schema(schema_writer& writer) {
  boost::json::object properties;
  boost::json::array required;
  for_each_member<T>([&](auto d) {
    using member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
    const auto name = outside_name(d.name);
    if constexpr (is_optional<member>::value) properties[name] = schema_for<typename member::value_type>(writer);
    else properties[name] = schema_for<member>(writer);
    if constexpr (!is_optional<member>::value && !is_vector<member>::value && !is_text_map<member>::value) required.emplace_back(name);
  });
  boost::json::object object{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) object["required"] = std::move(required);
  return object;
}

template <class T>
json schema_for(schema_writer& writer) {
  if constexpr (std::is_same_v<T, json>) return boost::json::object{};
  else if constexpr (std::is_same_v<T, bool>) return typed("boolean");
  else if constexpr (described_enum<T>) return words_schema(words_of<T>());
  else if constexpr (std::is_integral_v<T>) return whole_schema(std::int64_t(std::numeric_limits<T>::min()), std::uint64_t(std::numeric_limits<T>::max()));
  else if constexpr (std::is_floating_point_v<T>) return typed("number");
  else if constexpr (std::is_convertible_v<T, std::string_view>) return text_schema();
  else if constexpr (std::is_same_v<T, time_point>) return time_schema();
  else if constexpr (std::is_same_v<T, duration>) return duration_schema();
  else if constexpr (std::is_same_v<T, money>) return money_schema();
  else if constexpr (is_optional<T>::value) return maybe_null(schema_for<typename T::value_type>(writer));
  else if constexpr (is_vector<T>::value) return list_schema(schema_for<typename T::value_type>(writer));
  else if constexpr (is_text_map<T>::value) return map_schema(schema_for<typename T::mapped_type>(writer));
  else if constexpr (is_named<T>::value) return named_schema(schema_for<decltype(T::value)>(writer));
  else {
    static_assert(described_struct<T>, "describe the struct with BOOST_DESCRIBE_STRUCT to give it a schema");
    bool is_new = false;
    std::string key;
    auto reference = writer.reference(full_name_of<T>(), is_new, key);
    if (is_new) writer.define(key, object_schema<T>(writer));
    return reference;
  }
}

}  // namespace schema_detail

/// What read_json<T> accepts, as JSON Schema 2020-12. Members that are optional, a vector or a map need not be there; no others may be.
template <class T>
json schema_of() {
  schema_detail::schema_writer writer;
  if constexpr (described_struct<T>) {
    writer.set_root(schema_detail::full_name_of<T>());
    return writer.finish(schema_detail::object_schema<T>(writer), schema_detail::full_name_of<T>());
  } else {
    return writer.finish(schema_detail::schema_for<T>(writer), "");
  }
}

}  // namespace steward
