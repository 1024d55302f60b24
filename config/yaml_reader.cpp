#include "config/yaml_reader.hpp"

#include <charconv>

#include "runtime/plain_day.hpp"

namespace steward {
namespace {

using form = yaml_node::form;

void wrong(const yaml_place& at, errors& e, std::string expected, std::string advice = {}) {
  if (at.node().is == form::nothing && advice.empty()) advice = at.key().empty() ? "Fill it in, or remove it" : "Fill it in, or remove the key '" + std::string(at.key()) + "'";
  e.push_back({"wrong_type", at.where(), "found " + at.shown(), std::move(expected), std::move(advice)});
}

bool is_text(const yaml_place& at, errors& e, std::string_view expected) {
  if (at.node().is == form::text) return true;
  wrong(at, e, std::string(expected));
  return false;
}

bool digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

/// A decimal or a number with exponent by the core schema of YAML 1.2: [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_number(std::string_view text) {
  std::size_t at = 0;
  const auto run = [&] {
    const auto from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const auto before = run();
  std::size_t after = 0;
  if (at < text.size() && text[at] == '.') ++at, after = run();
  if (before + after == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (run() == 0) return false;
  }
  return at == text.size();
}

json typed_scalar(const yaml_place& at, errors& e) {
  const auto& node = at.node();
  std::string_view text = node.text;
  if (node.quoted) return json(text);
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const auto sign = text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
  if (sign == ".inf" || sign == ".Inf" || sign == ".INF" || text == ".nan" || text == ".NaN" || text == ".NAN") {
    wrong(at, e, "a number that JSON can say", "Put it in quotes if it is a text");
    return nullptr;
  }
  int base = 10;
  std::string_view number = text.starts_with('+') ? text.substr(1) : text;
  if (text.starts_with("0x") && text.size() > 2) base = 16, number = text.substr(2);
  if (text.starts_with("0o") && text.size() > 2) base = 8, number = text.substr(2);
  if (base != 10 || digits(sign)) {
    std::int64_t whole = 0;
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), whole, base);
    if (problem == std::errc::result_out_of_range) {
      wrong(at, e, "a number that fits into 64 bits", "Put it in quotes if it is a text");
      return nullptr;
    }
    if (problem == std::errc{} && end == number.data() + number.size()) return whole;
    return json(text);
  }
  if (looks_like_number(text)) {
    double value = 0;
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (problem == std::errc{} && end == number.data() + number.size()) return value;
    wrong(at, e, "a number in range", "Put it in quotes if it is a text");
    return nullptr;
  }
  return json(text);
}

}  // namespace

void read_yaml_text(const yaml_place& at, std::string& out, errors& e) {
  if (is_text(at, e, "a text")) out = at.node().text;
}

void read_yaml_bool(const yaml_place& at, bool& out, errors& e) {
  if (!is_text(at, e, "true or false")) return;
  const auto& text = at.node().text;
  if (!at.node().quoted && (text == "true" || text == "false")) {
    out = text == "true";
    return;
  }
  std::string lower;
  for (const char c : text) lower += char(c >= 'A' && c <= 'Z' ? c + 32 : c);
  const bool yes = lower == "yes" || lower == "on" || lower == "true" || lower == "y" || lower == "1";
  const bool no = lower == "no" || lower == "off" || lower == "false" || lower == "n" || lower == "0";
  wrong(at, e, "true or false", yes ? "Write true" : no ? "Write false" : "");
}

void read_yaml_whole(const yaml_place& at, std::int64_t& out, std::int64_t least, std::int64_t most, errors& e) {
  if (!is_text(at, e, "a whole number")) return;
  const auto& text = at.node().text;
  const auto bare = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
  if (at.node().quoted && digits(bare)) return wrong(at, e, "a whole number", "Leave the quotes out");
  if (!digits(bare)) {
    std::string cleaned;
    for (const char c : text)
      if (c != '_' && c != ',' && c != '.' && c != '\'' && c != ' ') cleaned += c;
    return wrong(at, e, "a whole number", cleaned != text && digits(cleaned) && !looks_like_number(text) ? "Write " + cleaned : "");
  }
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || value < least || value > most) return wrong(at, e, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  (void)end;
  out = value;
}

void read_yaml_number(const yaml_place& at, double& out, errors& e) {
  if (!is_text(at, e, "a number")) return;
  errors inner;
  const auto value = typed_scalar(at, inner);
  if (!inner.empty() || !value.is_number()) return wrong(at, e, "a number", at.node().quoted && looks_like_number(at.node().text) ? "Leave the quotes out" : "");
  out = value.to_number<double>();
}

void read_yaml_duration(const yaml_place& at, duration& out, errors& e) {
  constexpr auto expected = "a length of time with its unit, such as 250ms, 30s, 10m, 2h or 3d";
  if (!is_text(at, e, expected)) return;
  const auto& text = at.node().text;
  if (const auto parsed = parse_duration(text)) {
    out = *parsed;
    return;
  }
  std::string advice;
  if (digits(text)) advice = "Write " + text + "s, " + text + "m or " + text + "h: the unit is missing";
  else if (const auto unit = text.find_first_not_of("0123456789 "); unit != 0 && unit != text.npos) {
    // "10 min", "2 hours", "3 Tage": the number is clear, the unit's first letter mostly too.
    std::string number;
    for (const char c : text.substr(0, unit))
      if (c != ' ') number += c;
    std::string_view word = std::string_view(text).substr(unit);
    const char first = char(word[0] >= 'A' && word[0] <= 'Z' ? word[0] + 32 : word[0]);
    const std::string_view units = "smhdw";
    if (word.starts_with("mo") || word.starts_with("Mo")) advice = "Say it in days, such as 30d: months differ in length";
    else if (word.starts_with("ms") || word.starts_with("mil")) advice = "Write " + number + "ms";
    else if (units.find(first) != units.npos && digits(number)) advice = "Write " + number + first;
  }
  e.push_back({"bad_duration", at.where(), "found " + at.shown(), expected, std::move(advice)});
}

void read_yaml_time(const yaml_place& at, time_point& out, errors& e) {
  constexpr auto expected = "a time in RFC 3339, such as 2026-11-21T09:30:00Z, or a day, such as 2026-11-21";
  if (!is_text(at, e, expected)) return;
  if (const auto parsed = parse_time(at.node().text)) out = *parsed;
  else if (const auto day = parse_day(at.node().text)) out = std::chrono::time_point_cast<duration>(*day);
  else e.push_back({"bad_time", at.where(), "found " + at.shown(), expected, ""});
}

void read_yaml_money(const yaml_place& at, money& out, errors& e) {
  constexpr auto expected = "an amount and its currency, such as 0.20 EUR";
  if (!is_text(at, e, expected)) return;
  const auto& text = at.node().text;
  if (const auto parsed = parse_money(text)) {
    out = *parsed;
    return;
  }
  std::string advice, amount, currency;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || c == '.' || c == '-') amount += c;
    else if (c == ',') amount += '.';
    else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) currency += char(c >= 'a' ? c - 32 : c);
  }
  if (text.find("\xe2\x82\xac") != text.npos) currency = "EUR";
  if (text.find('$') != text.npos) currency = "USD";
  if (parse_money(amount + " EUR")) {
    if (currency.empty()) advice = "Write " + amount + " EUR, or your currency: it is missing";
    else if (parse_money(amount + " " + currency)) advice = "Write " + amount + " " + currency;
  }
  e.push_back({"bad_money", at.where(), "found " + at.shown(), expected, std::move(advice)});
}

void read_yaml_json(const yaml_place& at, json& out, errors& e) {
  const auto& node = at.node();
  switch (node.is) {
    case form::nothing: out = nullptr; return;
    case form::text: out = typed_scalar(at, e); return;
    case form::list: {
      auto& list = out.emplace_array();
      list.resize(node.items.size());
      for (std::size_t i = 0; i < node.items.size(); ++i) read_yaml_json(at.item(i), list[i], e);
      return;
    }
    case form::map: {
      auto& object = out.emplace_object();
      for (const auto& key : node.keys) read_yaml_json(at.at(key.text), object[key.text], e);
      return;
    }
  }
}

int read_yaml_word(const yaml_place& at, const std::vector<std::string>& words, errors& e) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  if (!is_text(at, e, "one of " + all)) return -1;
  const auto found = std::find(words.begin(), words.end(), at.node().text);
  if (found != words.end()) return int(found - words.begin());
  const auto near = nearest_name(at.node().text, words);
  e.push_back({"unknown_word", at.where(), "found " + at.shown(), "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"});
  return -1;
}

bool is_yaml_list(const yaml_place& at, errors& e) {
  if (at.node().is == form::list) return true;
  wrong(at, e, "a list", at.node().is == form::text ? "Write [" + at.node().text + "]" : at.node().is == form::map ? "Put '- ' before each item" : "");
  return false;
}

bool is_yaml_map(const yaml_place& at, std::string_view short_form, errors& e) {
  if (at.node().is == form::map) return true;
  wrong(at, e, short_form.empty() ? "a map" : "a map, or " + std::string(short_form));
  return false;
}

std::vector<std::string> refuse_unknown_keys(const yaml_place& at, const std::vector<std::string>& known, errors& e) {
  std::vector<std::string> misspelt;
  for (const auto& key : at.node().keys) {
    if (key.text == "<<" || std::find(known.begin(), known.end(), key.text) != known.end()) continue;  // a merge key has its own error
    std::string all;
    for (const auto& name : known) all += (all.empty() ? "" : ", ") + name;
    const auto near = nearest_name(key.text, known);
    e.push_back({"unknown_key", at.at(key.text).where_key(), "the key '" + key.text + "' is not known here", "one of " + all,
                 !near.empty() ? "Did you mean '" + near + "'?"
                 : at.at(key.text).node().is == form::nothing ? "In { } a comma begins the next key: write decimals with a point, and quote a text with commas"
                                                              : ""});
    if (!near.empty()) misspelt.push_back(near);
  }
  return misspelt;
}

void missing_key(const yaml_place& at, std::string_view key, errors& e) {
  const auto name = at.key().empty() ? "this file" : "'" + std::string(at.key()) + "'";
  e.push_back({"missing_key", at.key().empty() ? at.where() : at.where_key(), name + " has no '" + std::string(key) + "'", "it to be there", "Add '" + std::string(key) + ":'"});
}

}  // namespace steward
