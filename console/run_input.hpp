/// The input of a run as it stands on a command line: --input JSON or @FILE, and --set KEY=VALUE.
#pragma once
#include "console/command.hpp"
#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

/// --input first, then each --set on top. A value that reads as JSON is that; anything else is a text. Errors: bad_input.
result<json> input_of(const arguments& given, const std::string& command);

}  // namespace steward
