#include "runtime/memory/memory_index.hpp"

#include <algorithm>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>

#include "runtime/event.hpp"
#include "runtime/sparse_json.hpp"

namespace steward {
namespace {

class memory_projection final : public projection {
public:
  std::string name() const override { return "memory"; }
  int version() const override { return 1; }
  std::vector<std::string> tables() const override { return {"memory_item", "memory_words"}; }
  std::string schema() const override {
    return "CREATE TABLE memory_item (seq INTEGER PRIMARY KEY, id TEXT, scope TEXT, about TEXT, source TEXT, importance REAL, until INTEGER, body TEXT);"
           "CREATE INDEX memory_scope ON memory_item (scope, about);"
           "CREATE VIRTUAL TABLE memory_words USING fts5 (text, about, content='', tokenize='porter unicode61 remove_diacritics 2');";
  }
  void apply(SQLite::Database& database, const record& e) override {
    if (e.header.kind != event::memory_added::kind || e.state != body_state::whole) return;
    const auto added = from_sparse_text<event::memory_added>(e.body);
    if (!added) throw error_thrown(added.error());
    const auto& item = added->item;
    // What the operator or several steps say under one source stands side by side; only the same topic is replaced.
    SQLite::Statement older(database, "SELECT seq, body FROM memory_item WHERE scope = ? AND about = ? AND source = ?");
    older.bind(1, item.scope);
    older.bind(2, item.about);
    older.bind(3, item.source);
    while (item.source != "operator" && older.executeStep()) {
      const std::int64_t seq = older.getColumn(0).getInt64();
      const auto old = from_json_text<memory_item>(older.getColumn(1).getString());
      if (!old) continue;
      SQLite::Statement words(database, "INSERT INTO memory_words (memory_words, rowid, text, about) VALUES ('delete', ?, ?, ?)");
      words.bind(1, seq);
      words.bind(2, old->text);
      words.bind(3, old->about);
      words.exec();
      SQLite::Statement row(database, "DELETE FROM memory_item WHERE seq = ?");
      row.bind(1, seq);
      row.exec();
    }
    SQLite::Statement row(database, "INSERT INTO memory_item VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(1, e.seq);
    row.bind(2, item.id);
    row.bind(3, item.scope);
    row.bind(4, item.about);
    row.bind(5, item.source);
    row.bind(6, item.importance);
    if (item.until) row.bind(7, std::int64_t(item.until->time_since_epoch().count()));
    row.bind(8, to_json_text(item));
    row.exec();
    SQLite::Statement words(database, "INSERT INTO memory_words (rowid, text, about) VALUES (?, ?, ?)");
    words.bind(1, e.seq);
    words.bind(2, item.text);
    words.bind(3, item.about);
    words.exec();
  }
};

/// The English function words that a question is full of and an answer is not found by.
const std::set<std::string, std::less<>>& stop_words() {
  static const std::set<std::string, std::less<>> words{
      "a",    "about", "all",  "also", "am",    "an",   "and",  "any",  "are",  "as",    "at",   "be",   "been",  "but",  "by",   "can",  "could", "did",  "do",
      "does", "for",   "from", "had",  "has",   "have", "he",   "her",  "his",  "how",   "i",    "if",   "in",    "into", "is",   "it",   "its",   "me",   "my",
      "no",   "not",   "of",   "on",   "or",    "our",  "she",  "so",   "that", "the",   "their", "them", "then",  "there", "they", "this", "to",    "us",   "was",
      "we",   "were",  "what", "when", "where", "which", "who", "why",  "will", "with",  "would", "you",  "your"};
  return words;
}

}  // namespace

std::unique_ptr<projection> make_memory_index() { return std::make_unique<memory_projection>(); }

std::string search_words(std::string_view text) {
  std::string query, word;
  std::set<std::string> told;
  const auto take = [&] {
    if (word.size() > 1 && !stop_words().contains(word) && told.insert(word).second && told.size() <= 32) query += (query.empty() ? "\"" : " OR \"") + word + "\"";
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || byte >= 0x80) word += byte < 0x80 ? char(std::tolower(byte)) : c;
    else take();
  }
  take();
  return query;
}

struct memory_search::implementation {
  SQLite::Database database;
};

memory_search::memory_search(std::unique_ptr<implementation> it) : it_(std::move(it)) {}
memory_search::~memory_search() = default;

result<std::unique_ptr<memory_search>> memory_search::open(const std::string& folder) {
  try {
    return std::unique_ptr<memory_search>(new memory_search(std::unique_ptr<implementation>(new implementation{SQLite::Database(folder + "/derived.db", SQLite::OPEN_READONLY, 2000)})));
  } catch (const SQLite::Exception& e) {
    return error{"memory_failed", folder + "/derived.db", e.what(), "", "'steward doctor' looks into it; the file may be deleted, it is rebuilt"};
  }
}

namespace {

/// What event `seq` really says; nullopt where it is no memory, or none that was asked for.
result<std::optional<memory_item>> item_at(reader& journal, std::int64_t seq, const recall& what, const std::vector<std::string>& about) {
  const auto stored = journal.at(seq);
  if (!stored) return stored.error();
  if (stored->header.kind != event::memory_added::kind || stored->state != body_state::whole) return std::nullopt;
  auto added = from_sparse_text<event::memory_added>(stored->body);
  if (!added) return added.error();
  auto& item = added->item;
  const bool in_scope = what.scope.empty() || what.scope == "*" || what.scope == item.scope;
  const bool about_it = what.about.empty() || what.about == item.about || std::find(about.begin(), about.end(), item.about) != about.end();
  if (!in_scope || !about_it) return std::nullopt;
  return std::optional(std::move(item));
}

}  // namespace

result<std::vector<memory_item>> memory_search::find(const recall& what, time_point now, reader& journal, const std::vector<std::string>& about) {
  try {
    const auto words = search_words(what.query);
    std::string sql = "SELECT memory_item.seq FROM memory_item";
    if (!words.empty()) sql += " JOIN memory_words ON memory_words.rowid = memory_item.seq AND memory_words MATCH ?4";
    sql += " WHERE (?1 IN ('', '*') OR scope = ?1) AND (?2 = '' OR memory_item.about = ?2 OR memory_item.about IN (SELECT value FROM json_each(?6))) AND (until IS NULL OR until > ?3)";
    // A query whose words are all stop words says nothing: it finds nothing, rather than anything.
    if (!what.query.empty() && words.empty()) return std::vector<memory_item>{};
    sql += words.empty() ? " ORDER BY importance DESC, seq DESC" : " ORDER BY memory_words.rank, importance DESC, seq DESC";
    sql += " LIMIT ?5";
    SQLite::Statement query(it_->database, sql);
    query.bind(1, what.scope);
    query.bind(2, what.about);
    query.bind(3, std::int64_t(now.time_since_epoch().count()));
    if (!words.empty()) query.bind(4, words);
    query.bind(6, to_json_text(about));
    query.bind(5, std::clamp<std::int64_t>(what.limit, 1, 1000));
    std::vector<memory_item> items;
    while (query.executeStep()) {
      auto item = item_at(journal, query.getColumn(0).getInt64(), what, about);
      if (!item) return item.error();
      if (*item) items.push_back(std::move(**item));
    }
    return items;
  } catch (const SQLite::Exception& e) {
    return error{"memory_failed", "derived.db", e.what(), "", "'steward doctor' looks into it; the file may be deleted, it is rebuilt"};
  }
}

}  // namespace steward
