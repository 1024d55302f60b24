/// The reader's side of the index in derived.db: a hint that is checked, never believed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runtime/journal/reader.hpp"

namespace steward {

class event_index {
public:
  explicit event_index(std::string folder);
  ~event_index();

  /// How far the index reaches, and the chain it saw there; seq 0 when there is none or it can't be read.
  journal_head reach();
  /// The numbers of the events from `from` to `to` that match the query's stream, kind, correlation and time, in its order,
  /// at most query.limit; nothing when the index can't be read, which means: scan.
  std::optional<std::vector<std::int64_t>> find(const event_query& query, std::int64_t from, std::int64_t to);

private:
  struct implementation;
  bool ready();
  std::string path_;
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
