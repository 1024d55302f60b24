/// What a workload found out: named figures, their medians over several runs, one JSON line and one row of the table each.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace steward::bench {

struct figure {
  std::string name;  // the unit last: "steps_per_s", "p99_ms"
  double value = 0;
};

struct measurement {
  std::string workload;                  // "w1", "limits"
  std::optional<std::int64_t> in_flight;
  std::vector<figure> figures;

  std::optional<double> find(std::string_view name) const;
};

/// The figure-wise median of measurements of the same workload and concurrency, in the order in which they first came.
std::vector<measurement> medians(const std::vector<measurement>& all);

/// {"workload": "w1", "in_flight": 256, "steps_per_s": …}
std::string json_line(const measurement& m);

/// One row a figure: what came out, what is wanted, and the physical limit of the same run that bounds it.
std::string table(const std::vector<measurement>& all);

/// The `q`-th part (0.5, 0.99) of the values, which it sorts; 0 of none.
double quantile(std::vector<double>& values, double q);

}  // namespace steward::bench
