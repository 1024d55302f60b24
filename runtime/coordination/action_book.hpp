/// All actions of all connectors under one roof: find, check, prepare, read.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connector.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {

class action_book {
public:
  /// Errors: bad_schema when a manifest's schema can't be read, action_declared_twice.
  static result<action_book> make(std::vector<std::shared_ptr<connector>> connectors);

  const action_manifest* find(std::string_view action) const;
  /// The nearest known action, for an error's advice.
  std::string nearest(std::string_view action) const;
  connector* connector_of(std::string_view action) const;
  const std::vector<std::shared_ptr<connector>>& connectors() const { return connectors_; }

  /// Pure: unknown_action, schema errors, or what the connector refuses. An exception becomes `prepare_threw` with its sentence.
  result<request> prepare(const action_call& call, const effect_mark& mark) const;
  /// Pure. An exception counts as in_doubt with its sentence: we do not know what the answer meant.
  outcome read(const request& what, const answer& came_back) const;

private:
  struct entry {
    action_manifest manifest;
    connector* owner = nullptr;
    schema arguments;
  };
  std::vector<std::shared_ptr<connector>> connectors_;
  std::map<std::string, entry, std::less<>> actions_;
};

}  // namespace steward
