#include "runtime/journal/journal.hpp"

#include <cerrno>
#include <cstring>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/chain.hpp"
#include "runtime/journal/head.hpp"
#include "runtime/journal/rows.hpp"
#include "runtime/journal/seal.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

constexpr std::int64_t tail_checked = 256;  // events checked at every start although the head already vouches for them: under a millisecond
constexpr auto head_sync_every = std::chrono::seconds(1);

error tail_missing(const std::string& path, std::int64_t found, std::int64_t head) {
  return {"journal_tail_missing", path, "the journal ends with event " + std::to_string(found) + ", but event " + std::to_string(head) + " was already there",
          "it to reach at least event " + std::to_string(head),
          "Events were lost outside Steward. Restore the last backup, or go on without them with 'steward doctor --accept-loss'"};
}

}  // namespace

struct journal::implementation {
  // Declared in the order in which they depend on each other: connections go before the VFS that they use.
  journal_options options;
  const event_kinds& kinds;
  const clock& now;
  seals keys;
  disk_watch watch;
  watched_vfs vfs{watch};
  std::string path;
  std::optional<head_file> head;
  std::optional<SQLite::Database> database;
  std::optional<kind_words> words;
  std::optional<SQLite::Statement> begin, commit, insert, find_key, insert_kind;

  journal_head last;
  std::optional<error> failure;
  std::unordered_map<std::string, int> kind_numbers;
  std::string buffer;  // for the chain
  int log_pages = 0;   // frames in the write-ahead log, told by SQLite after each commit
  bool head_unsynced = false;
  time_point head_synced{};
  std::atomic<std::uint64_t> head_flushes{0}, commits{0};

  implementation(journal_options o, const event_kinds& k, const clock& c, random_source& r)
      : options(std::move(o)), kinds(k), now(c), keys(options.folder + "/keys", &r), path(options.folder + "/journal.db") {
    watch.fault = options.fault;
    watch.recorded = options.recorded;
  }

  ~implementation() {
    // After a failure nothing may touch the files again, not even the checkpoint that closing implies.
    if (failure && database) sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }

  result<void> open();
  result<void> open_database();
  result<void> check_tail(const std::optional<journal_head>& head_said);
  error fail(const SQLite::Exception& e);
  error fail(error e);

  result<void> check(const batch& one) const;
  std::int64_t seq_of_key(const std::string& key);
  int kind_number(const std::string& kind);
  result<void> insert_draft(const draft& d, std::int64_t first_seq, journal_head& end);
  result<void> write_head();
  result<void> sync_head(time_point t);  // where a second has passed since the last time
  void checkpoint(int mode);
};

// --- opening ---------------------------------------------------------------------------------------------------------

result<void> journal::implementation::open() {
  if (sodium_init() < 0) return error{"sodium_failed", "", "libsodium could not start", "", ""};
  if (::mkdir(options.folder.c_str(), 0700) != 0 && errno != EEXIST) return error{"journal_failed", options.folder, std::strerror(errno), "a folder to write in", ""};
  auto file = head_file::open(options.folder + "/head", &watch);
  if (!file) return file.error();
  head.emplace(std::move(*file));
  const auto head_said = head->read();
  struct stat info;
  if (head_said && head_said->seq > 0 && ::stat(path.c_str(), &info) != 0 && !options.accept_loss) return tail_missing(path, 0, head_said->seq);
  try {
    if (auto r = open_database(); !r) return r;
    if (auto r = check_tail(head_said); !r) return r;
    // What a log still holds was perhaps never flushed (a failed flush ended the last process): written back, it is.
    checkpoint(SQLITE_CHECKPOINT_RESTART);
    begin.emplace(*database, "BEGIN IMMEDIATE");
    commit.emplace(*database, "COMMIT");
    insert.emplace(*database, fmt::format("INSERT INTO events({}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,NULL,?)", row_columns));
    find_key.emplace(*database, "SELECT seq FROM events WHERE key = ?");
    insert_kind.emplace(*database, "INSERT INTO kinds(id, name) SELECT ifnull(max(id), 0) + 1, ? FROM kinds RETURNING id");
  } catch (const SQLite::Exception& e) {
    return fail(e);
  }
  return {};
}

result<void> journal::implementation::open_database() {
  database.emplace(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, 2000, vfs.name());
  ::chmod(path.c_str(), 0600);
  const bool is_new = database->execAndGet("PRAGMA user_version").getInt() == 0 && database->execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
  // A megabyte of cache: appends touch the right edge of one tree and, with random keys, the upper levels of the other.
  database->exec(
      "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=OFF;"
      "PRAGMA mmap_size=0; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=16777216");
  if (planted(bug::fsync_skipped)) database->exec("PRAGMA synchronous=OFF");
  if (is_new) database->exec(std::string("BEGIN IMMEDIATE;") + journal_schema + compactions_schema + "PRAGMA application_id=1400140919; PRAGMA user_version=" + std::to_string(journal_format) + "; COMMIT");
  words.emplace(*database);
  sqlite3_wal_hook(
      database->getHandle(),
      [](void* me, sqlite3*, const char*, int pages) {
        static_cast<implementation*>(me)->log_pages = pages;
        return SQLITE_OK;
      },
      this);
  if (auto r = check_format(*database, path); !r) return r;
  if (const int format = database->execAndGet("PRAGMA user_version").getInt(); format < journal_format)
    return error{"journal_outdated", path, "the journal has format " + std::to_string(format), "format " + std::to_string(journal_format) + ", which is written today",
                 "'steward journal upgrade' makes it so; 'steward backup' first"};
  return {};
}

result<void> journal::implementation::check_tail(const std::optional<journal_head>& head_said) {
  last = last_of(*database);
  const auto said = head_said.value_or(journal_head{});
  if (options.accept_loss && (!head_said || said.seq > last.seq)) {
    if (auto verified = verify_chain(*database, *words, 1, last.seq); !verified) return verified.error();  // What is left must be sound.
    if (auto r = head->replace(last); !r) return r;
    return {};
  }
  if (last.seq < said.seq) return tail_missing(path, last.seq, said.seq);
  if (!head_said && last.seq > 0)
    return error{"journal_head_missing", options.folder + "/head", "there is no readable head, but a journal of " + std::to_string(last.seq) + " events", "the head that is written after each commit",
                 "Whether events are missing at its end can't be known. Restore the last backup, or take it as it stands with 'steward doctor --accept-loss'"};
  if (chain_at(*database, said.seq) != said.chain)
    return error{"journal_chain_broken", "journal event " + std::to_string(said.seq), "the event is not the one that the head file names", "the chain of digests to be whole",
                 "Journal and head are not from the same time. Restore both from one backup"};
  // From the head on (a power cut leaves it a second behind), and a little before it.
  const auto from = std::max<std::int64_t>(1, std::min(said.seq + 1, last.seq - tail_checked));
  if (auto verified = verify_chain(*database, *words, from, last.seq); !verified) return verified.error();
  if (!head_said || said != last)
    if (auto r = head->replace(last); !r) return r;
  head_synced = now.now();
  return {};
}

result<std::unique_ptr<journal>> journal::open(journal_options options, const event_kinds& kinds, const clock& now, random_source& random) {
  auto it = std::make_unique<implementation>(std::move(options), kinds, now, random);
  if (auto opened = it->open(); !opened) return opened.error();
  return std::unique_ptr<journal>(new journal(std::move(it)));
}

journal::journal(std::unique_ptr<implementation> implementation) : it_(std::move(implementation)) {}
journal::~journal() {
  if (!it_->failure && it_->head_unsynced) (void)it_->head->sync();
}

// --- appending -------------------------------------------------------------------------------------------------------

error journal::implementation::fail(error e) {
  if (!failure) failure = std::move(e);
  return *failure;
}

error journal::implementation::fail(const SQLite::Exception& e) {
  auto what = from_sqlite(e, "journal", path, database ? sqlite3_system_errno(database->getHandle()) : 0);
  if (what.advice.empty()) what.advice = "Check the disk; everything acknowledged is on disk, and the next start goes on from there";
  return fail(std::move(what));
}

result<void> journal::implementation::check(const batch& one) const {
  for (std::size_t i = 0; i < one.drafts.size(); ++i) {
    const auto& d = one.drafts[i];
    if (auto r = kinds.may_append(d.header.kind, d.header.version); !r) return r;
    if (d.header.cause < -std::int64_t(i) || d.header.cause > last.seq)
      return error{"cause_unknown", d.header.kind, "the cause is event " + std::to_string(d.header.cause), "an event of the journal, or -n for an earlier draft of the batch", ""};
    if (d.body.size() < 2 || d.body.front() != '{' || d.body.back() != '}')
      return error{"body_not_json", d.header.kind, "the body is '" + d.body.substr(0, 40) + "'", "a canonical JSON object", ""};
    if (!d.personal.empty() && d.header.subject.empty())
      return error{"subject_missing", d.header.kind, "personal fields without a subject", "the subject whose key seals them", ""};
    if (!d.personal.empty())
      if (auto body = parse_json(d.body); !body) return error{"body_not_json", d.header.kind, to_sentence(body.error()), "a canonical JSON object", ""};
    if (d.header.key.empty()) continue;
    for (std::size_t other = 0; other < i; ++other)
      if (one.drafts[other].header.key == d.header.key) return error{"append_key_twice", d.header.kind, "two drafts of one batch carry the key '" + d.header.key + "'", "a key of its own for each", ""};
  }
  return {};
}

std::int64_t journal::implementation::seq_of_key(const std::string& key) {
  find_key->reset();
  find_key->bindNoCopy(1, key);
  const std::int64_t seq = find_key->executeStep() ? find_key->getColumn(0).getInt64() : 0;
  find_key->reset();
  return seq;
}

int journal::implementation::kind_number(const std::string& kind) {
  if (const auto found = kind_numbers.find(kind); found != kind_numbers.end()) return found->second;
  auto number = words->number(kind);
  if (!number) {
    insert_kind->reset();
    insert_kind->bind(1, kind);
    insert_kind->executeStep();
    number = insert_kind->getColumn(0).getInt();
    insert_kind->reset();
  }
  return kind_numbers[kind] = *number;
}

result<void> journal::implementation::insert_draft(const draft& d, std::int64_t first_seq, journal_head& end) {
  const std::string* body = &d.body;
  std::string sealed;
  if (!d.personal.empty()) {
    auto value = *parse_json(d.body);
    if (auto r = keys.seal_fields(d.header.subject, value, d.personal); !r) return r;
    sealed = canonical(value);
    body = &sealed;
  }
  const record_header* header = &d.header;
  record_header resolved;
  if (d.header.cause < 0) {
    resolved = d.header;
    resolved.cause = first_seq - d.header.cause - 1;
    header = &resolved;
  }
  const std::int64_t seq = end.seq + 1;
  const auto chain = chain_link(end.chain, seq, *header, digest_of(*body), buffer);
  auto& s = *insert;
  s.reset();
  s.bind(1, seq);
  s.bindNoCopy(2, header->stream);
  s.bind(3, kind_number(header->kind));
  s.bind(4, header->version);
  s.bindNoCopy(5, header->actor);
  s.bind(6, header->cause);
  s.bindNoCopy(7, header->correlation);
  s.bind(8, std::int64_t(header->time.time_since_epoch().count()));
  s.bind(9, header->labels);
  s.bindNoCopy(10, header->subject);
  if (header->key.empty()) s.bind(11);
  else s.bindNoCopy(11, header->key);
  s.bindNoCopy(12, chain.data(), int(chain.size()));
  s.bindNoCopy(13, *body);
  s.exec();
  end = {seq, chain};
  return {};
}

result<std::vector<result<receipt>>> journal::append(std::span<const batch> batches) {
  auto& me = *it_;
  if (me.failure) return *me.failure;
  std::vector<result<receipt>> outcomes;
  outcomes.reserve(batches.size());
  try {
    auto end = me.last;
    bool begun = false;
    for (const auto& one : batches) {
      if (auto r = me.check(one); !r) {
        outcomes.emplace_back(r.error());
        continue;
      }
      if (!begun && !one.drafts.empty()) {
        me.begin->reset();
        me.begin->exec();
        begun = true;
      }
      std::int64_t original = 0;
      for (const auto& d : one.drafts)
        if (original == 0 && !d.header.key.empty()) original = me.seq_of_key(d.header.key);
      if (original != 0) {
        outcomes.emplace_back(receipt{original, 0, true});
        continue;
      }
      const std::int64_t first = end.seq + 1;
      for (const auto& d : one.drafts)
        if (auto r = me.insert_draft(d, first, end); !r) return me.fail(r.error());  // A key that can't be stored.
      outcomes.emplace_back(receipt{one.drafts.empty() ? end.seq : first, one.drafts.size(), false});
    }
    if (!begun) return outcomes;
    if (planted(bug::head_before_commit)) (void)me.head->write(end);
    me.commit->reset();
    me.commit->exec();
    if (end.seq == me.last.seq) return outcomes;  // Nothing was written, and nothing flushed.
    me.last = end;
    ++me.commits;
    if (auto r = me.write_head(); !r) return r.error();
    if (me.log_pages >= int(me.options.checkpoint_pages)) me.checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    return outcomes;
  } catch (const SQLite::Exception& e) {
    return me.fail(e);
  }
}

result<receipt> journal::append(batch one) {
  auto outcomes = append(std::span<const batch>(&one, 1));
  if (!outcomes) return outcomes.error();
  return std::move(outcomes->front());
}

result<void> journal::implementation::write_head() {
  if (auto r = head->write(last); !r) return fail(r.error());
  head_unsynced = true;
  return sync_head(now.now());
}

result<void> journal::implementation::sync_head(time_point t) {
  if (t - head_synced < head_sync_every) return {};
  if (auto r = head->sync(); !r) return fail(r.error());
  ++head_flushes;
  head_synced = t;
  head_unsynced = false;
  return {};
}

void journal::implementation::checkpoint(int mode) {
  int log = 0, done = 0;
  const int rc = sqlite3_wal_checkpoint_v2(database->getHandle(), nullptr, mode, &log, &done);
  // Busy only means that a reader still needs the log; it is written back another time.
  if (rc != SQLITE_OK && rc != SQLITE_BUSY) throw SQLite::Exception(database->getHandle(), rc);
  log_pages = std::max(0, log - done);
}

result<void> journal::idle() {
  auto& me = *it_;
  if (me.failure) return *me.failure;
  if (me.head_unsynced)
    if (auto r = me.sync_head(me.now.now()); !r) return r;
  try {
    if (me.log_pages >= int(me.options.checkpoint_pages / 4)) me.checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  } catch (const SQLite::Exception& e) {
    return me.fail(e);
  }
  return {};
}

journal_head journal::last() const { return it_->last; }
const error* journal::broken() const { return it_->failure ? &*it_->failure : nullptr; }
std::uint64_t journal::flushes() const { return it_->watch.flushes; }
std::uint64_t journal::head_flushes() const { return it_->head_flushes; }
std::uint64_t journal::commits() const { return it_->commits; }
std::uint64_t journal::bytes_written() const { return it_->watch.bytes_written; }

}  // namespace steward
