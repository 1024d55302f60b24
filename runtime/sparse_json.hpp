/// Canonical JSON of described structs without their empty members: how the bodies of events are stored.
///
/// Left out is what says nothing: an empty text, list or map, null, false, zero. What is missing is read as that, whatever the
/// struct's own initialiser says, so that the meaning of a stored event never depends on one.
#pragma once
#include "runtime/described.hpp"

namespace steward {
namespace detail {

template <class T>
constexpr bool may_be_left_out = !described_struct<T> && !described_enum<T> && !is_named<T>::value && !is_shared<T>::value && !std::is_same_v<T, time_point> && !std::is_same_v<T, duration>;

template <class T>
bool says_nothing(const T& value) {
  if constexpr (!may_be_left_out<T>) return false;
  else if constexpr (std::is_same_v<T, json>) return value.is_null();
  else if constexpr (is_optional<T>::value) return !value;
  else if constexpr (std::is_same_v<T, money>) return value.nano == 0 && value.currency.empty();
  else if constexpr (requires { value.empty(); }) return value.empty();
  else return value == T{};
}

/// As a member that was left out: the same value for every struct.
template <class T>
json nothing_as_json() {
  if constexpr (std::is_same_v<T, json>) return nullptr;
  else return to_json(T{});
}

}  // namespace detail

template <class T>
void append_sparse(std::string& out, const T& value) {
  if constexpr (described_struct<T>) {
    out += '{';
    constexpr std::size_t count = boost::mp11::mp_size<members_of<T>>::value;
    bool first = true;
    for (std::size_t place = 0; place < count; ++place) {
      boost::mp11::mp_with_index<count>(members_by_name<T>()[place].second, [&](auto i) {
        const auto& member = value.*boost::mp11::mp_at<members_of<T>, decltype(i)>::pointer;
        if (detail::says_nothing(member)) return;
        if (!first) out += ',';
        first = false;
        out += keys_by_name<T>()[place];
        append_sparse(out, member);
      });
    }
    out += '}';
  } else if constexpr (is_optional<T>::value) {
    append_sparse(out, *value);
  } else if constexpr (is_vector<T>::value) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      append_sparse<typename T::value_type>(out, value[i]);
    }
    out += ']';
  } else {
    append_json(out, value);
  }
}

namespace detail {

/// Adds the members that were left out.
template <class T>
void complete(json& value) {
  if constexpr (described_struct<T>) {
    if (!value.is_object()) return;
    auto& object = value.get_object();
    for_each_member<T>([&](auto d) {
      using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      if (auto* member = object.if_contains(outside_name(d.name))) complete<member_type>(*member);
      else if constexpr (may_be_left_out<member_type> && !is_optional<member_type>::value) object[outside_name(d.name)] = nothing_as_json<member_type>();
    });
  } else if constexpr (is_optional<T>::value) {
    if (!value.is_null()) complete<typename T::value_type>(value);
  } else if constexpr (is_vector<T>::value) {
    if (!value.is_array()) return;
    for (auto& item : value.get_array()) complete<typename T::value_type>(item);
  }
}

/// Reads what this program has written; false for anything that needs the tree.
template <class T>
bool read_sparse(canonical_reader& in, T& out) {
  if constexpr (described_struct<T>) {
    constexpr std::size_t count = boost::mp11::mp_size<members_of<T>>::value;
    if (!in.take('{')) return false;
    bool first = true, fits = true;
    for (std::size_t place = 0; place < count && fits; ++place) {
      boost::mp11::mp_with_index<count>(members_by_name<T>()[place].second, [&](auto i) {
        auto& member = out.*boost::mp11::mp_at<members_of<T>, decltype(i)>::pointer;
        using member_type = std::remove_cvref_t<decltype(member)>;
        auto ahead = in;  // whether it stands here is known only behind the comma
        if ((first || ahead.take(',')) && ahead.take(keys_by_name<T>()[place])) {
          in = ahead;
          first = false;
          fits = read_sparse(in, member);
        } else if constexpr (may_be_left_out<member_type>) {
          member = member_type{};
        } else {
          fits = false;
        }
      });
    }
    return fits && in.take('}');
  } else if constexpr (is_optional<T>::value) {
    if (in.take("null")) return out.reset(), true;
    return read_sparse(in, out.emplace());
  } else if constexpr (is_vector<T>::value) {
    if (!in.take('[')) return false;
    if (in.take(']')) return true;
    do {
      typename T::value_type element{};
      if (!read_sparse(in, element)) return false;
      out.push_back(std::move(element));
    } while (in.take(','));
    return in.take(']');
  } else {
    return read_canonical(in, out);
  }
}

}  // namespace detail

/// Reads what append_sparse wrote, and also text in which the empty members stand. As strict as from_json_text otherwise.
template <class T>
result<T> from_sparse_text(std::string_view text) {
  {
    canonical_reader quick(text);
    T out{};
    if (detail::read_sparse(quick, out) && quick.at_end()) return out;
  }
  unsigned char nearby[4096];
  boost::json::monotonic_resource arena(nearby, sizeof nearby);
  auto value = parse_json(text, &arena);
  if (!value) return value.error();
  detail::complete<T>(*value);
  return from_json<T>(*value);
}

}  // namespace steward
