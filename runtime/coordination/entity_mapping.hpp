/// How a connector's record becomes an entity, compiled from `maps` of an entity's manifest. Pure.
#pragma once
#include <string>
#include <vector>

#include "runtime/coordination/role_definition.hpp"
#include "runtime/expression/expression.hpp"

namespace steward {

/// What one record says of one entity.
struct mapped_record {
  std::string external_id;
  json fields;  // an object
};
BOOST_DESCRIBE_STRUCT(mapped_record, (), (external_id, fields))

class entity_mapping {
public:
  /// `source`: the signal or the read-only action whose records these are. Errors: those of the expression language; `where` names
  /// the key.
  static result<entity_mapping> compile(std::string type, std::string source, const mapping_definition& said);

  const std::string& type() const { return type_; }
  const std::string& source() const { return source_; }
  /// "mail_received@2", as events say which mapping made them.
  const std::string& name() const { return name_; }
  bool has_items() const { return each_.has_value(); }

  /// None where `when` says no, or where the external id is empty. Errors: not_a_list, and those of evaluation.
  result<std::vector<mapped_record>> apply(const json& record) const;

private:
  result<void> one(const json& record, std::vector<mapped_record>& into) const;

  std::string type_, source_, name_;
  std::optional<text_template> each_;
  std::optional<expression> when_;
  text_template id_;
  std::map<std::string, text_template> fields_;
};

}  // namespace steward
