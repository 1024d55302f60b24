#include "policies/catalog.hpp"

#include "policies/do_not_contact.hpp"

namespace steward {

policy_catalog policies() {
  return {
      std::make_shared<do_not_contact>(),
  };
}

}  // namespace steward
