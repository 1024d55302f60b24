#include "runtime/journal/event_index.hpp"

#include <optional>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/VariadicBind.h>
#include <cstring>
#include <sys/stat.h>

#include "runtime/journal/derived.hpp"

namespace steward {
namespace {

// Texts are numbers here as well: one row and four index entries together take some 80 bytes an event.
class event_index_projection final : public projection {
public:
  std::string name() const override { return "event_index"; }
  int version() const override { return 1; }
  std::vector<std::string> tables() const override { return {"event_index", "event_index_texts"}; }
  std::string schema() const override {
    return R"(
CREATE TABLE event_index(seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL, correlation INTEGER NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL);
CREATE INDEX event_index_stream ON event_index(stream);
CREATE INDEX event_index_correlation ON event_index(correlation);
CREATE INDEX event_index_kind ON event_index(kind);
CREATE INDEX event_index_time ON event_index(time);
CREATE TABLE event_index_texts(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
)";
  }
  void apply(SQLite::Database& database, const record& event) override {
    if (!insert_) {
      insert_.emplace(database, "INSERT INTO event_index VALUES(?,?,?,?,?)");
      find_.emplace(database, "SELECT id FROM event_index_texts WHERE text = ?");
      add_.emplace(database, "INSERT INTO event_index_texts(text) VALUES(?) RETURNING id");
    }
    insert_->reset();
    SQLite::bind(*insert_, event.seq, id_of(event.header.stream), id_of(event.header.correlation), id_of(event.header.kind), std::int64_t(event.header.time.time_since_epoch().count()));
    insert_->exec();
  }
  void forget() override {
    insert_.reset();
    find_.reset();
    add_.reset();
    ids_.clear();
  }

private:
  std::int64_t id_of(const std::string& text) {
    if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
    if (ids_.size() >= 4096) ids_.clear();  // Streams come and go without end; the busy ones return at once.
    auto& statement = look_up(*find_, text) ? *find_ : *add_;
    if (&statement == &*add_) look_up(*add_, text);
    const std::int64_t id = statement.getColumn(0).getInt64();
    find_->reset();
    add_->reset();
    return ids_[text] = id;
  }
  static bool look_up(SQLite::Statement& statement, const std::string& text) {
    statement.reset();
    statement.bind(1, text);
    return statement.executeStep();
  }
  std::optional<SQLite::Statement> insert_, find_, add_;
  std::unordered_map<std::string, std::int64_t> ids_;
};

}  // namespace

std::unique_ptr<projection> make_event_index() { return std::make_unique<event_index_projection>(); }

struct event_index::implementation {
  explicit implementation(const std::string& path) : database(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, 1000) { database.exec("PRAGMA cache_size=-512"); }
  SQLite::Database database;
  dev_t device = 0;
  ino_t inode = 0;
};

event_index::event_index(std::string folder) : path_(std::move(folder) + "/derived.db") {}
event_index::~event_index() = default;

bool event_index::ready() {
  // The file may be deleted and made anew at any moment: look whether it is still the one that is open.
  struct stat info;
  if (::stat(path_.c_str(), &info) != 0) {
    it_.reset();
    return false;
  }
  if (it_ && it_->device == info.st_dev && it_->inode == info.st_ino) return true;
  it_.reset();
  auto fresh = std::make_unique<implementation>(path_);
  fresh->device = info.st_dev;
  fresh->inode = info.st_ino;
  it_ = std::move(fresh);
  return true;
}

journal_head event_index::reach() try {
  if (!ready()) return {};
  SQLite::Statement s(it_->database, "SELECT seq, chain FROM projections WHERE name = 'event_index' AND version = ?");
  s.bind(1, event_index_projection().version());
  if (!s.executeStep()) return {};
  journal_head head;
  head.seq = s.getColumn(0).getInt64();
  const auto chain = s.getColumn(1);
  if (chain.getBytes() != int(head.chain.size())) return {};
  std::memcpy(head.chain.data(), chain.getBlob(), head.chain.size());
  return head;
} catch (const SQLite::Exception&) {
  it_.reset();
  return {};
}

std::optional<std::vector<std::int64_t>> event_index::find(const event_query& query, std::int64_t from, std::int64_t to) try {
  if (!ready()) return {};
  std::vector<std::int64_t> values{from, to};
  std::string sql = "SELECT seq FROM event_index WHERE seq BETWEEN ? AND ?";
  // The first that is given is the narrowest, and the only one that SQLite may use an index for (a unary + forbids it).
  bool narrowed = false;
  bool known = true;
  const auto narrow = [&](const char* column, const std::string& text) {
    if (text.empty()) return;
    SQLite::Statement s(it_->database, "SELECT id FROM event_index_texts WHERE text = ?");
    s.bind(1, text);
    known = s.executeStep() && known;
    if (!known) return;
    values.push_back(s.getColumn(0).getInt64());
    sql += std::string(" AND ") + (narrowed ? "+" : "") + column + " = ?";
    narrowed = true;
  };
  narrow("stream", query.stream);
  narrow("correlation", query.correlation);
  narrow("kind", query.kind);
  if (!known) return std::vector<std::int64_t>{};
  const std::string time = narrowed ? " AND +time" : " AND time";
  if (query.from) values.push_back(query.from->time_since_epoch().count()), sql += time + " >= ?";
  if (query.until) values.push_back(query.until->time_since_epoch().count()), sql += time + " < ?";
  sql += query.order == read_order::newest_first ? " ORDER BY seq DESC LIMIT ?" : " ORDER BY seq LIMIT ?";
  values.push_back(std::int64_t(std::min<std::size_t>(query.limit, std::size_t(INT64_MAX))));
  SQLite::Statement s(it_->database, sql);
  for (std::size_t i = 0; i < values.size(); ++i) s.bind(int(i + 1), values[i]);
  std::vector<std::int64_t> found;
  while (s.executeStep()) found.push_back(s.getColumn(0).getInt64());
  return found;
} catch (const SQLite::Exception&) {
  it_.reset();
  return {};
}

}  // namespace steward
