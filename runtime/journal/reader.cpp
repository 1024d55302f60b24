#include "runtime/journal/reader.hpp"

#include <optional>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "runtime/journal/event_index.hpp"
#include "runtime/journal/rows.hpp"

namespace steward {
namespace {

std::string event_name(std::int64_t seq) { return "journal event " + std::to_string(seq); }

error not_found(std::int64_t seq) { return {"event_not_found", event_name(seq), "there is no such event", "a number from 1 to the last", ""}; }

bool selective(const event_query& q) { return !q.stream.empty() || !q.kind.empty() || !q.correlation.empty() || q.from || q.until; }

bool matches(const event_query& q, const record_header& h) {
  return (q.stream.empty() || q.stream == h.stream) && (q.kind.empty() || q.kind == h.kind) && (q.correlation.empty() || q.correlation == h.correlation) && (!q.from || *q.from <= h.time) &&
         (!q.until || h.time < *q.until);
}

}  // namespace

struct reader::implementation {
  reader_options options;
  const event_kinds& kinds;
  std::string path;
  seals keys;
  event_index index;
  std::optional<SQLite::Database> database;
  std::optional<kind_words> words;
  std::optional<SQLite::Statement> one, chain_of;
  journal_head before;  // chain of the event that was looked at last, which is often the one before the next
  std::string buffer;
  std::size_t scanned = 0;

  implementation(reader_options o, const event_kinds& k)
      : options(std::move(o)), kinds(k), path(options.folder + "/journal.db"), keys(options.folder + "/keys", nullptr), index(options.folder) {}

  error failed(const SQLite::Exception& e) { return from_sqlite(e, "journal", path, database ? sqlite3_system_errno(database->getHandle()) : 0); }
  std::optional<digest_bytes> chain_after(std::int64_t seq);
  result<record> serve(stored_row row);
  result<stored_row> fetch(std::int64_t seq);
  /// Visits what matches in [from, to] without the index. Answers whether to go on.
  result<bool> scan(const event_query& q, std::int64_t from, std::int64_t to, std::size_t& visited, const std::function<bool(record)>& visit);
  /// The same for the events that the index named. An index that names a wrong event is not believed: nothing.
  result<bool> visit_found(const event_query& q, const std::vector<std::int64_t>& found, std::size_t& visited, const std::function<bool(record)>& visit);
  result<std::size_t> each(const event_query& q, const std::function<bool(record)>& visit);
};

result<std::unique_ptr<reader>> reader::open(reader_options options, const event_kinds& kinds) {
  auto it = std::make_unique<implementation>(std::move(options), kinds);
  struct stat info;
  if (::stat(it->path.c_str(), &info) != 0)
    return error{"journal_not_found", it->path, "there is no journal", "a workspace that has run once", "Make one with 'steward init', or go to the workspace's folder"};
  try {
    it->database.emplace(it->path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, 2000);
    it->database->exec("PRAGMA mmap_size=0; PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY");
    if (auto r = check_format(*it->database, it->path); !r) return r.error();
    it->words.emplace(*it->database);
    it->one.emplace(*it->database, fmt::format("SELECT {} FROM events WHERE seq = ?", row_columns));
    it->chain_of.emplace(*it->database, "SELECT chain FROM events WHERE seq = ?");
  } catch (const SQLite::Exception& e) {
    return it->failed(e);
  }
  return std::unique_ptr<reader>(new reader(std::move(it)));
}

reader::reader(std::unique_ptr<implementation> implementation) : it_(std::move(implementation)) {}
reader::~reader() = default;

std::optional<digest_bytes> reader::implementation::chain_after(std::int64_t seq) {
  if (seq == 0) return digest_bytes{};
  if (seq == before.seq) return before.chain;
  chain_of->reset();
  chain_of->bind(1, seq);
  std::optional<digest_bytes> chain;
  if (chain_of->executeStep()) {
    const auto column = chain_of->getColumn(0);
    chain.emplace();
    if (column.getBytes() == int(chain->size())) std::memcpy(chain->data(), column.getBlob(), chain->size());
  }
  chain_of->reset();
  return chain;
}

result<record> reader::implementation::serve(stored_row row) {
  const auto previous = chain_after(row.seq - 1);
  if (!previous) return error{"journal_chain_broken", event_name(row.seq - 1), "the event is missing", "the chain of digests to be whole", "Restore the last backup"};
  if (auto r = check_row(row, *previous, buffer); !r) return r.error();
  before = {row.seq, row.chain};
  record out;
  out.seq = row.seq;
  out.chain = row.chain;
  out.state = row.state;
  out.stored_version = row.header.version;
  out.header = std::move(row.header);
  out.body = std::move(row.body);
  if (row.state == body_state::erased) return out;
  if (options.open_sealed && !out.header.subject.empty() && out.body.find("\"sealed\"") != out.body.npos) {
    auto body = parse_json(out.body);
    if (!body) return error{"body_not_json", event_name(row.seq), to_sentence(body.error()), "a canonical JSON object", ""};
    if (auto r = keys.open_fields(out.header.subject, *body, options.erased); !r) {
      auto e = r.error();
      e.where = event_name(row.seq);
      return e;
    }
    out.body = canonical(*body);
  }
  if (!options.upgrade) return out;
  auto upgraded = kinds.upgrade(out.header.kind, out.header.version, std::move(out.body), event_name(row.seq));
  if (!upgraded) return upgraded.error();
  out.body = std::move(*upgraded);
  out.header.version = *kinds.version_of(out.header.kind);
  return out;
}

result<stored_row> reader::implementation::fetch(std::int64_t seq) {
  one->reset();
  one->bind(1, seq);
  if (!one->executeStep()) {
    one->reset();
    return not_found(seq);
  }
  auto row = read_row(*one, *words);
  one->reset();
  return row;
}

result<bool> reader::implementation::scan(const event_query& q, std::int64_t from, std::int64_t to, std::size_t& visited, const std::function<bool(record)>& visit) {
  if (from > to) return true;
  const bool down = q.order == read_order::newest_first;
  auto sql = fmt::format("SELECT {} FROM events WHERE seq BETWEEN ? AND ?", row_columns);
  std::vector<std::string> texts;
  if (!q.stream.empty()) sql += " AND stream = ?", texts.push_back(q.stream);
  if (!q.correlation.empty()) sql += " AND correlation = ?", texts.push_back(q.correlation);
  if (!q.kind.empty()) {
    const auto number = words->number(q.kind);
    if (!number) return true;  // No event of this kind was ever appended.
    sql += " AND kind = " + std::to_string(*number);
  }
  if (q.from) sql += " AND time >= " + std::to_string(q.from->time_since_epoch().count());
  if (q.until) sql += " AND time < " + std::to_string(q.until->time_since_epoch().count());
  SQLite::Statement s(*database, sql + (down ? " ORDER BY seq DESC" : " ORDER BY seq"));
  int place = 0;
  s.bind(++place, from);
  s.bind(++place, to);
  for (const auto& text : texts) s.bind(++place, text);
  scanned += std::size_t(to - from + 1);
  while (visited < q.limit && s.executeStep()) {
    auto served = serve(read_row(s, *words));
    if (!served) return served.error();
    ++visited;
    if (!visit(std::move(*served))) return false;
  }
  return visited < q.limit;
}

result<bool> reader::implementation::visit_found(const event_query& q, const std::vector<std::int64_t>& found, std::size_t& visited, const std::function<bool(record)>& visit) {
  for (const auto seq : found) {
    auto row = fetch(seq);
    if (!row) return row.error();
    if (!matches(q, row->header))
      return error{"derived_damaged", event_name(seq), "the index in derived.db names an event that does not match", "", "Delete derived.db: it is made anew"};
    auto served = serve(std::move(*row));
    if (!served) return served.error();
    ++visited;
    if (!visit(std::move(*served))) return false;
  }
  return visited < q.limit;
}

result<std::size_t> reader::implementation::each(const event_query& q, const std::function<bool(record)>& visit) {
  scanned = 0;
  std::size_t visited = 0;
  SQLite::Database& db = *database;
  const auto end = last_of(db).seq;
  const auto from = std::max<std::int64_t>(1, q.from_seq);
  const auto to = q.to_seq == 0 ? end : std::min(q.to_seq, end);
  if (from > to || q.limit == 0) return visited;
  // The index serves what it has seen of this very journal; the rest is scanned.
  std::int64_t indexed = 0;
  if (options.use_index && selective(q)) {
    const auto reach = index.reach();
    if (reach.seq > 0 && reach.seq <= end && chain_at(db, reach.seq) == reach.chain) indexed = std::min(reach.seq, to);
  }
  const auto use_index = [&]() -> result<bool> {
    if (indexed < from) return true;
    auto rest = q;
    rest.limit -= visited;
    const auto found = index.find(rest, from, indexed);
    return found ? visit_found(q, *found, visited, visit) : scan(q, from, indexed, visited, visit);
  };
  const auto use_scan = [&] { return scan(q, std::max(from, indexed + 1), to, visited, visit); };
  const bool down = q.order == read_order::newest_first;
  auto more = down ? use_scan() : use_index();
  if (more && *more) more = down ? use_index() : use_scan();
  if (!more) return more.error();
  return visited;
}

result<std::size_t> reader::each(const event_query& query, const std::function<bool(record)>& visit) try {
  return it_->each(query, visit);
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

result<std::vector<record>> reader::read(const event_query& query) {
  std::vector<record> all;
  auto visited = each(query, [&](record r) {
    all.push_back(std::move(r));
    return true;
  });
  if (!visited) return visited.error();
  return all;
}

result<record> reader::at(std::int64_t seq) try {
  it_->scanned = 0;
  auto row = it_->fetch(seq);
  if (!row) return row.error();
  return it_->serve(std::move(*row));
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

result<std::int64_t> reader::find_key(const std::string& key) try {
  SQLite::Statement s(*it_->database, "SELECT seq FROM events WHERE key = ?");
  s.bind(1, key);
  return s.executeStep() ? s.getColumn(0).getInt64() : 0;
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

result<journal_head> reader::last() try {
  return last_of(*it_->database);
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

result<journal_head> reader::head_at(std::int64_t seq) try {
  const auto chain = chain_at(*it_->database, seq);
  if (!chain) return not_found(seq);
  return journal_head{seq, *chain};
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

result<journal_head> reader::verify(std::int64_t from, std::int64_t to) try {
  return verify_chain(*it_->database, *it_->words, std::max<std::int64_t>(1, from), to == 0 ? last_of(*it_->database).seq : to);
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

result<void> reader::check_structure() try {
  SQLite::Statement check(*it_->database, "PRAGMA integrity_check(3)");
  std::string found;
  while (check.executeStep())
    if (const auto line = check.getColumn(0).getString(); line != "ok") found += (found.empty() ? "" : "; ") + line;
  if (found.empty()) return check_compactions(*it_->database, it_->path);
  return error{"journal_damaged", it_->path, found, "every row and every index entry in its place", "Restore the last backup"};
} catch (const SQLite::Exception& e) {
  return it_->failed(e);
}

std::size_t reader::scanned() const { return it_->scanned; }

}  // namespace steward
