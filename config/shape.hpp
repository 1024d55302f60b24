/// What is known beforehand of a value: the JSON Schema it follows. Answers whether `lead.address` can exist.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runtime/json.hpp"

namespace steward {

/// A schema inside the document that its $refs point into; without a schema nothing is known and anything goes.
struct shape {
  const json* schema = nullptr;
  const json* root = nullptr;

  static shape of(const json& schema) { return schema.is_object() ? shape{&schema, &schema} : shape{}; }
  bool is_open() const { return schema == nullptr; }
};

enum class member_is {
  there,      // declared
  free,       // not declared, but the schema lets it be
  absent,     // an object that has no such member
  no_object,  // a text, a number, a list: nothing that has members
};

struct member_found {
  member_is is = member_is::free;
  shape what;
};

/// A schema that lists properties is taken at its word: others are absent unless additionalProperties says otherwise.
member_found member_of(const shape& s, std::string_view name);
/// The items of a list.
shape items_of(const shape& s);
/// The declared members, for the nearest name.
std::vector<std::string> members_of_shape(const shape& s);
/// "a text", "a list" … or empty when it is not known.
std::string kind_of_shape(const shape& s);
/// The only words that it can be; empty when it may be others, or is not known.
std::vector<std::string> words_of_shape(const shape& s);
/// The schema after its $refs, or an open shape.
shape resolved(const shape& s);

/// A closed schema that describes exactly this value's members: for constants.
json schema_of_value(const json& value);
/// A list of what `schema` describes; its local $refs stay valid.
json list_of(const shape& item);

}  // namespace steward
