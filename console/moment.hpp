/// Moments as the operator writes them.
#pragma once
#include <string>

#include "runtime/hosting/open_company.hpp"

namespace steward {

/// "412", "2026-11-21T09:30:00Z", "2026-11-21" (0:00 in `zone`) or "2h" (so long ago); empty: now. `where` stands in the error bad_usage.
result<fold_until> moment_of(const std::string& text, time_point now, const std::string& zone, const std::string& where);

/// What `--since` says: "30d" (so long ago), "2026-11-21T09:30:00Z", or "2026-11-21" (0:00 in `zone`). Error bad_since.
result<time_point> moment_since(const std::string& text, time_point now, const std::string& zone);

/// A moment that lies ahead: "2h", "9:00" (the next time it is), "tomorrow", "tomorrow 14:30", "2026-11-25", "2026-11-25 9:00" or
/// "2026-11-25T09:00:00Z", with or without "until" before it. Clock times are local to `zone`; a day begins at 9:00. Error bad_snooze.
result<time_point> moment_ahead(std::string text, time_point now, const std::string& zone);

}  // namespace steward
