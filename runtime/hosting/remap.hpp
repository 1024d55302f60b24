/// What the journal's records say of the entities of a type by today's mapping.
#pragma once
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/coordination/remap.hpp"
#include "runtime/journal/reader.hpp"

namespace steward {

/// Reads every record that one of the type's `maps` is for: signals, and answers of read-only actions. A type that is not there, or
/// has no mapping, gives nothing: the coordinator says so. Errors: those of reading and of the mapping.
result<remap_told> told_by_records(reader& source, const company_manifests& manifests, const std::string& type);

}  // namespace steward
