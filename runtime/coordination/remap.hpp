/// Carrying a changed mapping back over the journal: what its records say by today's mapping, and what that would change.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/json.hpp"

namespace steward {

/// What the journal's records say of one entity by today's mapping; of several records the newest counts, field by field.
struct remap_candidate {
  std::string external_id;
  std::string entity;                        // that these records were mapped to before; empty: to none
  std::string mapped;                        // "mail_received@2"
  std::int64_t record = 0;                   // the newest of them, by its event
  json fields;
  std::map<std::string, std::int64_t> from;  // field -> the event whose record says it
};
BOOST_DESCRIBE_STRUCT(remap_candidate, (), (external_id, entity, mapped, record, fields, from))

struct remap_told {
  std::vector<remap_candidate> candidates;
  std::map<std::string, std::map<std::string, std::int64_t>> told;  // entity -> field -> the last event in which somebody told it, not a mapping
  std::int64_t records = 0;                                          // that were looked at
};
BOOST_DESCRIBE_STRUCT(remap_told, (), (candidates, told, records))

struct remap_change {
  std::string field;
  json before, after;
};
BOOST_DESCRIBE_STRUCT(remap_change, (), (field, before, after))

struct remapped_entity {
  std::string entity;                 // with a dry run, of one that is not there yet: empty
  std::string external_id;
  std::vector<remap_change> changes;
  std::vector<std::string> kept;      // fields that somebody told since, and that would differ
  std::string refused;                // why what the mapping says can't be recorded
};
BOOST_DESCRIBE_STRUCT(remapped_entity, (), (entity, external_id, changes, kept, refused))

struct remap_report {
  std::string type;
  bool dry_run = false;
  std::int64_t records = 0;
  std::vector<remapped_entity> entities;  // those of which something differs
};
BOOST_DESCRIBE_STRUCT(remap_report, (), (type, dry_run, records, entities))

}  // namespace steward
