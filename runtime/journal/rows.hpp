/// The journal's table as rows: what the writer, the readers and the chain's check have in common. For this folder only.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>

#include "runtime/error.hpp"
#include "runtime/journal/record.hpp"

namespace SQLite {
class Database;
class Exception;
class Statement;
}  // namespace SQLite

namespace steward {

/// The format of journal.db; a larger number was written by a newer program, a smaller one is upgraded by upgrade_journal.
inline constexpr int journal_format = 2;
inline constexpr auto compactions_schema = R"(
CREATE TABLE compactions(pass INTEGER PRIMARY KEY, time INTEGER NOT NULL, class TEXT NOT NULL, events INTEGER NOT NULL, digest BLOB NOT NULL);
)";
inline constexpr auto journal_schema = R"(
CREATE TABLE kinds(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE events(
  seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, kind INTEGER NOT NULL, version INTEGER NOT NULL, actor TEXT NOT NULL,
  cause INTEGER NOT NULL, correlation TEXT NOT NULL, time INTEGER NOT NULL, labels INTEGER NOT NULL, subject TEXT NOT NULL,
  key TEXT, chain BLOB NOT NULL, body_digest BLOB, body);
CREATE UNIQUE INDEX events_key ON events(key) WHERE key IS NOT NULL;
CREATE VIEW readable AS SELECT seq, datetime(time / 1000000, 'unixepoch') AS at, stream, kinds.name AS kind, version, actor,
  cause, correlation, labels, subject, key, body FROM events JOIN kinds ON kinds.id = events.kind ORDER BY seq;
)";
// Kinds are numbers in the rows (one or two bytes instead of a dozen) and words in the chain. body_digest is filled when a
// body was compacted: digest of the body as appended 32 · digest of what stands there now 32 · pass 4 (little-endian), where
// pass is the row of `compactions` whose digest covers it; or erased: the first 32 alone. Large things stand last: a row's
// header is read without its body's pages. Format 1 had no `compactions`.

inline constexpr auto row_columns = "seq, stream, kind, version, actor, cause, correlation, time, labels, subject, key, chain, body_digest, body";

/// The words behind the numbers of `kinds`; reads the table again when it meets a number that it does not know.
class kind_words {
public:
  explicit kind_words(SQLite::Database& database) : database_(&database) {}
  /// Empty for a number that stands nowhere.
  const std::string& word(int id);
  std::optional<int> number(const std::string& word);

private:
  void load();
  SQLite::Database* database_;
  std::unordered_map<int, std::string> words_;
  std::unordered_map<std::string, int> numbers_;
};

/// A row as it is stored: nothing opened, nothing upgraded.
struct stored_row {
  std::int64_t seq = 0;
  record_header header;
  std::string body;
  digest_bytes body_digest{};  // of the body as it was appended
  digest_bytes now_digest{};   // compacted: of the body as it is now
  std::uint32_t pass = 0;      // compacted: by this row of `compactions`
  body_state state = body_state::whole;
  digest_bytes chain{};
};

/// The row under the cursor of a statement that selected `row_columns`.
stored_row read_row(SQLite::Statement& statement, kind_words& kinds);
/// Checks the row against the chain before it: journal_chain_broken, naming the seq.
result<void> check_row(const stored_row& row, const digest_bytes& previous, std::string& buffer);
/// The chain after event `seq` (all zero for 0); nothing when there is no such event.
std::optional<digest_bytes> chain_at(SQLite::Database& database, std::int64_t seq);
/// The last event; seq 0 for the empty journal.
journal_head last_of(SQLite::Database& database);
/// Recomputes the chain of the events `from` to `to`, both included: journal_chain_broken names the first event that is wrong
/// or missing. Gives the position that was reached.
result<journal_head> verify_chain(SQLite::Database& database, kind_words& kinds, std::int64_t from, std::int64_t to);
/// What stands in the column body_digest of a compacted row.
std::string compacted_digest(const digest_bytes& original, const digest_bytes& now, std::uint32_t pass);
/// Are the compacted bodies those that the passes wrote? journal_damaged.
result<void> check_compactions(SQLite::Database& database, const std::string& path);
/// The digest of all rows that a pass compacted, in their order.
digest_bytes digest_of_pass(SQLite::Database& database, std::int64_t pass);
/// Is this a journal that we can read? journal_from_the_future, journal_damaged.
result<void> check_format(SQLite::Database& database, const std::string& path);

/// What SQLite said, as an error: disk_full, `family`_damaged (a file that is no database or is corrupt) or `family`_failed.
error from_sqlite(const SQLite::Exception& e, const std::string& family, const std::string& path, int system_errno = 0);

}  // namespace steward
