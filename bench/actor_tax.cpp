/// W7: what it costs that an agent is hosted: a request to it and its answer, without a journal.
#include "bench/raw_actors.hpp"
#include "bench/workloads.hpp"

namespace steward::bench {

measurement actor_tax(const bench_options& options) { return {"w7", {}, {{"requests_per_s", hosted_requests_a_second(std::min(options.seconds, 2.0))}}}; }

}  // namespace steward::bench
