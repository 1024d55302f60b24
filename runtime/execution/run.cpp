#include "runtime/execution/run.hpp"

namespace steward {

void put(run_use& into, const run_use& more) {
  for (const auto& m : more.cost) put(into.cost, m);
  into.tokens += more.tokens;
  into.calls += more.calls;
  into.effects += more.effects;
  into.decisions += more.decisions;
  into.waited += more.waited;
}

}  // namespace steward
