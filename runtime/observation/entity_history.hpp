/// What became of a record, change by change. From the journal alone.
#pragma once
#include <string>
#include <vector>

#include "runtime/journal/reader.hpp"
#include "runtime/json.hpp"

namespace steward {

/// `ids`: the record and those that were merged into it. Oldest first:
/// [{seq, time, entity, what: recorded|merged|split|erased, actor, run, cause, because, changes: {field: {from, to}}}].
result<json> entity_history(reader& source, const std::vector<std::string>& ids);

}  // namespace steward
