/// Erases a person: every event that tells of them says so no more, and the key that sealed their fields is destroyed.
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
  bool already = false;              // it was erased before: nothing was there to do
  bool had_key = false;              // something had been sealed
  std::int64_t events = 0;           // that told of the person, and say so no more
  std::vector<std::int64_t> readable;  // manifests that were adopted (events) and name the person: they are the operator's own words; the first hundred
  std::vector<std::string> also;     // other records with the same addresses, which are erased by themselves
  std::vector<std::string> files;    // in the folder that still hold a name or address: journals that a restore set aside
};
BOOST_DESCRIBE_STRUCT(erased_entity, (), (entity, fields, already, had_key, events, readable, also, files))

/// Under the lock, so that no engine keeps the person in its memory. What tells of the person (see person_traces) becomes
/// `erased_text` in every event, beside the digest of the original, which keeps the chain whole; snapshot and derived.db are
/// made anew from that; the erasure is appended; the key goes last. Killed at any moment it can be repeated, and says
/// `already` once it is done. Nothing is changed while a run is open whose events tell of the person.
/// already_running, entity_not_found, several_entities, nothing_personal (the type names no personal field), erase_run_open,
/// erase_refused (the journal would not fold without these texts), and the errors of replace_bodies.
result<erased_entity> erase_entity(const std::string& folder, const event_kinds& kinds, const std::string& zone, const std::map<std::string, entity_definition>& types, const std::string& entity_or_external_id,
                                   const clock& now, random_source& random);

}  // namespace steward
