/// How long an effect can be taken back after it was decided, before it leaves: by the risk of its action.
#pragma once
#include "runtime/connector.hpp"
#include "runtime/coordination/role_definition.hpp"

namespace steward {

// What somebody takes to see, in the list of what is about to leave, the one thing that should not be there.
inline constexpr duration money_held = std::chrono::minutes{10};
inline constexpr duration legal_held = std::chrono::minutes{10};
inline constexpr duration public_held = std::chrono::minutes{2};  // A page can be unpublished; a payment can only be asked back.

/// What the company says, or the default.
inline duration hold_for(const company_definition& company, risk_kind risk) {
  const auto said = company.hold.value_or(hold_definition{});
  switch (risk) {
    case risk_kind::money: return said.money.value_or(money_held);
    case risk_kind::legal: return said.legal.value_or(legal_held);
    case risk_kind::public_: return said.public_.value_or(public_held);
    default: return {};
  }
}

}  // namespace steward
