/// The company's state at an earlier moment, looked at as today's is.
#pragma once
#include <string>

#include "console/command_line.hpp"
#include "console/invocation.hpp"

namespace steward {

/// `--as-of` of a command that looks at records.
word as_of_word();

/// What `asked` (a "view") shows: today, or with --as-of at that moment, from the journal alone.
result<json> look(const boost::json::object& asked, const arguments& given, invocation& s);

}  // namespace steward
