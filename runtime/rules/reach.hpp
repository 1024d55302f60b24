/// Whom an effect may reach: a capability that the role (or the company) was given, not a text that a model may invent. Pure.
///
///   may_reach: {mailbox.send: [customer, sender, "@acme.example", "ada@example.com"], site.publish: ["/news/"]}
///
///   customer          whoever is on record as an entity of that type
///   sender            whose mail, or other signal, the run answers
///   @acme.example     every address of that domain; not of those below it
///   ada@example.com   this address
///   /news/            every page or file below it; without the slash at its end: this one
///
/// An action that is not listed may reach anybody. But with untrusted data behind it, a recipient whom only that data names is asked
/// about: nobody on record, not the sender, and nowhere in the operator's own words.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/policy.hpp"

namespace steward {

inline constexpr std::string_view reach_sender = "sender";

struct reach {
  std::string who;                                    // "The role 'outreach'"
  const std::vector<std::string>* listed = nullptr;   // for this action; nullptr: nothing is said of it
  verdict unlisted = verdict::ask;                    // what becomes of an effect to somebody else
};

/// nullopt: whom it reaches is in order.
std::optional<ruling> judge_reach(const policy_question& q, const reach& may);

/// The domains among these: "@acme.example" -> "acme.example".
std::vector<std::string> domains_in(const std::vector<std::string>& listed);

/// Is the entry none of the shapes above but the name of an entity type?
bool is_type_entry(std::string_view entry);

}  // namespace steward
