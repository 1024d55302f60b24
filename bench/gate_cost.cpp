/// Gate: what judging one intent costs with a hundred rules loaded, and what W1 loses by them.
#include <stdexcept>

#include "bench/company.hpp"
#include "bench/resources.hpp"
#include "bench/workloads.hpp"
#include "runtime/coordination/gate.hpp"

namespace steward::bench {
namespace {

constexpr std::int64_t rules = 100;
constexpr int warm_up = 2'000, measured = 20'000;  // judgements

/// The median of single judgements, in microseconds.
double median_us(const gate& judge, const policy_question& q, std::size_t rulings) {
  std::vector<double> took;
  took.reserve(measured);
  for (int i = 0; i < warm_up + measured; ++i) {
    const double start = seconds_now();
    const auto answer = judge.judge(q, false, {});
    const double end = seconds_now();
    if (answer.rulings.size() != 1 + rulings) throw std::runtime_error("gate: " + std::to_string(answer.rulings.size() - 1) + " rules spoke instead of " + std::to_string(rulings));
    if (i >= warm_up) took.push_back((end - start) * 1e6);
  }
  return quantile(took, 0.5);
}

}  // namespace

measurement gate_cost(const bench_options& options) {
  auto parts = company_parts({options.folder, options.in_flight, rules});
  gate judge(parts.manifests, {}, "salt");
  if (auto ready = judge.get_ready({}); !ready) throw std::runtime_error(to_sentence(ready.error()));

  auto all_match = parts.connectors.front()->manifest().actions.front(), none_match = all_match;
  none_match.name = "nowhere.else";
  const entity_table nobody;
  const json arguments = boost::json::object{{"text", std::string(100, 'x')}};
  const std::vector<std::string> recipients{"mailbox:ada@example.com"};
  const auto about = [&](const action_manifest& action) -> policy_question {
    return {action, arguments, recipients, "echo", "ask", "run-1", labels{}, time_point{std::chrono::hours{24 * 365 * 56}}, nobody};
  };
  parts.manifests.roles.at("echo").may_do = {{all_match.name, autonomy::act}, {none_match.name, autonomy::act}};
  const double none = median_us(judge, about(none_match), 0), all = median_us(judge, about(all_match), std::size_t(rules));

  // By turns, so that a machine that gets slower or faster meanwhile does so to both.
  double with = 0, without = 0;
  for (int i = 0; i < 2; ++i)
    for (const auto loaded : {std::int64_t{0}, rules}) {
      auto these = options;
      these.rules = loaded;
      (loaded ? with : without) += durable_steps(these).find("steps_per_s").value() / 2;
    }
  return {"gate", options.in_flight, {{"no_match_us", none}, {"all_match_us", all}, {"w1_steps_per_s", without}, {"w1_steps_per_s_with_rules", with}, {"w1_kept", with / without}}};
}

}  // namespace steward::bench
