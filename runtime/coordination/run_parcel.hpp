/// Everything that belongs to one open run, in one piece: what is packed while it waits and written into snapshots.
#pragma once
#include <vector>

#include "runtime/coordination/company_state.hpp"

namespace steward {

struct run_parcel {
  run here;
  std::vector<agent_instance> instances;
  std::vector<effect> effects;
  std::vector<approval> approvals;
  std::vector<model_call> calls;
  std::vector<card> cards;
};
BOOST_DESCRIBE_STRUCT(run_parcel, (), (here, instances, effects, approvals, calls, cards))

/// A copy of what the state holds of this run, which must be there and not parked.
run_parcel parcel_of(const company_state& state, const std::string& run);
/// Takes it out of the state …
run_parcel take_out(company_state& state, const std::string& run);
/// … and puts it back.
void put_back(company_state& state, run_parcel parcel);

/// Everything that the state holds, as one digest. Whether a run is parked makes no difference.
std::string digest_of_state(const company_state& state);

}  // namespace steward
