/// Canonical business records, folded from entity_recorded: any number of external ids map to one entity of a type.
#pragma once
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/event.hpp"
#include "runtime/policy.hpp"

namespace steward {

struct entity {
  std::string id;  // "lead-3"
  std::string type;
  std::vector<std::string> external_ids;
  json fields = boost::json::object{};  // always an object
  std::int64_t version = 0;             // how often it was recorded
  std::int64_t place = 0;               // among all entities, by when each was first recorded
};
BOOST_DESCRIBE_STRUCT(entity, (), (id, type, external_ids, fields, version, place))

class entity_table final : public fact_source {
public:
  entity_table() = default;
  /// From what `all` gave: a snapshot is that list.
  explicit entity_table(std::vector<entity> records);
  void apply(const event::entity_recorded& e);
  std::vector<const json*> entities_with(std::string_view external_id) const override;
  const entity* find(std::string_view id) const;
  /// All that carry it, the first recorded first: a lead who subscribes is a lead and a customer.
  std::vector<const entity*> find_external(std::string_view external_id) const;
  const std::map<std::string, entity, std::less<>>& all() const { return by_id_; }
  /// The id that a new entity of this type gets: "lead-4".
  std::string next_id(const std::string& type) const;

private:
  std::map<std::string, entity, std::less<>> by_id_;
  std::map<std::string, std::vector<std::string>, std::less<>> by_external_id_;  // one id of each type, in the order in which they were recorded
  std::map<std::string, std::int64_t> count_;  // by type
};

/// An entity as expressions see it: {entity, type, external_id, …fields}.
json to_json_value(const entity& e);

}  // namespace steward
