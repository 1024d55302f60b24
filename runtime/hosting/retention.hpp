/// Makes a journal smaller by what nobody needs word for word any more: long texts of runs that ended, by classes of retention.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runtime/journal/compact.hpp"
#include "runtime/journal/upgrade.hpp"

namespace steward {

/// Kinds of event whose long texts go together.
struct retention_class {
  std::string_view name;
  std::string_view what;  // for the help
  std::vector<std::string_view> kinds;
};
const std::vector<retention_class>& retention_classes();

struct retention_order {
  std::vector<std::string> classes;
  time_point ended_before;  // runs that ended earlier than this
  bool only_look = false;
};

struct retention_report {
  std::int64_t runs = 0;           // that ended before the time
  std::int64_t events = 0;         // whose bodies become shorter
  std::int64_t bytes_of_text = 0;  // by so much
  compaction done;                 // empty when it only looked
};
BOOST_DESCRIBE_STRUCT(retention_report, (), (runs, events, bytes_of_text, done))

/// Every text of more than `text_kept` bytes in a body, as "(compacted: 5120 bytes)"; nothing when there is none.
inline constexpr std::size_t text_kept = 120;  // What fits on a line: names, ids, digests and sentences stay.
std::optional<std::string> without_long_texts(const std::string& body);

/// Under the lock. First proves that the state folded from the shorter bodies is the very same: compaction_refused otherwise.
/// already_running, unknown_class, and the errors of compact_journal.
result<retention_report> compact_company(const std::string& folder, const event_kinds& kinds, const std::string& zone, const retention_order& order, time_point now);

}  // namespace steward
