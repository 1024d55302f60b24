/// What is known of the names that the condition of a rule sees: types, members, and the words that can occur.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "config/check_parts.hpp"

namespace steward {

std::vector<std::string> entity_types(const check_pass& pass);

/// The schemas live as long as this.
class condition_scope {
public:
  /// `actions`: those that the condition can be about; nullopt: any. Of one alone `arguments` are known as well.
  condition_scope(const check_pass& pass, const std::optional<std::vector<std::string>>& actions);
  condition_scope(const condition_scope&) = delete;
  condition_scope& operator=(const condition_scope&) = delete;

  const name_scope& scope() const { return scope_; }

private:
  void bind(const std::string& name, json schema) { scope_.bound[name] = shape::of(schemas_.emplace_back(std::move(schema))); }
  std::deque<json> schemas_;
  name_scope scope_;
};

}  // namespace steward
