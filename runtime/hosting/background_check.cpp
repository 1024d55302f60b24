#include "runtime/hosting/background_check.hpp"

#include <sys/resource.h>

#include "runtime/journal/reader.hpp"

namespace steward {
namespace {

constexpr std::int64_t piece = 5'000;  // events; some milliseconds, so that a stop never waits for it

void check(const std::stop_token& stop, const std::string& folder, const event_kinds& kinds, std::int64_t to, const std::function<void(const error&)>& found) {
  ::setpriority(PRIO_PROCESS, 0, 19);  // On Linux: of this thread alone. Work comes first.
  const auto source = reader::open({.folder = folder, .use_index = false}, kinds);
  if (!source) return found(source.error());
  for (std::int64_t from = 1; from <= to && !stop.stop_requested(); from += piece)
    if (const auto reached = (*source)->verify(from, std::min(to, from + piece - 1)); !reached) return found(reached.error());
}

}  // namespace

background_check::background_check(std::string folder, std::shared_ptr<const event_kinds> kinds, std::int64_t to, std::function<void(const error&)> found)
    : thread_([folder = std::move(folder), kinds = std::move(kinds), to, found = std::move(found)](const std::stop_token& stop) { check(stop, folder, *kinds, to, found); }) {}

}  // namespace steward
