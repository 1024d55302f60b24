#include "runtime/journal/derived.hpp"

#include <cstring>
#include <optional>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/rows.hpp"

namespace steward {
namespace {

constexpr auto positions_schema = "CREATE TABLE IF NOT EXISTS projections(name TEXT PRIMARY KEY, version INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL) WITHOUT ROWID";

struct place {
  std::unique_ptr<projection> what;
  journal_head at;
};

bool unusable(const SQLite::Exception& e) { return e.getErrorCode() == SQLITE_CORRUPT || e.getErrorCode() == SQLITE_NOTADB; }

}  // namespace

struct derived::implementation {
  std::string path;
  std::vector<place> places;
  std::optional<SQLite::Database> database;
  dev_t device = 0;
  ino_t inode = 0;

  ~implementation() { close(); }
  void close();  // projections may hold statements, which go before the connection
  void open();
  void open_or_remake();
  void remake();
  bool still_there() const;
  void start_over(place& p);
  void keep_position(const place& p);
  std::string digest(const projection& p);
  result<place*> find(const std::string& name);
  /// Takes in events after `after` for those places that want them, in one transaction.
  result<std::size_t> take_in(reader& source, const std::vector<place*>& who, std::int64_t to, std::size_t limit);
  result<std::size_t> catch_up(reader& source, std::size_t limit);
  /// Runs `work`; a database that turns out unusable is made anew and the work is done once more.
  template <class Work>
  auto guarded(Work&& work) -> decltype(work());
};

void derived::implementation::close() {
  for (auto& p : places) p.what->forget();
  database.reset();
}

void derived::implementation::open() {
  close();
  // The database gives its mode to its log; SQLite by itself would let everybody read both.
  if (const int fresh = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600); fresh >= 0) ::close(fresh);
  ::chmod(path.c_str(), 0600);
  database.emplace(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, 2000);
  // NORMAL flushes at checkpoints only; secure_delete would write every dropped page once more, for a cache.
  database->exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-2048; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=OFF; PRAGMA journal_size_limit=16777216");
  database->exec(positions_schema);
  struct stat info{};
  ::stat(path.c_str(), &info);
  device = info.st_dev;
  inode = info.st_ino;
  for (auto& p : places) {
    p.at = {};
    std::optional<int> version;
    {
      SQLite::Statement s(*database, "SELECT version, seq, chain FROM projections WHERE name = ?");
      s.bind(1, p.what->name());
      if (s.executeStep()) {
        version = s.getColumn(0).getInt();
        p.at.seq = s.getColumn(1).getInt64();
        const auto chain = s.getColumn(2);
        if (chain.getBytes() == int(p.at.chain.size())) std::memcpy(p.at.chain.data(), chain.getBlob(), p.at.chain.size());
      }
    }
    if (version == p.what->version()) continue;
    SQLite::Transaction transaction(*database);
    start_over(p);
    transaction.commit();
  }
}

void derived::implementation::remake() {
  close();
  for (const auto* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  open();
}

void derived::implementation::open_or_remake() {
  try {
    open();
  } catch (const SQLite::Exception& e) {
    if (!unusable(e)) throw;
    remake();
  }
}

bool derived::implementation::still_there() const {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

void derived::implementation::start_over(place& p) {
  p.what->forget();
  for (const auto& table : p.what->tables()) database->exec("DROP TABLE IF EXISTS \"" + table + "\"");
  database->exec(p.what->schema());
  p.at = {};
  keep_position(p);
}

void derived::implementation::keep_position(const place& p) {
  SQLite::Statement s(*database, "INSERT OR REPLACE INTO projections VALUES(?,?,?,?)");
  s.bind(1, p.what->name());
  s.bind(2, p.what->version());
  s.bind(3, p.at.seq);
  s.bind(4, p.at.chain.data(), int(p.at.chain.size()));
  s.exec();
}

std::string derived::implementation::digest(const projection& p) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sizeof(digest_bytes));
  const auto add = [&](const void* bytes, std::size_t count) { crypto_generichash_update(&state, static_cast<const unsigned char*>(bytes), count); };
  for (const auto& table : p.tables()) {
    add(table.c_str(), table.size() + 1);
    const int columns = SQLite::Statement(*database, "SELECT * FROM \"" + table + "\"").getColumnCount();
    std::string order;
    for (int i = 1; i <= columns; ++i) order += (i == 1 ? "" : ", ") + std::to_string(i);
    SQLite::Statement rows(*database, "SELECT * FROM \"" + table + "\" ORDER BY " + order);
    while (rows.executeStep())
      for (int i = 0; i < columns; ++i) {
        const auto value = rows.getColumn(i);
        const std::int32_t type = value.getType();
        const std::int32_t size = value.getBytes();  // of a number: of its text
        add(&type, sizeof type);
        add(&size, sizeof size);
        add(value.getText(), std::size_t(size));
      }
  }
  digest_bytes out;
  crypto_generichash_final(&state, out.data(), out.size());
  return to_hex(out);
}

result<place*> derived::implementation::find(const std::string& name) {
  for (auto& p : places)
    if (p.what->name() == name) return &p;
  std::vector<std::string> names;
  for (const auto& p : places) names.push_back(p.what->name());
  const auto near = nearest_name(name, names);
  return error{"projection_unknown", name, "there is no projection of this name", "", near.empty() ? "" : "Did you mean '" + near + "'?"};
}

result<std::size_t> derived::implementation::take_in(reader& source, const std::vector<place*>& who, std::int64_t to, std::size_t limit) {
  std::int64_t from = INT64_MAX;
  for (const auto* p : who) from = std::min(from, p->at.seq + 1);
  if (who.empty() || (to != 0 && from > to)) return std::size_t(0);
  event_query all;
  all.from_seq = from;
  all.to_seq = to;
  all.limit = limit;
  // An exception must not pass through the reader, which would take it for one of its own.
  std::exception_ptr thrown;
  auto visited = source.each(all, [&](record event) {
    try {
      for (auto* p : who) {
        if (p->at.seq >= event.seq) continue;
        p->what->apply(*database, event);
        p->at = {event.seq, event.chain};
      }
      return true;
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  });
  if (thrown) std::rethrow_exception(thrown);
  if (!visited) return visited.error();
  for (const auto* p : who) keep_position(*p);
  return *visited;
}

result<std::size_t> derived::implementation::catch_up(reader& source, std::size_t limit) {
  if (!still_there()) open_or_remake();
  const auto end = source.last();
  if (!end) return end.error();
  std::vector<place*> behind;
  for (auto& p : places) {
    // Ahead of the journal, or on another past: the journal was restored. What was derived from the other one goes.
    const auto same = p.at.seq <= end->seq ? source.head_at(p.at.seq) : result<journal_head>(error{});
    if (!same || same->chain != p.at.chain) {
      SQLite::Transaction transaction(*database);
      start_over(p);
      transaction.commit();
    }
    if (p.at.seq < end->seq) behind.push_back(&p);
  }
  if (behind.empty()) return std::size_t(0);
  std::vector<journal_head> before;
  for (const auto* p : behind) before.push_back(p->at);
  const auto give_up = [&] {  // The transaction is rolled back; so is what we remember of it.
    for (std::size_t i = 0; i < behind.size(); ++i) {
      behind[i]->at = before[i];
      behind[i]->what->forget();
    }
  };
  try {
    SQLite::Transaction transaction(*database);
    auto taken = take_in(source, behind, end->seq, limit);
    if (taken) transaction.commit();
    else give_up();
    return taken;
  } catch (...) {
    give_up();
    throw;
  }
}

template <class Work>
auto derived::implementation::guarded(Work&& work) -> decltype(work()) {
  const auto failed = [&](const SQLite::Exception& e) { return from_sqlite(e, "derived", path, database ? sqlite3_system_errno(database->getHandle()) : 0); };
  try {
    try {
      return work();
    } catch (const SQLite::Exception& e) {
      if (!unusable(e)) return failed(e);
      remake();
      return work();
    }
  } catch (const SQLite::Exception& e) {
    return failed(e);
  } catch (const error_thrown& e) {
    return e.what_happened();
  }
}

result<std::unique_ptr<derived>> derived::open(const std::string& folder, std::vector<std::unique_ptr<projection>> projections) {
  if (sodium_init() < 0) return error{"sodium_failed", "", "libsodium could not start", "", ""};
  auto it = std::make_unique<implementation>();
  it->path = folder + "/derived.db";
  for (auto& p : projections) it->places.push_back({std::move(p), {}});
  auto opened = it->guarded([&]() -> result<void> {
    it->open();
    return {};
  });
  if (!opened) return opened.error();
  return std::unique_ptr<derived>(new derived(std::move(it)));
}

derived::derived(std::unique_ptr<implementation> implementation) : it_(std::move(implementation)) {}
derived::~derived() = default;

result<std::size_t> derived::catch_up(reader& source, std::size_t limit) {
  return it_->guarded([&] { return it_->catch_up(source, limit); });
}

result<std::int64_t> derived::position(const std::string& name) const {
  const auto p = it_->find(name);
  if (!p) return p.error();
  return (*p)->at.seq;
}

result<std::string> derived::digest(const std::string& name) {
  const auto p = it_->find(name);
  if (!p) return p.error();
  return it_->guarded([&]() -> result<std::string> { return it_->digest(*(*p)->what); });
}

result<rebuild_report> derived::rebuild(reader& source, const std::string& name) {
  const auto found = it_->find(name);
  if (!found) return found.error();
  place& p = **found;
  return it_->guarded([&]() -> result<rebuild_report> {
    rebuild_report report{name, p.at.seq, it_->digest(*p.what), {}};
    const auto at = p.at;
    try {
      SQLite::Transaction transaction(*it_->database);
      it_->start_over(p);
      if (auto r = it_->take_in(source, {&p}, at.seq, SIZE_MAX); !r) {
        p.at = at;
        p.what->forget();
        return r.error();
      }
      transaction.commit();
    } catch (...) {
      p.at = at;
      p.what->forget();
      throw;
    }
    report.after = it_->digest(*p.what);
    return report;
  });
}

}  // namespace steward
