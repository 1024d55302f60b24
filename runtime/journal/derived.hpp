/// Projections: what is derived from the journal into `derived.db`, which may be deleted at any time and is rebuilt.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/journal/reader.hpp"

namespace SQLite {
class Database;
}

namespace steward {

/// State that follows from the events alone, kept in tables of its own. The same events give the same rows: no clock, no chance.
class projection {
public:
  virtual ~projection() = default;
  virtual std::string name() const = 0;
  /// Another number than the one on disk means: drop and rebuild.
  virtual int version() const = 0;
  /// The tables it owns; dropped before a rebuild, and digested in this order.
  virtual std::vector<std::string> tables() const = 0;
  /// The SQL that makes them. Their names begin with the projection's name.
  virtual std::string schema() const = 0;
  /// Takes in the next event, inside a transaction. May throw SQLite::Exception or error_thrown.
  virtual void apply(SQLite::Database& database, const record& event) = 0;
  /// The database is another one now, or its tables are new: whatever is kept in memory goes.
  virtual void forget() {}
};

struct rebuild_report {
  std::string name;
  std::int64_t seq = 0;  // both digests are of this position
  std::string before, after;
  bool equal() const { return before == after; }
};

/// The one writer of derived.db; one thread. Written behind the journal, without a flush of its own: what a crash takes is
/// derived again. Readers open the file themselves.
class derived {
public:
  /// Opens or makes `folder`/derived.db; a file that is damaged or of another journal is made anew. derived_failed, disk_full.
  static result<std::unique_ptr<derived>> open(const std::string& folder, std::vector<std::unique_ptr<projection>> projections);
  ~derived();
  derived(const derived&) = delete;
  derived& operator=(const derived&) = delete;

  /// Takes in what the journal has and the projections have not, at most `limit` events a call. Gives the number taken in.
  result<std::size_t> catch_up(reader& source, std::size_t limit = 10'000);
  /// The last event taken in by projection `name`; 0 at the start. projection_unknown.
  result<std::int64_t> position(const std::string& name) const;
  /// BLAKE2b of the projection's rows, as hexadecimal text.
  result<std::string> digest(const std::string& name);
  /// Drops the projection, derives it again up to the position it had, and gives both digests.
  result<rebuild_report> rebuild(reader& source, const std::string& name);

private:
  struct implementation;
  explicit derived(std::unique_ptr<implementation> implementation);
  std::unique_ptr<implementation> it_;
};

/// The index over the journal's headers (stream, correlation, kind, time) that readers use where it is there.
std::unique_ptr<projection> make_event_index();

}  // namespace steward
