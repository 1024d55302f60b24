/// W7: what it costs that an agent is hosted: a request to it and its answer, without a journal. It takes turns with plain CAF
/// actors, because where the kernel puts two threads that call each other changes either rate by half.
#include "bench/raw_actors.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {

measurement actor_tax(const bench_options& options) {
  constexpr int slices = 8;
  const double each = std::min(options.seconds, 2.0) / slices;
  double hosted = 0, raw = 0;
  for (int i = 0; i < slices; ++i) {
    hosted += hosted_requests_a_second(each);
    raw += raw_requests_a_second(each);
  }
  return {"w7", {}, {{"requests_per_s", hosted / slices}, {"raw_requests_per_s", raw / slices}, {"share_of_raw", hosted / raw}}};
}

}  // namespace steward::bench
