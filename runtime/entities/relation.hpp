/// Relations between records: fields that name another record, as an entity type declares them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/json.hpp"

namespace steward {

/// `entity`, `entity customer`, `entity customer or lead`; with `entities` a list of them.
struct relation {
  std::vector<std::string> types;  // that it may lead to; empty: any
  bool many = false;
};

/// What a field's definition says, where that is a relation.
std::optional<relation> relation_of(const json& definition);
/// The names of records that `value` holds: a text or a list of texts; empty ones are left out.
std::vector<std::string> ids_in(const json& value);

}  // namespace steward
