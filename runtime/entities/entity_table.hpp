/// Canonical business records, folded from their events: any number of external ids lead to one entity of a type.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "runtime/event.hpp"
#include "runtime/policy.hpp"

namespace steward {

/// What a record took over when another was merged into it.
struct absorbed_entity {
  std::string other;
  std::map<std::string, json> taken;  // field -> value; leaves again with a split, where it is still the same
  std::map<std::string, json> told;   // field -> value, told since then under an external id of the other's own: goes with it
  std::map<std::string, json> before; // what stood here before that; null: nothing
};
BOOST_DESCRIBE_STRUCT(absorbed_entity, (), (other, taken, told, before))

struct entity {
  std::string id;  // "lead-3"
  std::string type;
  std::vector<std::string> external_ids;  // its own; those of a merged record stay with that one
  json fields = boost::json::object{};    // always an object
  std::int64_t version = 0;               // how often it was changed
  std::int64_t place = 0;                 // among all entities, by when each was first recorded
  std::string merged_into;                // empty: a record of its own
  std::vector<absorbed_entity> absorbed;  // what was merged into it, the oldest first
  labels marks = 0;                       // of what its fields were made from
};
BOOST_DESCRIBE_STRUCT(entity, (), (id, type, external_ids, fields, version, place, merged_into, absorbed, marks))

class entity_table final : public fact_source {
public:
  entity_table() = default;
  /// From what `all` gave: a snapshot is that list.
  explicit entity_table(std::vector<entity> records);
  /// `marks`: of what is recorded; they stay with the record.
  void apply(const event::entity_recorded& e, labels marks = label_private);
  void apply(const event::entity_merged& e);
  void apply(const event::entity_split& e);
  std::vector<const json*> entities_with(std::string_view external_id) const override;
  known_entity entity_of(std::string_view type, std::string_view id) const override;
  /// The record of that name, also one that was merged into another.
  const entity* find(std::string_view id) const;
  /// The record that stands for it today: itself, or what it was merged into.
  const entity* standing_for(std::string_view id) const;
  /// All that carry it, the first recorded first: a lead who subscribes is a lead and a customer.
  std::vector<const entity*> find_external(std::string_view external_id) const;
  /// It and every record that was merged into it, however far.
  std::vector<const entity*> same_as(std::string_view id) const;
  const std::map<std::string, entity, std::less<>>& all() const { return by_id_; }
  /// The id that a new entity of this type gets: "lead-4".
  std::string next_id(const std::string& type) const;

private:
  absorbed_entity* told_of(entity& record, const std::string& external_id);
  void lead_to(const std::string& external_id, const std::string& id);
  void index();

  std::map<std::string, entity, std::less<>> by_id_;
  std::map<std::string, std::vector<std::string>, std::less<>> by_external_id_;  // one id of each type, in the order in which they were recorded
  std::map<std::string, std::int64_t> count_;  // by type
};

/// An entity as expressions see it: {entity, type, external_id, …fields}.
json to_json_value(const entity& e);

}  // namespace steward
