/// The rule of two: what came from outside, private data, and an act that changes something. Two of these may meet; where all three
/// do, the operator decides, whatever rung, rule or grant says. Pure, and nothing switches it off.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/policy.hpp"

namespace steward {

/// Whether an act of this kind can do harm: it changes something, or it carries something outside.
bool changes_or_leaves(const action_manifest& action);

/// Speaks where untrusted data stands behind such an act and private data is in reach: the run has seen some, or the one who asks could
/// look at it any time (q.origin). nullopt: at most two of the three are there. `own_domains`: links to these are not mentioned.
std::optional<ruling> rule_of_two(const policy_question& q, const std::vector<std::string>& own_domains = {});

/// The hosts of links in these arguments that carry more than an address: a query, a name before an '@', or a long word in path or host.
std::vector<std::string> hosts_of_links_with_data(const json& arguments);

/// "mail_received from eve@example.com (event 12), git.log (event 14)"; "outside" where nothing is known of it.
std::string untrusted_words(const policy_question& q);

}  // namespace steward
