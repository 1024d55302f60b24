#include "runtime/coordination/action_book.hpp"

namespace steward {

result<action_book> action_book::make(std::vector<std::shared_ptr<connector>> connectors) {
  action_book book;
  book.connectors_ = std::move(connectors);
  for (const auto& c : book.connectors_) {
    for (const auto& manifest : c->manifest().actions) {
      auto arguments = schema::parse(manifest.arguments);
      if (!arguments) {
        auto e = arguments.error();
        e.where = manifest.name + ".arguments" + (e.where.empty() ? "" : "." + e.where);
        return e;
      }
      if (!book.actions_.emplace(manifest.name, entry{manifest, c.get(), std::move(*arguments)}).second)
        return error{"action_declared_twice", manifest.name, "two connectors declare this action", "one", "Remove one of them from company.yaml"};
    }
  }
  return book;
}

const action_manifest* action_book::find(std::string_view action) const {
  const auto it = actions_.find(action);
  return it == actions_.end() ? nullptr : &it->second.manifest;
}

std::string action_book::nearest(std::string_view action) const {
  std::vector<std::string> names;
  for (const auto& [name, _] : actions_) names.push_back(name);
  return nearest_name(action, names);
}

connector* action_book::connector_of(std::string_view action) const {
  const auto it = actions_.find(action);
  return it == actions_.end() ? nullptr : it->second.owner;
}

result<request> action_book::prepare(const action_call& call, const effect_mark& mark) const {
  const auto it = actions_.find(call.action);
  if (it == actions_.end()) {
    const auto near = nearest(call.action);
    return error{"unknown_action", "", "no connector of this company declares '" + call.action + "'", "an action of a connector in company.yaml",
                 near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  if (auto fits = it->second.arguments.check(call.arguments); !fits) {
    auto e = fits.error();
    e.where = call.action + (e.where.empty() ? "" : " " + e.where);
    return e;
  }
  try {
    auto prepared = it->second.owner->prepare(call, mark);
    if (prepared) {
      prepared->action = call.action;
      prepared->key = mark.key;
    }
    return prepared;
  } catch (const std::exception& e) {
    return error{"prepare_threw", call.action, std::string("preparing it failed: ") + e.what(), "", "This is a bug of the connector"};
  }
}

outcome action_book::read(const request& what, const answer& came_back) const {
  auto* owner = connector_of(what.action);
  outcome unknown;
  if (!owner) {
    unknown.sentence = "The connector of " + what.action + " is gone";
    return unknown;
  }
  try {
    return owner->read(what, came_back);
  } catch (const std::exception& e) {
    unknown.sentence = std::string("Its answer could not be read: ") + e.what();
    return unknown;
  }
}

}  // namespace steward
