/// Runs that wait for the operator, packed so small that ten thousand of them are a few megabytes.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace steward {

/// "run-12" -> 12; 0 where there is no number.
std::int64_t number_of(std::string_view id);

/// A value. Runs of one workflow that wait at one step say nearly the same: the first one is the dictionary that the others are
/// packed against.
class parked_runs {
public:
  struct stub {
    std::int64_t run = 0;
    std::int64_t approval = 0;                // the open question
    std::optional<time_point> expires_at;     // of the question
    std::vector<std::int64_t> cards;
  };

  /// `kind` says whose dictionary fits: workflow and step.
  void put(const stub& about, const std::string& kind, std::string_view parcel);
  std::optional<std::string> look(std::int64_t run) const;
  std::optional<std::string> take(std::int64_t run);
  bool contains(std::int64_t run) const { return packed_.contains(run); }
  std::size_t size() const { return packed_.size(); }
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
    std::vector<std::pair<std::int64_t, std::int64_t>> entries;
    std::size_t gone = 0;
    void add(std::int64_t id, std::int64_t run);
    std::int64_t find(std::int64_t id) const;
    void remove(std::int64_t run_gone, std::int64_t id);
  };
  struct entry {
    std::unique_ptr<char[]> bytes;  // packed
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
  std::unordered_map<std::int64_t, entry> packed_;
  std::vector<std::shared_ptr<const dictionary>> dictionaries_;
  std::map<std::string, std::uint32_t> kinds_;
  index approvals_, cards_;
};

}  // namespace steward
