/// The one writer of the journal: many callers' batches become one commit, and a reply means "on disk".
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/journal/upgrade.hpp"
#include "runtime/journal/watched_vfs.hpp"
#include "runtime/random.hpp"

namespace steward {

struct journal_options {
  std::string folder;                // `.steward`; made (0700) where it is missing
  std::size_t checkpoint_pages = 1000;  // 4 MB of log: some 300 small commits share the checkpoint's three flushes
  /// Takes the journal as it stands although its tail or its head is missing, and writes a new head. Only for a command that
  /// has told the operator what is lost.
  bool accept_loss = false;
  std::function<int(disk_watch::operation)> fault;  // for tests and drills: see disk_watch
  std::function<void(disk_change)> recorded;                // the same
};

/// Not thread-safe: one thread calls everything but the counters. Any failure of the disk is final: the journal then refuses
/// every append with the first error, and the caller ends the process. Nothing is retried, because after a failed flush
/// nobody knows what the disk holds; the next start finds out.
class journal {
public:
  /// Opens `folder`/journal.db and `folder`/head, and checks the tail of the one against the other.
  /// journal_tail_missing, journal_head_missing, journal_chain_broken, journal_from_the_future, journal_damaged,
  /// journal_failed, disk_full. `kinds`, `now` and `random` must live longer.
  static result<std::unique_ptr<journal>> open(journal_options options, const event_kinds& kinds, const clock& now, random_source& random);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Appends every batch, each whole or not at all, in one transaction with one flush. The outcomes are in the order of the
  /// batches. A batch is refused alone, without harm to the others, for: unknown_event_kind, event_from_the_future,
  /// event_version_outdated, body_not_json, subject_missing (personal fields of nobody), append_key_twice (in one batch),
  /// cause_unknown. An error for the whole means that nothing was acknowledged, and the journal is broken from then on:
  /// disk_full, journal_failed.
  ///
  /// A draft's cause may be -n: the n-th draft of its own batch, counted from 1, which must stand before it.
  ///
  /// Append keys: when any draft of a batch carries a key that the journal holds already (or that an earlier batch of the
  /// same call brought in), nothing of that batch is appended; see receipt::deduplicated. Bodies are not compared.
  result<std::vector<result<receipt>>> append(std::span<const batch> batches);
  /// One batch alone.
  result<receipt> append(batch one);

  /// To be called when nothing waits, once a second at most: writes the log back and syncs the head where that is due. Costs
  /// nothing when nothing was appended. Failures are as final as those of append.
  result<void> idle();

  journal_head last() const;
  /// The first failure, after which nothing is appended any more; nullptr while all is well.
  const error* broken() const;

  /// Flushes (fdatasync) of the journal's own files; one per commit, and three per checkpoint. Any thread.
  std::uint64_t flushes() const;
  std::uint64_t head_flushes() const;  // of the head file: at most one a second
  std::uint64_t commits() const;
  std::uint64_t bytes_written() const;

private:
  struct implementation;
  explicit journal(std::unique_ptr<implementation> implementation);
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
