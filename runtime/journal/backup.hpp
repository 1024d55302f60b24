/// Copies of the journal that are proven before they count, and the way back from one.
#pragma once
#include <functional>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"
#include "runtime/disk.hpp"
#include "runtime/error.hpp"
#include "runtime/journal/upgrade.hpp"
#include "runtime/random.hpp"

namespace steward {

/// What `backup.json` says of the files beside it: journal.db, head and salt. The keys of persons are never among them.
struct backup_label {
  std::int64_t format = 1;
  time_point made_at;
  std::int64_t events = 0;  // the number of the last one
  std::string chain;        // up to it, as 64 hexadecimal digits
  std::string salt;         // the digest of the file
  std::string version;      // of the program that made it
  bool operator==(const backup_label&) const = default;
};
BOOST_DESCRIBE_STRUCT(backup_label, (), (format, made_at, events, chain, salt, version))

struct backup_order {
  std::string from;     // `.steward`
  std::string to;       // a folder that is not there yet, or empty
  std::string version;  // of the program
  /// Asked about the folder that the copy was restored into, before the copy counts; what it answers ends the backup.
  std::function<result<void>(const std::string& restored)> prove;
};

/// Copies the journal as it stands at one moment, while an engine may be writing; restores the copy into a folder of its own,
/// opens that as an engine would, checks its whole chain and asks `prove`. Only then does `to` appear: a backup that was
/// interrupted is none. backup_exists, journal_not_found, journal_chain_broken and the other sentences of a journal that is
/// not sound, disk_full, disk_failed.
result<backup_label> back_up(const backup_order& order, const event_kinds& kinds, const clock& now, random_source& random);

/// Reads every event of a backup: backup_not_found, backup_damaged (what is there is not what its label names).
result<backup_label> check_backup(const std::string& folder, const event_kinds& kinds);

struct restored {
  backup_label label;
  std::string set_aside;     // the folder with what stood there before; empty when nothing did
  std::int64_t replaced = 0;  // how far that journal was
};

/// Puts a backup in the place of the journal in `folder`; keys stay where they are, what is derived goes. What was there is set
/// aside when `replace` says so (restore_in_the_way otherwise), and nothing is touched before the copy has been checked.
/// At every moment the folder holds the old journal, the new one, or one that no engine opens; the call can be repeated.
/// `files` makes the moves. already_running, backup_not_found, backup_damaged, disk_full, disk_failed.
result<restored> restore_backup(const std::string& backup, const std::string& folder, bool replace, const event_kinds& kinds, const clock& now, disk& files);

}  // namespace steward
