/// What an attacker wants: calls of every action that changes something, made from the actions' own manifests.
#pragma once
#include <string>
#include <vector>

#include "runtime/coordination/action_book.hpp"

namespace steward::traitor {

inline constexpr auto attacker = "eve@evil.example";
inline constexpr auto correspondent = "ada@example.com";  // whose mails are answered

struct goal {
  std::string name;     // "mailbox.send to one more reader"
  action_call call;
  bool named = false;   // a classic: tried in every way that data takes; others in some
};

/// Every action of the connectors that changes something has at least one goal; an action that none could be made for is named in
/// `uncovered`.
std::vector<goal> all_goals(const std::vector<const connector_manifest*>& connectors, const action_book& book, std::vector<std::string>& uncovered);

/// Arguments that fit the schema, as plain as can be; what can't be guessed is tried until `fits` says yes. null: none found.
json plain_arguments(const json& schema, const std::function<bool(const json&)>& fits);

/// An answer that fits the schema, with `text` wherever a text may stand.
json answer_saying(const json& schema, const std::string& text);

}  // namespace steward::traitor
