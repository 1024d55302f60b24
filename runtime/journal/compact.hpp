/// Makes a journal smaller, or of today's format, without breaking its chain. For one process at a time, under the lock.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"
#include "runtime/error.hpp"
#include "runtime/journal/record.hpp"

namespace steward {

struct compaction {
  std::int64_t events = 0;      // whose bodies were replaced
  std::int64_t bytes_before = 0, bytes_after = 0;  // of the file
};
BOOST_DESCRIBE_STRUCT(compaction, (), (events, bytes_before, bytes_after))

/// The shorter body that takes the place of an event's; nothing: it stays as it is. Pure.
using body_reducer = std::function<std::optional<std::string>(std::int64_t seq, const record_header& header, const std::string& body)>;

/// Replaces bodies by shorter ones, each beside the digest of the original, which keeps the chain whole; all in one
/// transaction, entered in the table `compactions` under the name `what`. Then the file gives back its free pages. Checks the
/// whole chain first, so that no damage is compacted away. Events that were compacted before, and those with sealed fields, are
/// left alone. It may be interrupted and repeated at any time. journal_not_found, journal_chain_broken, journal_outdated,
/// journal_failed, disk_full.
result<compaction> compact_journal(const std::string& folder, const std::string& what, const body_reducer& reduce, time_point now);

/// The same for bodies that need not become shorter, also where an event was compacted before or holds sealed fields (given as
/// they are stored): the passes that left them are entered anew. Nothing of the old bodies is in the files when it returns;
/// journal_failed when another process that reads the journal kept it from that (it can be repeated then). journal_damaged.
result<compaction> replace_bodies(const std::string& folder, const std::string& what, const body_reducer& replace, time_point now);

struct upgraded_format {
  int from = 0, to = 0;  // equal: there was nothing to do
};
BOOST_DESCRIBE_STRUCT(upgraded_format, (), (from, to))

/// Brings journal.db to today's format, each step in one transaction: it may be interrupted and repeated. Events stay as they
/// are; older versions of them are upgraded on reading. journal_not_found, journal_from_the_future, journal_failed, disk_full.
result<upgraded_format> upgrade_journal(const std::string& folder);

}  // namespace steward
