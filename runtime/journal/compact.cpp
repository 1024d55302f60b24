#include "runtime/journal/compact.hpp"

#include <map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "runtime/journal/rows.hpp"

namespace steward {
namespace {

/// Opens the file for a change that must be whole on disk; nothing is deleted without being overwritten.
result<void> open(std::optional<SQLite::Database>& database, const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return error{"journal_not_found", path, "there is no journal", "a workspace that has run once", "Make one with 'steward init', or go to the workspace's folder"};
  database.emplace(path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, 2000);
  database->exec("PRAGMA synchronous=FULL; PRAGMA mmap_size=0; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY");
  return check_format(*database, path);
}

int format_of(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

std::int64_t size_of(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 ? std::int64_t(info.st_size) : 0;
}

error failed(const SQLite::Exception& e, const std::optional<SQLite::Database>& database, const std::string& path) {
  return from_sqlite(e, "journal", path, database ? sqlite3_system_errno(database->getHandle()) : 0);
}

/// Which events, and must their bodies become shorter?
enum class rewriting { compact, replace };

result<compaction> rewrite(rewriting how, const std::string& folder, const std::string& what, const body_reducer& reduce, time_point now) {
  const bool replaces = how == rewriting::replace;
  const auto path = folder + "/journal.db";
  std::optional<SQLite::Database> database;
  try {
    if (auto r = open(database, path); !r) return r.error();
    if (format_of(*database) < journal_format)
      return error{"journal_outdated", path, "the journal has format " + std::to_string(format_of(*database)), "format " + std::to_string(journal_format), "'steward journal upgrade' makes it so"};
    database->exec("PRAGMA wal_checkpoint(TRUNCATE)");
    compaction done;
    done.bytes_before = size_of(path);
    kind_words kinds(*database);
    if (auto r = verify_chain(*database, kinds, 1, last_of(*database).seq); !r) return r.error();
    if (replaces)
      if (auto r = check_compactions(*database, path); !r) return r.error();

    std::optional<SQLite::Transaction> transaction(std::in_place, *database, SQLite::TransactionBehavior::IMMEDIATE);
    const auto pass = database->execAndGet("SELECT ifnull(max(pass), 0) + 1 FROM compactions").getInt64();
    std::map<std::uint32_t, std::int64_t> taken_from;  // earlier passes, and how many of their events this one takes over
    {
      SQLite::Statement rows(*database, fmt::format("SELECT {} FROM events WHERE {} ORDER BY seq", row_columns, replaces ? "body IS NOT NULL" : "body_digest IS NULL AND subject = ''"));
      SQLite::Statement update(*database, "UPDATE events SET body = ?, body_digest = ? WHERE seq = ?");
      while (rows.executeStep()) {
        const auto row = read_row(rows, kinds);
        const auto shorter = reduce(row.seq, row.header, row.body);
        if (!shorter || (replaces ? *shorter == row.body : shorter->size() >= row.body.size())) continue;
        if (row.state == body_state::compacted) ++taken_from[row.pass];
        const auto digest = compacted_digest(row.body_digest, digest_of(*shorter), std::uint32_t(pass));
        update.reset();
        update.bind(1, *shorter);
        update.bind(2, digest.data(), int(digest.size()));
        update.bind(3, row.seq);
        update.exec();
        ++done.events;
      }
    }
    for (const auto& [earlier, events] : taken_from) {
      const auto digest = digest_of_pass(*database, earlier);
      SQLite::Statement anew(*database, "UPDATE compactions SET events = events - ?, digest = ? WHERE pass = ?");
      anew.bind(1, events);
      anew.bind(2, digest.data(), int(digest.size()));
      anew.bind(3, std::int64_t(earlier));
      anew.exec();
    }
    if (done.events > 0) {
      const auto digest = digest_of_pass(*database, pass);
      SQLite::Statement enter(*database, "INSERT INTO compactions VALUES(?, ?, ?, ?, ?)");
      enter.bind(1, pass);
      enter.bind(2, std::int64_t(now.time_since_epoch().count()));
      enter.bind(3, what);
      enter.bind(4, done.events);
      enter.bind(5, digest.data(), int(digest.size()));
      enter.exec();
      transaction->commit();
    }
    transaction.reset();  // rolled back where there was nothing to do
    database->exec("VACUUM");
    database->exec("PRAGMA wal_checkpoint(TRUNCATE)");
    done.bytes_after = size_of(path);
    if (replaces && size_of(path + "-wal") > 0)
      return error{"journal_failed", path + "-wal", "another process reads the journal, so its log could not be emptied", "nobody to read it for a moment", "Say the command again: it goes on where it was"};
    return done;
  } catch (const SQLite::Exception& e) {
    return failed(e, database, path);
  }
}

}  // namespace

result<compaction> compact_journal(const std::string& folder, const std::string& what, const body_reducer& reduce, time_point now) {
  return rewrite(rewriting::compact, folder, what, reduce, now);
}

result<compaction> replace_bodies(const std::string& folder, const std::string& what, const body_reducer& replace, time_point now) {
  return rewrite(rewriting::replace, folder, what, replace, now);
}

result<upgraded_format> upgrade_journal(const std::string& folder) {
  const auto path = folder + "/journal.db";
  std::optional<SQLite::Database> database;
  try {
    if (auto r = open(database, path); !r) return r.error();
    upgraded_format done;
    done.from = done.to = format_of(*database);
    if (done.to == 1) {
      SQLite::Transaction transaction(*database, SQLite::TransactionBehavior::IMMEDIATE);
      database->exec(compactions_schema);
      database->exec("PRAGMA user_version=2");
      transaction.commit();
      done.to = 2;
    }
    return done;
  } catch (const SQLite::Exception& e) {
    return failed(e, database, path);
  }
}

}  // namespace steward
