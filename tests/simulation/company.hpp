/// The simulated company: three workflows that use every kind of step, two roles, one agent that plays what its input says.
#pragma once
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/hosting/agent_host.hpp"

namespace steward::simulation {

/// letter   an order arrives: draft with a model, mail after approval, wait for the reply, remind once
/// update   every morning at nine: look and recall, draft, one approval for a payment and three mails, remember
/// chores   by hand: trivial steps, an agent that pays by itself, a question to the operator, another role, a sleep, an sms
/// poison   by hand: an event that throws each time
/// offer    by hand: a mail after approval, at certain hours; a no leads to a long rest, not to the end
company_manifests simulated_company();

/// The agent `player`.
agent_entry player_agent();

// What the simulation relies on, and checks.
inline constexpr auto calls_per_day = 12;                     // of the role writer: at 0.10 EUR that is 1.20 EUR
inline constexpr money writer_per_day{1'200'000'000, "EUR"};
inline constexpr money company_per_day{2'000'000'000, "EUR"};
inline constexpr std::int64_t runs_at_once = 3;

}  // namespace steward::simulation
