/// Reads the part of the journal that a start from a snapshot did not need, and tells when it is not what was appended.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "runtime/journal/upgrade.hpp"

namespace steward {

/// A thread of its own, behind all others, in pieces; it ends with the object.
class background_check {
public:
  /// Checks the chain from the first event to event `to`. `found` is called once at most, from that thread.
  background_check(std::string folder, std::shared_ptr<const event_kinds> kinds, std::int64_t to, std::function<void(const error&)> found);

private:
  std::jthread thread_;
};

}  // namespace steward
