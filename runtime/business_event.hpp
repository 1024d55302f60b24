/// Facts about the business: its records and what is remembered. Part of the journal's vocabulary (event.hpp).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/memory_item.hpp"

namespace steward::event {

struct entity_recorded {
  static constexpr auto kind = "entity_recorded";
  std::string entity;  // "lead-3"
  std::string type;
  std::string external_id;
  json fields;         // those that are told; others stay
  std::optional<std::string> mapped;  // "mail_received@2": by this version of the mapping, from the record that caused it
};
BOOST_DESCRIBE_STRUCT(entity_recorded, (), (entity, type, external_id, fields, mapped))

/// Two records are one and the same: what leads to `other` leads to `entity` from now on.
struct entity_merged {
  static constexpr auto kind = "entity_merged";
  std::string entity;              // "customer-3", which stays
  std::string other;               // "customer-7", which becomes another name for it
  std::vector<std::string> takes;  // fields that `entity` lacked; their values are those of `other`
  std::string because;
};
BOOST_DESCRIBE_STRUCT(entity_merged, (), (entity, other, takes, because))

/// Takes a merge back. Fields that came with it leave again, save those that were told anew since.
struct entity_split {
  static constexpr auto kind = "entity_split";
  std::string entity;
  std::string other;
  std::string because;
};
BOOST_DESCRIBE_STRUCT(entity_split, (), (entity, other, because))

struct memory_added {
  static constexpr auto kind = "memory_added";
  memory_item item;
};
BOOST_DESCRIBE_STRUCT(memory_added, (), (item))

}  // namespace steward::event
