#include "runtime/execution/step.hpp"

namespace steward {

std::string instance_name(std::string_view run, std::string_view step, std::int64_t visit, std::int64_t attempt, std::optional<std::size_t> item) {
  std::string name = std::string(run) + "/" + std::string(step) + "." + std::to_string(visit);
  if (attempt > 1) name += "~" + std::to_string(attempt);  // A new attempt starts with a fresh agent: it must not meet the old one's answers.
  if (item) name += "#" + std::to_string(*item + 1);
  return name;
}

}  // namespace steward
