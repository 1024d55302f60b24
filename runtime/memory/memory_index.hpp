/// Memory's index in derived.db: full text (SQLite's FTS5 with Porter stemming) over what memory_added events hold.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/intent.hpp"
#include "runtime/journal/derived.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/memory_item.hpp"

namespace steward {

/// The projection that the index is written by. A newer item of the same scope, source and topic replaces the older one.
std::unique_ptr<projection> make_memory_index();

/// What of a text is worth searching for: its words without stop words, each quoted for FTS5 and joined by OR; empty when none is.
std::string search_words(std::string_view text);

/// Finds through the index, and takes what it found from the journal: what is derived may be damaged, what is served is checked.
/// A connection of its own, read-only. One thread.
class memory_search {
public:
  static result<std::unique_ptr<memory_search>> open(const std::string& folder);
  ~memory_search();
  /// The best items first: by rank of the words (BM25) where a query is given, then importance, then newest. `now` decides
  /// what is no longer valid. memory_failed.
  /// `about`: names that stand beside what.about; a record that was merged has several. Errors of the journal's row: those of reader::at.
  result<std::vector<memory_item>> find(const recall& what, time_point now, reader& journal, const std::vector<std::string>& about = {});

private:
  struct implementation;
  explicit memory_search(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
