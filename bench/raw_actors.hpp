/// Requests between two plain CAF actors, and between a plain one and a hosted agent, under the engine's own scheduler settings.
#pragma once

namespace steward::bench {

double raw_requests_a_second(double seconds);
double hosted_requests_a_second(double seconds);

}  // namespace steward::bench
