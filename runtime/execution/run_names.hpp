/// The names that the expressions of a run see, without copying what stands behind them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/execution/run.hpp"
#include "runtime/expression/expression.hpp"

namespace steward {

class run_names final : public variables {
public:
  /// `r` and `constants` must outlive this.
  run_names(const run& r, const std::map<std::string, json>& constants, time_point now);
  /// The item of a for_each, or the event of a condition. `seen` must outlive this.
  run_names& with(std::string name, const json& seen);
  /// The labels of every name that was looked at so far, save those of `with`.
  labels marks() const { return marks_; }

  std::optional<value> find(std::string_view name) const override;
  std::vector<std::string> names() const override;

private:
  const run& run_;
  const std::map<std::string, json>& constants_;
  std::vector<std::pair<std::string, const json*>> extra_;
  const time_point time_;
  mutable std::optional<json> about_run_;  // `run`, made when it is asked for: most expressions don't
  mutable std::optional<json> now_;
  mutable labels marks_ = 0;
};

}  // namespace steward
