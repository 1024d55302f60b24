/// Erases a person: the key that sealed their fields is destroyed, and what is folded from now on says so.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runtime/coordination/role_definition.hpp"
#include "runtime/described.hpp"
#include "runtime/journal/upgrade.hpp"
#include "runtime/random.hpp"

namespace steward {

struct erased_entity {
  std::string entity;                // "lead-3"
  std::vector<std::string> fields;   // that are personal, as its type says
  bool had_key = false;              // something had been sealed
  std::vector<std::int64_t> readable;  // events that still hold one of its texts, because they were not sealed; the first hundred
};
BOOST_DESCRIBE_STRUCT(erased_entity, (), (entity, fields, had_key, readable))

/// Under the lock, so that no engine keeps the person in its memory. Appends the erasure, destroys the key, deletes the
/// snapshot of the fold, and counts what other events still say. The chain stays as it is. It can be repeated.
/// already_running, entity_not_found, nothing_personal (the type names no personal field).
result<erased_entity> erase_entity(const std::string& folder, const event_kinds& kinds, const std::string& zone, const std::map<std::string, entity_definition>& types, const std::string& entity_or_external_id,
                                   const clock& now, random_source& random);

}  // namespace steward
