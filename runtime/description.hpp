/// What the description of a struct or enum tells at compile time: its members and words, and which containers it may hold.
#pragma once
#include <algorithm>
#include <array>
#include <concepts>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

namespace steward {

namespace bd = boost::describe;

template <class T>
concept described_struct = bd::has_describe_members<T>::value && !std::is_enum_v<T> && !std::is_union_v<T>;
template <class T>
concept described_enum = std::is_enum_v<T> && bd::has_describe_enumerators<T>::value;

template <class T>
using members_of = bd::describe_members<T, bd::mod_public | bd::mod_inherited>;

template <class T> struct is_optional : std::false_type {};
template <class T> struct is_optional<std::optional<T>> : std::true_type {};
template <class T> struct is_vector : std::false_type {};
template <class T> struct is_vector<std::vector<T>> : std::true_type {};
template <class T> struct is_vector<std::deque<T>> : std::true_type {};
template <class T> struct is_text_set : std::false_type {};
template <> struct is_text_set<std::set<std::string>> : std::true_type {};
template <class T> struct is_shared : std::false_type {};
template <class T> struct is_shared<std::shared_ptr<T>> : std::true_type {};
template <class T> struct is_text_map : std::false_type {};
template <class T, class Less> struct is_text_map<std::map<std::string, T, Less>> : std::true_type {};

/// An entry of an ordered list of named things. In JSON and YAML a map with one key: {"draft": {…}}.
template <class T>
struct named {
  std::string name;
  T value;
  bool operator==(const named&) const = default;
};
template <class T> struct is_named : std::false_type {};
template <class T> struct is_named<named<T>> : std::true_type {};

/// Calls f(member descriptor) for each public member, in the order of description.
template <class T, class F>
constexpr void for_each_member(F&& f) {
  boost::mp11::mp_for_each<members_of<T>>(std::forward<F>(f));
}

/// The outside name of a member or enumerator: a trailing underscore (`for_`, `public_`: words that C++ keeps to itself) is dropped.
constexpr std::string_view outside_name(std::string_view name) { return name.ends_with('_') ? name.substr(0, name.size() - 1) : name; }

template <described_enum E>
std::string_view to_word(E value) {
  std::string_view word = "?";
  boost::mp11::mp_for_each<bd::describe_enumerators<E>>([&](auto d) {
    if (d.value == value) word = outside_name(d.name);
  });
  return word;
}

template <described_enum E>
std::vector<std::string> words_of() {
  std::vector<std::string> all;
  boost::mp11::mp_for_each<bd::describe_enumerators<E>>([&](auto d) { all.emplace_back(outside_name(d.name)); });
  return all;
}

template <described_enum E>
std::optional<E> from_word(std::string_view word) {
  std::optional<E> found;
  boost::mp11::mp_for_each<bd::describe_enumerators<E>>([&](auto d) {
    if (word == outside_name(d.name)) found = d.value;
  });
  return found;
}

/// Member indices of T, sorted by name: canonical JSON sorts keys, and the order is known at compile time's cost only once.
template <described_struct T>
const auto& members_by_name() {
  constexpr std::size_t count = boost::mp11::mp_size<members_of<T>>::value;
  static const auto order = [] {
    std::array<std::pair<std::string_view, std::size_t>, count> pairs;
    std::size_t i = 0;
    for_each_member<T>([&](auto d) { pairs[i] = {outside_name(d.name), i}, ++i; });
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  }();
  return order;
}

}  // namespace steward
