/// A disk that is cut off at a chosen operation, so that a test can stand at every point where a crash can.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "runtime/disk.hpp"

namespace steward {

/// What happens at the operation with the chosen number.
enum class cut_kind {
  none,             // nothing: the disk only counts and notes
  fails_once,       // this one operation fails and changes nothing; the disk then works again
  fails_for_good,   // this one and all later ones fail
  reports_failure,  // the operation happens, but its caller is told that it failed
  killed_before,    // the process ends before it
  killed_halfway,   // the process ends in the middle: half a file is there
  killed_after,     // the process ends after it, before its caller hears of it
};
BOOST_DESCRIBE_ENUM(cut_kind, none, fails_once, fails_for_good, reports_failure, killed_before, killed_halfway, killed_after)

/// Thrown in place of the process's death; no error, so nothing that handles errors may swallow it.
struct process_killed {};

class conformance_disk final : public disk {
public:
  /// `at` counts operations from 0, those that only look included. `outsider` runs after each: another process with its own will.
  explicit conformance_disk(disk& under, cut_kind how = cut_kind::none, int at = 0, std::function<void()> outsider = {})
      : under_(under), how_(how), at_(at), outsider_(std::move(outsider)) {}

  int operations() const { return count_; }
  const std::vector<std::string>& touched() const { return touched_; }  // every path that was named
  bool was_cut() const { return how_ != cut_kind::none && count_ > at_; }

  result<std::string> read(const std::string& path) override;
  result<std::uint64_t> size(const std::string& path) override;
  result<void> write(const std::string& path, std::string_view bytes) override;
  result<void> create(const std::string& path, std::string_view bytes) override;
  result<void> link(const std::string& from, const std::string& to) override;
  result<void> move(const std::string& from, const std::string& to) override;
  result<void> remove(const std::string& path) override;
  bool exists(const std::string& path) override;
  std::vector<std::string> list(const std::string& folder) override;
  bool is_folder(const std::string& path) override;

private:
  template <class Answer>
  Answer operate(const std::string& path, const std::function<Answer()>& act, const std::function<void()>& half, const Answer& failure);

  disk& under_;
  cut_kind how_;
  int at_;
  std::function<void()> outsider_;
  int count_ = 0;
  std::vector<std::string> touched_;
};

}  // namespace steward
