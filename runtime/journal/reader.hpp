/// Reads the journal: by number, stream, kind, time and correlation, in either direction. One reader per thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/journal/seal.hpp"
#include "runtime/journal/upgrade.hpp"

namespace steward {

enum class read_order { oldest_first, newest_first };

/// Which events. What is empty (0, nothing) asks for no such thing; what is given must all hold.
struct event_query {
  std::int64_t from_seq = 0, to_seq = 0;  // both included
  std::string stream;
  std::string kind;
  std::string correlation;
  std::optional<time_point> from, until;  // from <= time < until
  read_order order = read_order::oldest_first;
  std::size_t limit = 1000;
};

struct reader_options {
  std::string folder;        // `.steward`
  bool open_sealed = true;   // open personal fields where the subject's key still exists
  bool upgrade = true;       // give bodies in today's version; false gives them as stored, and asks for no known kind
  bool use_index = true;     // look into derived.db where it is there
  erased_as erased = erased_as::mark;
};

/// A read-only connection. It sees each commit that was acknowledged before the call. Every event that it serves has been
/// checked against the chain value of the event before it; the whole chain is checked by `verify`.
class reader {
public:
  /// journal_not_found, journal_from_the_future, journal_damaged, journal_failed. `kinds` must live longer.
  static result<std::unique_ptr<reader>> open(reader_options options, const event_kinds& kinds);
  ~reader();
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  /// The events that match, in the order asked for, at most query.limit. journal_chain_broken, unknown_event_kind,
  /// event_from_the_future, event_not_upgraded, seal_damaged name the event.
  result<std::vector<record>> read(const event_query& query);
  /// The same one by one, without holding them all; `visit` answers whether to go on. Gives the number visited.
  result<std::size_t> each(const event_query& query, const std::function<bool(record)>& visit);
  /// One event; event_not_found.
  result<record> at(std::int64_t seq);
  /// The seq of the event with this append key; 0 when there is none.
  result<std::int64_t> find_key(const std::string& key);
  result<journal_head> last();
  /// The chain after event `seq`; event_not_found.
  result<journal_head> head_at(std::int64_t seq);

  /// Recomputes the chain from event `from` to event `to` (0 = the last): the position that was reached, or
  /// journal_chain_broken naming the first event that is not the one that was appended.
  result<journal_head> verify(std::int64_t from = 1, std::int64_t to = 0);
  /// Reads every page, row and index entry of the file: an append key that its index has lost would be taken twice.
  /// journal_damaged.
  result<void> check_structure();
  /// The events that the last `each`, `read` or `at` looked at without the help of the index.
  std::size_t scanned() const;

private:
  struct implementation;
  explicit reader(std::unique_ptr<implementation> implementation);
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
