/// Runs that wait for the operator, packed so small that ten thousand of them are a few megabytes.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace steward {

/// "run-12" -> 12; 0 where there is no number.
std::int64_t number_of(std::string_view id);

/// A value. Runs of one workflow that wait at one step say nearly the same: the first one is the dictionary that the others are
/// packed against. Their ids are taken out first, because they stand everywhere and differ.
class parked_runs {
public:
  struct stub {
    std::int64_t run = 0;
    std::int64_t approval = 0;                // the open question
    std::optional<time_point> expires_at;     // of the question
    std::vector<std::int64_t> cards;
    std::vector<std::string> ids;             // that stand in it time and again, in an order that is the same for every run of this kind
  };

  /// `kind` says whose dictionary fits: workflow and step.
  void put(const stub& about, const std::string& kind, std::string_view parcel);
  std::optional<std::string> look(std::int64_t run) const;
  std::optional<std::string> take(std::int64_t run);
  bool contains(std::int64_t run) const { return find(run) != nullptr; }
  std::size_t size() const { return packed_.size() - taken_; }
  std::vector<std::int64_t> runs() const;  // ascending
  /// The run that this approval or card belongs to; 0: none that is parked.
  std::int64_t run_of_approval(std::int64_t approval) const;
  std::int64_t run_of_card(std::int64_t card) const;
  void each_question(const std::function<void(std::int64_t approval, std::optional<time_point> expires_at)>& visit) const;

  /// As bytes, and back; snapshot_damaged.
  void append_to(std::string& out) const;
  static result<parked_runs> read(std::string_view& in);

private:
  struct dictionary;
  /// Sorted by id; an entry whose run is 0 was taken out.
  struct index {
    std::deque<std::pair<std::int64_t, std::int64_t>> entries;  // a deque: no half of it lies idle, as of a vector that grew
    std::size_t gone = 0;
    void add(std::int64_t id, std::int64_t run);
    std::int64_t find(std::int64_t id) const;
    void remove(std::int64_t run_gone, std::int64_t id);
  };
  struct entry {
    std::int64_t run = 0;
    std::unique_ptr<char[]> bytes;  // packed; none: it was taken
    std::uint32_t size = 0;
    std::uint32_t words = 0;        // index into dictionaries_
    std::int64_t approval = 0;
    std::int64_t expires_at = 0;    // microseconds; 0: never
    entry() = default;
    entry(const entry& other);
    entry(entry&&) = default;
    entry& operator=(const entry&) = delete;
    entry& operator=(entry&&) = default;
  };
  std::deque<entry>::iterator place_of(std::int64_t run);
  const entry* find(std::int64_t run) const;
  void add(entry e);
  std::deque<entry> packed_;  // by run
  std::size_t taken_ = 0;     // of them
  std::vector<std::shared_ptr<const dictionary>> dictionaries_;
  std::map<std::string, std::uint32_t> kinds_;
  index approvals_, cards_;
};

}  // namespace steward
