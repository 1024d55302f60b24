#include "runtime/execution/evidence.hpp"

#include "tests/support/catch.hpp"

namespace steward::test {
namespace {

using namespace std::chrono_literals;
constexpr time_point noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};
constexpr auto day = 24h;

ladder with(std::initializer_list<std::pair<evidence_kind, int>> seen, time_point at = noon) {
  ladder l;
  for (const auto& [what, times] : seen)
    for (int i = 0; i < times; ++i) add_evidence(l, {at, what, "apr-" + std::to_string(i + 1)});
  return l;
}

}  // namespace

TEST_CASE("the Wilson bound is what it is by hand") {
  // (p + z²/2n - z·sqrt((p(1-p) + z²/4n)/n)) / (1 + z²/n) with z = 1.96, worked out on paper to four digits.
  const struct {
    std::int64_t right, all;
    double bound;
  } table[] = {
      {0, 0, 0.0},       {0, 10, 0.0},      {1, 1, 0.2065},    {5, 10, 0.2366},   {10, 10, 0.7225},  {19, 20, 0.7639},
      {20, 20, 0.8389},  {22, 22, 0.8513},  {24, 25, 0.8046},  {50, 50, 0.9286},  {95, 100, 0.8882}, {199, 200, 0.9722},
  };
  for (const auto& row : table) {
    CAPTURE(row.right, row.all);
    CHECK(wilson_lower_bound(row.right, row.all) == Approx(row.bound).margin(0.00006));
  }
}

TEST_CASE("a rung is offered after enough decisions, of which enough were right, and a quiet time") {
  const ladder_rules rules;
  CHECK(weigh(with({{evidence_kind::approved, 22}}), autonomy::ask, rules, noon + 1h).missing.empty());
  CHECK(weigh(with({{evidence_kind::approved, 19}}), autonomy::ask, rules, noon + 1h).missing == "19 decisions of 22");
  CHECK(weigh(with({{evidence_kind::approved, 20}}), autonomy::ask, rules, noon + 1h).missing == "20 of 20 right, hence at least 83 % by the odds, not 85 %");
  CHECK(weigh(with({{evidence_kind::approved, 40}, {evidence_kind::modified, 10}}), autonomy::ask, rules, noon + 1h).missing.starts_with("40 of 50 right"));
  CHECK(weigh(with({{evidence_kind::same, 22}}), autonomy::shadow, rules, noon + 1h).missing.empty());
  CHECK(weigh(with({{evidence_kind::approved, 30}}), autonomy::shadow, rules, noon + 1h).missing == "0 comparisons of 22");  // nothing is done in shadow

  auto l = with({{evidence_kind::approved, 99}, {evidence_kind::undone, 1}});
  CHECK(weigh(l, autonomy::ask, rules, noon + 1h).missing == "quiet until 2026-12-07T12:00Z");
  CHECK(weigh(l, autonomy::ask, rules, noon + 14 * day).missing.empty());
  CHECK(weigh(l, autonomy::ask, rules, noon + 31 * day).missing == "0 decisions of 22");  // older than the window
}

TEST_CASE("the state of a ladder stays bounded, and an incident is remembered beyond what is kept") {
  auto l = with({{evidence_kind::rejected, 1}, {evidence_kind::approved, 500}});
  CHECK(l.seen.size() == evidence_kept);
  CHECK(count_of(l, {}).rejected == 0);
  CHECK_FALSE(weigh(l, autonomy::ask, {}, noon + 1h).missing.empty());
}

TEST_CASE("an undo, a failure of a role and the third rejection in a row are one too many") {
  const ladder_rules rules;
  const auto falls = [&](std::initializer_list<std::pair<evidence_kind, int>> seen, bool of_a_role = true) { return reason_to_fall(with(seen), rules, of_a_role).has_value(); };
  CHECK_FALSE(falls({}));
  CHECK_FALSE(falls({{evidence_kind::rejected, 2}}));
  CHECK(falls({{evidence_kind::rejected, 3}}));
  CHECK_FALSE(falls({{evidence_kind::rejected, 2}, {evidence_kind::approved, 1}, {evidence_kind::rejected, 2}}));
  CHECK(falls({{evidence_kind::undone, 1}}));
  CHECK(falls({{evidence_kind::undone, 1}}, false));
  CHECK_FALSE(falls({{evidence_kind::undone, 1}, {evidence_kind::approved, 1}}));  // that was said when it happened
  CHECK(falls({{evidence_kind::failed, 1}}));
  CHECK_FALSE(falls({{evidence_kind::failed, 1}}, false));
  ladder_rules patient;
  patient.failures = 2;
  CHECK_FALSE(reason_to_fall(with({{evidence_kind::failed, 1}}), patient, true));
  CHECK(reason_to_fall(with({{evidence_kind::failed, 2}}), patient, true));
}

TEST_CASE("a fall goes one rung down, to ask where the manifest says more, and never below the manifest") {
  const struct {
    autonomy rung, manifest;
    std::optional<autonomy> to;
  } table[] = {
      {autonomy::act, autonomy::act, autonomy::ask},        {autonomy::act, autonomy::ask, autonomy::ask},        {autonomy::act, autonomy::shadow, autonomy::ask},
      {autonomy::ask, autonomy::ask, {}},                   {autonomy::ask, autonomy::act, {}},                   {autonomy::ask, autonomy::suggest, autonomy::suggest},
      {autonomy::suggest, autonomy::shadow, autonomy::shadow}, {autonomy::suggest, autonomy::suggest, {}},        {autonomy::shadow, autonomy::shadow, {}},
  };
  for (const auto& row : table) {
    CAPTURE(to_word(row.rung), to_word(row.manifest));
    CHECK(fallen(row.rung, row.manifest) == row.to);
  }
}

TEST_CASE("the rules of the ladder have defaults, and what company.yaml says counts") {
  const auto usual = rules_of({});
  CHECK(usual.after == 20);
  CHECK(usual.quiet_for == 14 * day);
  ladder_definition said;
  said.climb = climb_definition{5, "60%", 10 * day, 2 * day, {}};
  const auto own = rules_of(said);
  CHECK(own.after == 5);
  CHECK(own.at_least == Approx(0.6));
  CHECK(own.within == 10 * day);
  CHECK(own.quiet_for == 2 * day);
  CHECK(own.ask_again == 30 * day);
  CHECK(own.rejections == 3);
}

}  // namespace steward::test
