#include "runtime/journal/rows.hpp"

#include <cerrno>
#include <cstring>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "runtime/journal/chain.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

std::string text_of(const SQLite::Column& column) { return {static_cast<const char*>(column.getBlob()), std::size_t(column.getBytes())}; }

digest_bytes digest_from(const SQLite::Column& column) {
  digest_bytes d{};
  if (column.getBytes() == int(d.size())) std::memcpy(d.data(), column.getBlob(), d.size());
  return d;
}

constexpr std::size_t compacted_bytes = 32 + 32 + 4;

error broken(std::int64_t seq, std::string found) {
  return {"journal_chain_broken", "journal event " + std::to_string(seq), std::move(found), "the chain of digests to be whole",
          "Something outside Steward changed the file, or the disk is failing. Restore the last backup"};
}

}  // namespace

const std::string& kind_words::word(int id) {
  auto found = words_.find(id);
  if (found == words_.end()) {
    load();
    found = words_.try_emplace(id).first;
    if (found->second.empty()) {  // Not kept: another connection may write it yet.
      static const std::string none;
      words_.erase(found);
      return none;
    }
  }
  return found->second;
}

std::optional<int> kind_words::number(const std::string& word) {
  auto found = numbers_.find(word);
  if (found == numbers_.end()) {
    load();
    found = numbers_.find(word);
  }
  return found == numbers_.end() ? std::nullopt : std::optional<int>(found->second);
}

void kind_words::load() {
  SQLite::Statement all(*database_, "SELECT id, name FROM kinds");
  while (all.executeStep()) {
    words_[all.getColumn(0).getInt()] = all.getColumn(1).getString();
    numbers_[all.getColumn(1).getString()] = all.getColumn(0).getInt();
  }
}

stored_row read_row(SQLite::Statement& s, kind_words& kinds) {
  stored_row row;
  row.seq = s.getColumn(0).getInt64();
  row.header.stream = text_of(s.getColumn(1));
  row.header.kind = kinds.word(s.getColumn(2).getInt());
  row.header.version = s.getColumn(3).getInt();
  row.header.actor = text_of(s.getColumn(4));
  row.header.cause = s.getColumn(5).getInt64();
  row.header.correlation = text_of(s.getColumn(6));
  row.header.time = time_point{duration{s.getColumn(7).getInt64()}};
  row.header.labels = s.getColumn(8).getUInt();
  row.header.subject = text_of(s.getColumn(9));
  row.header.key = text_of(s.getColumn(10));
  row.chain = digest_from(s.getColumn(11));
  const auto digest = s.getColumn(12);
  const auto body = s.getColumn(13);
  row.body = text_of(body);
  if (digest.isNull()) row.body_digest = digest_of(row.body);
  else if (body.isNull()) row.state = body_state::erased, row.body_digest = digest_from(digest);
  else {
    row.state = body_state::compacted;
    if (const auto text = text_of(digest); text.size() == compacted_bytes) {
      std::memcpy(row.body_digest.data(), text.data(), 32);
      std::memcpy(row.now_digest.data(), text.data() + 32, 32);
      for (int i = 0; i < 4; ++i) row.pass |= std::uint32_t(static_cast<unsigned char>(text[64 + std::size_t(i)])) << 8 * i;
    }
  }
  return row;
}

result<void> check_row(const stored_row& row, const digest_bytes& previous, std::string& buffer) {
  if (planted(bug::chain_unchecked)) return {};
  if (row.state == body_state::compacted && digest_of(row.body) != row.now_digest) return broken(row.seq, "its body is not the one that the compaction left");
  if (chain_link(previous, row.seq, row.header, row.body_digest, buffer) == row.chain) return {};
  return broken(row.seq, "the event is not the one that was appended");
}

std::optional<digest_bytes> chain_at(SQLite::Database& database, std::int64_t seq) {
  if (seq == 0) return digest_bytes{};
  SQLite::Statement s(database, "SELECT chain FROM events WHERE seq = ?");
  s.bind(1, seq);
  if (!s.executeStep()) return {};
  return digest_from(s.getColumn(0));
}

journal_head last_of(SQLite::Database& database) {
  SQLite::Statement s(database, "SELECT seq, chain FROM events ORDER BY seq DESC LIMIT 1");
  if (!s.executeStep()) return {};
  return {s.getColumn(0).getInt64(), digest_from(s.getColumn(1))};
}

result<journal_head> verify_chain(SQLite::Database& database, kind_words& kinds, std::int64_t from, std::int64_t to) {
  const auto before = chain_at(database, from - 1);
  if (!before) return broken(from - 1, "the event is missing");
  journal_head reached{from - 1, *before};
  SQLite::Statement s(database, fmt::format("SELECT {} FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq", row_columns));
  s.bind(1, from);
  s.bind(2, to);
  std::string buffer;
  while (s.executeStep()) {
    const auto row = read_row(s, kinds);
    if (row.seq != reached.seq + 1) return broken(reached.seq + 1, "the event is missing");
    if (auto r = check_row(row, reached.chain, buffer); !r) return r.error();
    reached = {row.seq, row.chain};
  }
  if (reached.seq < to) return broken(reached.seq + 1, "the event is missing");
  return reached;
}

std::string compacted_digest(const digest_bytes& original, const digest_bytes& now, std::uint32_t pass) {
  std::string bytes(reinterpret_cast<const char*>(original.data()), original.size());
  bytes.append(reinterpret_cast<const char*>(now.data()), now.size());
  for (int i = 0; i < 4; ++i) bytes += char(pass >> 8 * i & 0xff);
  return bytes;
}

digest_bytes digest_of_pass(SQLite::Database& database, std::int64_t pass) {
  std::string suffix;
  for (int i = 0; i < 4; ++i) suffix += char(pass >> 8 * i & 0xff);
  SQLite::Statement s(database, "SELECT seq, body_digest FROM events WHERE length(body_digest) = ? AND substr(body_digest, -4) = ? ORDER BY seq");
  s.bind(1, int(compacted_bytes));
  s.bind(2, suffix.data(), 4);
  std::string all;
  while (s.executeStep()) all += std::to_string(s.getColumn(0).getInt64()) + ' ' + text_of(s.getColumn(1));
  return digest_of(all);
}

result<void> check_compactions(SQLite::Database& database, const std::string& path) {
  if (database.execAndGet("PRAGMA user_version").getInt() < 2) return {};
  std::int64_t events = 0;
  SQLite::Statement passes(database, "SELECT pass, events, digest FROM compactions");
  while (passes.executeStep()) {
    events += passes.getColumn(1).getInt64();
    if (digest_of_pass(database, passes.getColumn(0).getInt64()) != digest_from(passes.getColumn(2)))
      return error{"journal_damaged", path, "compaction " + passes.getColumn(0).getString() + " did not leave what is there now", "the events that it compacted, with their digests", "Restore the last backup"};
  }
  if (const auto gone = database.execAndGet("SELECT count(*) FROM events WHERE body IS NULL").getInt64(); gone > 0)
    return error{"journal_damaged", path, std::to_string(gone) + " events have no body", "the body, or what a compaction left of it", "Restore the last backup"};
  const auto compacted = database.execAndGet("SELECT count(*) FROM events WHERE body_digest IS NOT NULL").getInt64();
  if (compacted != events)
    return error{"journal_damaged", path, std::to_string(compacted) + " events are compacted, but the compactions tell of " + std::to_string(events), "each by one compaction", "Restore the last backup"};
  return {};
}

result<void> check_format(SQLite::Database& database, const std::string& path) {
  const int format = database.execAndGet("PRAGMA user_version").getInt();
  if (format > journal_format)
    return error{"journal_from_the_future", path, "the journal has format " + std::to_string(format), "at most " + std::to_string(journal_format) + ", which is what this program knows",
                 "Use the newer program that wrote it"};
  if (format < 1) return error{"journal_damaged", path, "the file holds no journal", "a journal of format " + std::to_string(journal_format), "Restore the last backup"};
  return {};
}

error from_sqlite(const SQLite::Exception& e, const std::string& family, const std::string& path, int system_errno) {
  const int code = e.getErrorCode();
  if (code == SQLITE_FULL || (code == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT)))
    return {"disk_full", path, "the disk is full", "", "Free some space and start again; everything acknowledged is on disk"};
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return {family == "journal" ? "journal_damaged" : "derived_damaged", path, e.what(), "", family == "journal" ? "Restore the last backup" : "Delete the file; it is rebuilt"};
  const std::string detail = system_errno != 0 && code == SQLITE_IOERR ? std::string(" (") + std::strerror(system_errno) + ")" : "";
  return {family == "journal" ? "journal_failed" : "derived_failed", path, e.what() + detail, "", ""};
}

}  // namespace steward
