/// Fills described structs from YAML. Every error has file:line:column, and all of them are found in one pass.
///
/// Scalars are read by what the struct expects, not by what they look like: where a text is expected, `on`, `yes`, `1.0` and
/// `2` are that text. `true` and `false` are the only truth values. Where any JSON may stand (`with:`, `settings:`), a bare
/// scalar is typed by the core schema of YAML 1.2 and a quoted one is a text.
#pragma once
#include <string>
#include <type_traits>
#include <vector>

#include "config/manifest_rules.hpp"
#include "config/yaml_document.hpp"
#include "runtime/described.hpp"

namespace steward {

using errors = std::vector<error>;

// What each reads into `out` when it fits; otherwise it says so in `e`.
void read_yaml_text(const yaml_place& at, std::string& out, errors& e);
void read_yaml_bool(const yaml_place& at, bool& out, errors& e);
void read_yaml_whole(const yaml_place& at, std::int64_t& out, std::int64_t least, std::int64_t most, errors& e);
void read_yaml_number(const yaml_place& at, double& out, errors& e);
void read_yaml_duration(const yaml_place& at, duration& out, errors& e);
void read_yaml_time(const yaml_place& at, time_point& out, errors& e);
void read_yaml_money(const yaml_place& at, money& out, errors& e);
void read_yaml_json(const yaml_place& at, json& out, errors& e);
/// The word's index in `words`, or -1 with an error.
int read_yaml_word(const yaml_place& at, const std::vector<std::string>& words, errors& e);
bool is_yaml_list(const yaml_place& at, errors& e);
bool is_yaml_map(const yaml_place& at, std::string_view short_form, errors& e);
/// Returns the known names that unknown keys are probably meant to be: one slip is one error.
std::vector<std::string> refuse_unknown_keys(const yaml_place& at, const std::vector<std::string>& known, errors& e);
void missing_key(const yaml_place& at, std::string_view key, errors& e);

template <class T>
void read_yaml(const yaml_place& at, T& out, errors& e) {
  if constexpr (std::is_same_v<T, json>) read_yaml_json(at, out, e);
  else if constexpr (std::is_same_v<T, bool>) read_yaml_bool(at, out, e);
  else if constexpr (std::is_same_v<T, std::string>) read_yaml_text(at, out, e);
  else if constexpr (std::is_same_v<T, duration>) read_yaml_duration(at, out, e);
  else if constexpr (std::is_same_v<T, time_point>) read_yaml_time(at, out, e);
  else if constexpr (std::is_same_v<T, money>) read_yaml_money(at, out, e);
  else if constexpr (std::is_integral_v<T>) {
    std::int64_t whole = out;
    constexpr auto most = sizeof(T) < 8 ? std::int64_t(std::numeric_limits<T>::max()) : std::numeric_limits<std::int64_t>::max();
    read_yaml_whole(at, whole, std::is_unsigned_v<T> ? 0 : std::int64_t(std::numeric_limits<T>::min()), most, e);
    out = T(whole);
  } else if constexpr (std::is_floating_point_v<T>) read_yaml_number(at, out, e);
  else if constexpr (described_enum<T>) {
    const auto words = words_of<T>();
    if (const int index = read_yaml_word(at, words, e); index >= 0) out = *from_word<T>(words[std::size_t(index)]);
  } else if constexpr (is_optional<T>::value) read_yaml(at, out.emplace(), e);
  else if constexpr (is_vector<T>::value) {
    if (!is_yaml_list(at, e)) return;
    out.resize(at.node().items.size());
    for (std::size_t i = 0; i < out.size(); ++i) read_yaml(at.item(i), out[i], e);
  } else if constexpr (is_text_map<T>::value) {
    if (!is_yaml_map(at, {}, e)) return;
    for (const auto& key : at.node().keys) read_yaml(at.at(key.text), out[key.text], e);
  } else if constexpr (is_named<T>::value) {
    if (at.node().is != yaml_node::form::map || at.node().keys.size() != 1) {
      // `- draft: {…}` written as `- draft:` with its keys on the same level is the usual slip.
      e.push_back({"wrong_type", at.where(), "found " + (at.node().keys.size() > 1 ? "a map with " + std::to_string(at.node().keys.size()) + " keys" : at.shown()),
                   "a map with one key, the name: `- name: {...}`", at.node().keys.size() > 1 ? "Indent what belongs to '" + at.node().keys[0].text + "' deeper than it" : ""});
      return;
    }
    out.name = at.node().keys[0].text;
    read_yaml(at.at(out.name), out.value, e);
  } else {
    static_assert(described_struct<T>, "describe the struct with BOOST_DESCRIBE_STRUCT to read it from YAML");
    using rules = manifest_rules<T>;
    if constexpr (!rules::short_form.empty())
      if (at.node().is == yaml_node::form::text && from_short_form(at.node().text, out)) return;
    if (!is_yaml_map(at, rules::short_form, e)) return;
    std::vector<std::string> known;
    for_each_member<T>([&](auto d) {
      const auto name = outside_name(d.name);
      for (const auto hidden : rules::hidden)
        if (hidden == name) return;
      known.emplace_back(name);
      if (at.has(name)) read_yaml(at.at(name), out.*d.pointer, e);
    });
    const auto misspelt = refuse_unknown_keys(at, known, e);
    for (const auto key : rules::required)
      if (!at.has(key) && std::find(misspelt.begin(), misspelt.end(), key) == misspelt.end()) missing_key(at, key, e);
  }
}

}  // namespace steward
