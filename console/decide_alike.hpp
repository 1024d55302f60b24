/// Decides all questions that are open and alike now.
#pragma once
#include "console/invocation.hpp"

namespace steward {

/// `given`: APPROVAL, --reason, --dry-run and --only-record of approve or reject. Gives the exit code.
int decide_alike(const arguments& given, invocation& s, bool yes);

}  // namespace steward
