/// JSON Schema 2020-12: does this value fit, and if not, where and why.
///
/// All keywords of the core, applicator, validation and unevaluated vocabularies but $dynamicRef. Own decisions: a keyword we do
/// not know is refused instead of ignored (a slip of the pen must not switch a rule off), save x-…; `format` is an annotation;
/// $ref stays within the schema (#, #/$defs/…, #anchor); patterns are RE2's (no look-around, linear in the text).
/// Specification: json-schema.org/draft/2020-12.
#pragma once
#include <memory>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

namespace schema_detail {
struct rule_book;
}

/// A compiled schema. Copies share it; const members may run in many threads at once.
class schema {
public:
  /// Accepts everything.
  schema();
  /// Error: bad_schema; `where` is the place in the schema, such as "properties.lead.minimun".
  static result<schema> parse(const json& source);

  /// Everything that does not fit, at most 20 errors; empty when the value fits. Each names the place in `where` ("lead.tags[2]").
  /// Codes: wrong_type, missing_key, unknown_key, schema_violation.
  std::vector<error> validate(const json& value) const;
  /// The first of these errors.
  result<void> check(const json& value) const;

private:
  explicit schema(std::shared_ptr<const schema_detail::rule_book> book) : book_(std::move(book)) {}
  std::shared_ptr<const schema_detail::rule_book> book_;
};

}  // namespace steward
