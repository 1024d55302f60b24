#include "bench/measurement.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/json.hpp"

namespace steward::bench {
namespace {

/// A wanted value: `times` the limit of the same run, or a plain number where no limit is named.
struct target {
  const char* workload;
  std::int64_t in_flight;  // 0: any
  const char* name;
  enum { at_least, at_most } way;
  double times;
  const char* of_limit;  // a figure of the workload `limits`, or nullptr
};

// Ratios hold on every machine; the plain numbers were set on two cores of a 2020s server with 9,000 flushes a second.
constexpr target targets[] = {
    {"w1", 1, "steps_per_s", target::at_least, 0.6, "commits_per_s"},
    {"w1", 1, "flushes_per_step", target::at_most, 1.05, nullptr},
    {"w1", 64, "steps_per_s", target::at_least, 27'267, nullptr},
    {"w1", 64, "p99_ms", target::at_most, 30, nullptr},
    {"w1", 256, "steps_per_s", target::at_least, 55'700, nullptr},
    {"w1", 256, "cpu_us_per_step", target::at_most, 28, nullptr},
    {"w2", 0, "kb_memory_per_run", target::at_most, 0.3, nullptr},
    {"w2", 0, "kb_disk_per_run", target::at_most, 2, nullptr},
    {"w2", 0, "approvals_per_s", target::at_least, 10'000, nullptr},
    {"w3", 0, "all_done_ms", target::at_most, 400, nullptr},
    {"w3", 0, "repeated_steps", target::at_most, 256, nullptr},
    {"w3", 0, "lost_steps", target::at_most, 0, nullptr},
    {"w4", 0, "first_step_ms", target::at_most, 40, nullptr},
    {"w4", 0, "idle_rss_mb", target::at_most, 25, nullptr},
    {"w5", 0, "growth_exponent", target::at_most, 1.05, nullptr},
    {"w5", 0, "bytes_per_byte_said", target::at_most, 1.3, nullptr},
    {"w6", 0, "ready_ms", target::at_most, 1000, nullptr},
    {"w6", 0, "ready_after_kill_ms", target::at_most, 1000, nullptr},
    {"w7", 0, "share_of_raw", target::at_least, 0.5, nullptr},
    {"gate", 0, "no_match_us", target::at_most, 3, nullptr},
    {"gate", 0, "all_match_us", target::at_most, 50, nullptr},
    {"gate", 0, "w1_kept", target::at_least, 0.9, nullptr},
};

/// Which limit stands beside a figure that has no target of its own in terms of one.
const char* bounded_by(const measurement& m, const std::string& name) {
  if (m.workload == "w1" && name == "steps_per_s") return m.in_flight == 1 ? "commits_per_s" : "grouped_events_per_s";
  if (m.workload == "w1" && name == "p50_ms") return "flush_ms";
  if (m.workload == "w2" && (name == "approvals_per_s" || name == "starts_per_s")) return "grouped_events_per_s";
  return nullptr;
}

std::string number(double value) {
  if (std::abs(value) >= 1000 || value == std::floor(value)) {
    auto digits = fmt::format("{:.0f}", value);
    for (auto at = std::int64_t(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) digits.insert(std::size_t(at), ",");
    return digits;
  }
  return fmt::format("{:.{}f}", value, std::abs(value) < 10 ? 3 : 1);
}

}  // namespace

std::optional<double> measurement::find(std::string_view name) const {
  for (const auto& f : figures)
    if (f.name == name) return f.value;
  return {};
}

std::vector<measurement> medians(const std::vector<measurement>& all) {
  std::vector<measurement> result;
  for (const auto& m : all) {
    if (std::any_of(result.begin(), result.end(), [&](const measurement& known) { return known.workload == m.workload && known.in_flight == m.in_flight; })) continue;
    measurement middle{m.workload, m.in_flight, {}};
    for (const auto& f : m.figures) {
      std::vector<double> values;
      for (const auto& other : all)
        if (other.workload == m.workload && other.in_flight == m.in_flight)
          if (const auto value = other.find(f.name)) values.push_back(*value);
      middle.figures.push_back({f.name, quantile(values, 0.5)});
    }
    result.push_back(std::move(middle));
  }
  return result;
}

std::string json_line(const measurement& m) {
  std::string line = "{\"workload\": \"" + m.workload + "\"";
  if (m.in_flight) line += fmt::format(", \"in_flight\": {}", *m.in_flight);
  for (const auto& f : m.figures) line += fmt::format(", \"{}\": {}", f.name, std::abs(f.value) >= 1000 ? fmt::format("{:.0f}", f.value) : fmt::format("{:.4g}", f.value));
  return line + "}";
}

std::string table(const std::vector<measurement>& all) {
  const auto limits = std::find_if(all.begin(), all.end(), [](const measurement& m) { return m.workload == "limits"; });
  const auto limit = [&](const char* name) { return name && limits != all.end() ? limits->find(name) : std::nullopt; };
  std::string text = fmt::format("{:<9} {:>9}  {:<22} {:>12}  {:>14}  {}\n", "workload", "in flight", "figure", "measured", "target", "limit of this run");
  for (const auto& m : all) {
    for (const auto& f : m.figures) {
      std::string wanted, bound;
      for (const auto& t : targets) {
        if (m.workload != t.workload || f.name != t.name || (t.in_flight != 0 && t.in_flight != m.in_flight)) continue;
        if (t.of_limit && !limit(t.of_limit)) continue;
        const double value = t.of_limit ? t.times * *limit(t.of_limit) : t.times;
        const bool reached = t.way == target::at_least ? f.value >= value : f.value <= value;
        wanted = fmt::format("{} {}{}", t.way == target::at_least ? ">=" : "<=", number(value), reached ? "" : " MISSED");
      }
      if (const auto* name = bounded_by(m, f.name); limit(name)) bound = fmt::format("{} ({})", number(*limit(name)), name);
      text += fmt::format("{:<9} {:>9}  {:<22} {:>12}  {:>14}  {}\n", m.workload, m.in_flight ? std::to_string(*m.in_flight) : "", f.name, number(f.value), wanted, bound);
    }
  }
  return text;
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, std::size_t(q * double(values.size())))];
}

}  // namespace steward::bench
