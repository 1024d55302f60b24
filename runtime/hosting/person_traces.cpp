#include "runtime/hosting/person_traces.hpp"

#include <algorithm>
#include <functional>

#include "runtime/erased.hpp"
#include "runtime/event.hpp"
#include "runtime/journal/seal.hpp"
#include "runtime/lower_case.hpp"

namespace steward {
namespace {

constexpr std::size_t name_worth_looking_for = 4;  // Shorter ones ("Ann") stand in many words.
constexpr std::size_t line_worth_looking_for = 20, line_of_their_run = 8;
constexpr std::size_t id_worth_looking_for = 8;  // of what stands behind the colon and is no address: "shop:12" is looked for as a whole only
constexpr std::size_t words_of_a_name = 5;       // More are a sentence.

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

/// Stands `wanted` there with nothing beside it that would make it another one? `glue` joins words to a longer whole.
bool stands_in(std::string_view text, std::string_view wanted, std::string_view glue) {
  for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const auto end = at + wanted.size();
    const char after = end == text.size() ? ' ' : text[end], beyond = end + 1 < text.size() ? text[end + 1] : ' ';
    if (is_word(before) || glue.find(before) != glue.npos || is_word(after)) continue;
    if (glue.find(after) != glue.npos && is_word(beyond)) continue;  // "example.org" in "example.org.uk", but not at a sentence's end
    return true;
  }
  return false;
}

bool has_address(std::string_view text, const std::set<std::string>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const auto& one) { return stands_in(text, one, ".-+_"); });
}

bool has_word(std::string_view text, const std::set<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const auto& one) { return stands_in(text, one, ""); });
}

bool has_part(std::string_view text, const std::set<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const auto& one) { return text.find(one) != text.npos; });
}

/// "run-3/draft.1", "mailbox.send": what the engine itself says.
bool is_identifier(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("_./#:-").find(c) != std::string_view::npos; });
}

std::string_view trimmed(std::string_view text) {
  const auto blank = std::string_view(" \t\r\n");
  const auto from = text.find_first_not_of(blank);
  return from == text.npos ? std::string_view() : text.substr(from, text.find_last_not_of(blank) - from + 1);
}

/// Lines that somebody wrote, in lower case: not those that they quote, and no words of machines such as times. Each also as it
/// stands inside of JSON that is a text itself.
void each_line(std::string_view text, const std::function<void(const std::string&)>& use) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    if (line.size() >= line_of_their_run && line.front() != '>' && line.find(' ') != line.npos) {
      const auto said = lower_case(line);
      const auto quoted = canonical(json(said));
      use(said);
      if (quoted.size() != said.size() + 2) use(quoted.substr(1, quoted.size() - 2));
    }
  }
}

void each_text(const json& value, const std::function<void(std::string_view)>& use) {
  if (value.is_string()) use(std::string_view(value.get_string()));
  if (value.is_array())
    for (const auto& item : value.get_array()) each_text(item, use);
  if (value.is_object() && !seals::is_sealed(value))
    for (const auto& field : value.get_object()) each_text(field.value(), use);
}

bool erase_all(json& value) {
  bool changed = false;
  if (value.is_string() && !value.get_string().empty() && value.get_string() != erased_text) changed = true, value = erased_text;
  if (value.is_array())
    for (auto& item : value.get_array()) changed = erase_all(item) || changed;
  if (value.is_object() && !seals::is_sealed(value))
    for (auto& field : value.get_object()) changed = erase_all(field.value()) || changed;
  return changed;
}

/// Members that hold any JSON, by name: what stands in them is not read by the engine.
template <class T>
void add_free_members(std::set<std::string, std::less<>>& into) {
  if constexpr (is_optional<T>::value || is_vector<T>::value) add_free_members<typename T::value_type>(into);
  else if constexpr (described_struct<T>)
    for_each_member<T>([&](auto d) {
      using member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      if constexpr (std::is_same_v<member, json> || std::is_same_v<member, std::optional<json>>) into.emplace(outside_name(d.name));
      else add_free_members<member>(into);
    });
}

bool is_free(std::string_view member) {
  static const auto free = [] {
    std::set<std::string, std::less<>> all;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, event::any>>([&](auto kind) { add_free_members<typename decltype(kind)::type>(all); });
    return all;
  }();
  return free.contains(member);
}

}  // namespace

void person_traces::add_external_id(std::string_view external_id) {
  if (external_id.empty() || external_id == erased_text) return;
  const auto id = lower_case(external_id);
  external_ids_.insert(id);
  addresses_.insert(id);
  if (const auto colon = id.find(':'); colon != id.npos)
    if (const auto rest = id.substr(colon + 1); rest.find('@') != rest.npos || rest.size() >= id_worth_looking_for) addresses_.insert(rest);
}

void person_traces::add_personal(const json& value) {
  each_text(value, [&](std::string_view said) {
    const auto text = lower_case(trimmed(said));
    if (text.size() < name_worth_looking_for || text == erased_text) return;
    if (text.find('@') != text.npos) return void(addresses_.insert(text));
    std::vector<std::string> words(1);
    for (const char c : text) {
      if (is_word(c) || c == '\'') words.back() += c;
      else if (!words.back().empty()) words.emplace_back();
    }
    if (words.back().empty()) words.pop_back();
    if (words.size() > 1) names_.insert(text);
    if (words.size() > words_of_a_name) return;
    for (const auto& word : words)
      if (word.size() >= name_worth_looking_for) words_of_names_.insert(word);
  });
}

bool person_traces::is_theirs(const record_header& header, const json& body) const {
  if (header.kind != event::signal_arrived::kind) return false;
  const auto* said = body.is_object() ? body.get_object().if_contains("body") : nullptr;
  if (!said || !said->is_object()) return false;
  return std::any_of(said->get_object().begin(), said->get_object().end(), [&](const auto& field) {
    return field.value().is_string() && addresses_.contains(lower_case(trimmed(std::string_view(field.value().get_string()))));
  });
}

bool person_traces::is_about(const json& item) const {
  if (!item.is_object() || !item.get_object().if_contains("text")) return false;
  const auto about = text_at(item, "about");
  return records_.contains(about) || external_ids_.contains(lower_case(about));
}


void person_traces::take_words(const record_header& header, const json& body) {
  if (is_theirs(header, body))
    each_text(body.at("body"), [&](std::string_view text) {
      each_line(text, [&](const std::string& line) { (line.size() >= line_worth_looking_for ? lines_ : short_lines_).insert(line); });
      if (const auto whole = trimmed(text); whole.size() >= name_worth_looking_for && whole != erased_text) whole_texts_.insert(lower_case(whole));
    });
  if (header.kind == event::memory_added::kind)
    if (const auto* item = at_path(body, "item"); item && is_about(*item))  // our words, which we may say to others as well
      each_line(text_at(*item, "text"), [&](const std::string& line) { short_lines_.insert(line); });
}

void person_traces::spare_common(const record_header& header, const json& body) {
  const bool signal = header.kind == event::signal_arrived::kind && !is_theirs(header, body);
  const auto* item = header.kind == event::memory_added::kind ? at_path(body, "item") : nullptr;
  if (!signal && (!item || is_about(*item))) return;
  each_text(body, [&](std::string_view text) {
    each_line(text, [&](const std::string& line) { lines_.erase(line), short_lines_.erase(line); });
  });
}

bool person_traces::holds(const json& value) const {
  if (value.is_string()) return tells(std::string(value.get_string()), place::word_of_engine, nearness::anywhere);
  if (value.is_array()) return std::any_of(value.get_array().begin(), value.get_array().end(), [&](const json& item) { return holds(item); });
  if (!value.is_object() || seals::is_sealed(value)) return false;
  return is_about(value) || std::any_of(value.get_object().begin(), value.get_object().end(), [&](const auto& field) { return holds(field.value()); });
}

void person_traces::relate(const record_header& header, const json& body) {
  if (!header.correlation.empty() && !runs_.contains(header.correlation) && holds(body)) runs_.insert(header.correlation);
}

bool person_traces::names(std::string_view text) const {
  const auto lower = lower_case(text);
  return has_address(lower, addresses_) || has_word(lower, names_);
}

bool person_traces::tells(const std::string& text, place where, nearness how) const {
  if (text == erased_text) return false;
  const auto lower = lower_case(text);
  if (has_address(lower, addresses_)) return true;
  if (where == place::word_of_engine && is_identifier(text)) return false;
  if (has_word(lower, names_) || has_part(lower, lines_)) return true;
  if (how == nearness::anywhere) return false;
  if (has_word(lower, words_of_names_) || has_part(lower, short_lines_)) return true;
  const auto whole = trimmed(lower);
  if (where == place::free_text) return whole_texts_.contains(std::string(whole));
  const auto colon = whole.find(':');  // "mailbox:1@example.com", the id of their mail as evidence
  return colon != whole.npos && whole.find('@') != whole.npos && whole_texts_.contains(std::string(whole.substr(colon + 1)));
}

bool person_traces::erase_in(json& value, place where, nearness how) const {
  bool changed = false;
  if (value.is_string() && tells(std::string(value.get_string()), where, how)) {
    value = erased_text;
    return true;
  }
  if (value.is_array())
    for (auto& item : value.get_array()) changed = erase_in(item, where, how) || changed;
  if (!value.is_object() || seals::is_sealed(value)) return changed;
  auto& object = value.get_object();
  if (is_about(value))
    for (const auto* member : {"text", "source"})
      if (auto* said = object.if_contains(member)) changed = erase_all(*said) || changed;
  std::vector<std::string> telling;
  for (auto& field : object) {
    changed = erase_in(field.value(), where == place::free_text || is_free(field.key()) ? place::free_text : place::word_of_engine, how) || changed;
    if (where == place::free_text && names(field.key())) telling.emplace_back(field.key());
  }
  for (const auto& key : telling) {
    auto kept = std::move(object.at(key));
    object.erase(key);
    object[erased_text] = std::move(kept);
  }
  return changed || !telling.empty();
}

std::optional<std::string> person_traces::without(const record_header& header, const std::string& body) const {
  if (header.kind == event::manifest_adopted::kind) return {};
  auto value = parse_json(body);
  if (!value || !value->is_object()) return {};
  const bool own = header.kind == event::entity_recorded::kind && records_.contains(text_at(*value, "entity"));
  const auto how = own || runs_.contains(header.correlation) ? nearness::related : nearness::anywhere;
  bool changed = is_theirs(header, *value) && erase_all(value->at("body"));
  // What is new in a question may hold a name in two pieces.
  if (how == nearness::related && header.kind == event::model_asked::kind)
    if (auto* change = value->as_object().if_contains("change"); change && at_path(*change, "pieces"))
      for (auto& piece : change->as_object().at("pieces").as_array())
        if (auto* text = piece.as_object().if_contains("text")) changed = erase_all(*text) || changed;
  changed = erase_in(*value, place::word_of_engine, how) || changed;
  return changed ? std::optional(canonical(*value)) : std::nullopt;
}

}  // namespace steward
