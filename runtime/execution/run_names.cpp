#include "runtime/execution/run_names.hpp"

namespace steward {

run_names::run_names(const run& r, const std::map<std::string, json>& constants, time_point now) : run_(r), constants_(constants), time_(now) {}

run_names& run_names::with(std::string name, const json& seen) {
  extra_.emplace_back(std::move(name), &seen);
  return *this;
}

std::optional<value> run_names::find(std::string_view name) const {
  for (const auto& [known, seen] : extra_)
    if (known == name) return value::view(*seen);
  if (const auto* given = run_.names.if_contains(name)) {
    marks_ |= run_.origin.of_name(name);
    return value::view(*given);
  }
  if (name == "run") {
    if (!about_run_)
      about_run_ = boost::json::object{
          {"id", run_.said.run}, {"workflow", run_.said.workflow}, {"visit", run_.here ? run_.here->visit : 1}, {"started_at", to_text(run_.started_at)}};
    return value::view(*about_run_);
  }
  if (name == "now") {
    if (!now_) now_ = to_text(time_);
    return value::view(*now_);
  }
  if (const auto constant = constants_.find(std::string(name)); constant != constants_.end()) return value::view(constant->second);
  return std::nullopt;
}

std::vector<std::string> run_names::names() const {
  std::vector<std::string> all{"run", "now"};
  for (const auto& [known, _] : extra_) all.push_back(known);
  for (const auto& pair : run_.names)
    if (!pair.key().starts_with("evidence of ")) all.emplace_back(pair.key());
  for (const auto& [known, _] : constants_) all.push_back(known);
  return all;
}

}  // namespace steward
