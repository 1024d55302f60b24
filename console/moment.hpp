/// Moments as the operator writes them.
#pragma once
#include <string>

#include "runtime/hosting/open_company.hpp"

namespace steward {

/// "412", "2026-11-21T09:30:00Z" or "2h" (so long ago); empty: now. `where` stands in the error bad_usage.
result<fold_until> moment_of(const std::string& text, time_point now, const std::string& where);

}  // namespace steward
