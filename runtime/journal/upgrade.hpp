/// The closed list of event kinds, and the way old events become today's.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

/// Makes a body of the next version out of one of this version. Pure; may throw error_thrown.
using upgrade_step = std::function<json(json)>;

/// Which kinds of event exist, in which version, and how older versions are upgraded. Filled once, then only read: any
/// number of threads may share it.
class event_kinds {
public:
  /// `steps[v]` makes version v + 1 out of version v. Throws error_thrown{upgrade_step_missing} when a version from 1 to
  /// `version` - 1 has none, and error_thrown{event_kind_twice} for a kind that is there already.
  event_kinds& add(std::string kind, int version, std::map<int, upgrade_step> steps = {});

  /// Today's version of `kind`; unknown_event_kind.
  result<int> version_of(std::string_view kind) const;
  /// May an event of this kind and version be appended now? unknown_event_kind, event_from_the_future, event_version_outdated.
  result<void> may_append(std::string_view kind, int version) const;
  /// The body in today's version; the text itself when it already is. unknown_event_kind, event_from_the_future,
  /// event_not_upgraded (a step threw, or the body is no JSON). `where` stands in the error: "journal event 42".
  result<std::string> upgrade(std::string_view kind, int version, std::string body, const std::string& where) const;

private:
  struct entry {
    int version;
    std::map<int, upgrade_step> steps;
  };
  result<const entry*> find(std::string_view kind, const std::string& where) const;
  std::map<std::string, entry, std::less<>> kinds_;
};

}  // namespace steward
