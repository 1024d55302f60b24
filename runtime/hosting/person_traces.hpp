/// What tells of one person in the events of a journal, and the same events without it.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/journal/record.hpp"
#include "runtime/json.hpp"

namespace steward {

/// Told in four looks at all events, in this order: who it is (`add_…`), `take_words`, `spare_common`, `relate`; then `without`
/// gives the body that may stay. A text that tells of the person becomes `erased_text` as a whole:
///  - everywhere: one that holds an address of theirs or their name (of two words or more, whole words, in any case), or quotes
///    a line of at least 20 characters that stands in a signal of theirs and in nobody else's;
///  - in their own signals: every text; of memory about them: text and source;
///  - in runs where one of these stands, and in their own records: also one that holds a single word of their name (at least
///    4 characters), a line of at least 8 from a signal of theirs or memory about them, or is what their signal said.
/// Ids, kinds and other words of the engine stay, so that the event still folds. A manifest that was adopted is not touched.
class person_traces {
public:
  /// `records`: all that stand for the person ("lead-3").
  explicit person_traces(std::set<std::string> records) : records_(std::move(records)) {}

  void add_external_id(std::string_view external_id);
  /// Every text in the value of a personal field.
  void add_personal(const json& value);

  void take_words(const record_header& header, const json& body);
  void spare_common(const record_header& header, const json& body);
  void relate(const record_header& header, const json& body);

  /// Nothing: the body tells nothing of them.
  std::optional<std::string> without(const record_header& header, const std::string& body) const;
  /// Does the text hold an address or their name?
  bool names(std::string_view text) const;

private:
  enum class place { word_of_engine, free_text };  // a member that the engine reads, or one that is there for people and agents
  enum class nearness { anywhere, related };
  bool tells(const std::string& text, place where, nearness how) const;
  bool erase_in(json& value, place where, nearness how) const;
  bool is_about(const json& item) const;
  bool is_theirs(const record_header& header, const json& body) const;
  bool holds(const json& value) const;

  std::set<std::string> records_, external_ids_;
  std::set<std::string> addresses_, names_, words_of_names_;  // in lower case
  std::set<std::string> lines_, short_lines_, whole_texts_;
  std::set<std::string> runs_;
};

}  // namespace steward
