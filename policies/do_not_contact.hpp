/// Nobody who asked not to be contacted is written to, whatever role, workflow or approval wants it.
#pragma once
#include "runtime/policy.hpp"

namespace steward {

/// Looks up each recipient that is a person ("mailbox:ada@example.com") and denies the effect when the entity found carries
/// `do_not_contact`: true, a date or any other text that does not say no. One such recipient stops the whole mail.
class do_not_contact final : public policy {
public:
  std::string name() const override { return "do_not_contact"; }
  std::string because() const override { return "Who asked not to be contacted is never written to"; }
  std::optional<ruling> judge(const policy_question& q) const override;
};

}  // namespace steward
