#include "runtime/observation/measures.hpp"
#include "runtime/observation/period_report.hpp"

#include "tests/support/kept_company.hpp"

namespace steward {

using boost::json::object;
using test::kept_company;

namespace {

/// A run that asks about one mail; each append is ten minutes after the one before.
void a_run(kept_company& company, int n, const std::string& decision, bool changed, std::int64_t cost) {
  const auto run = "run-" + std::to_string(n), effect = "eff-" + std::to_string(n), approval = "apr-" + std::to_string(n), stream = "run/" + run;
  event::run_started started;
  started.run = run;
  started.workflow = "weekly_update";
  company.append(started, stream);
  event::effect_proposed proposed;
  proposed.effect = effect;
  proposed.run = run;
  proposed.prepared.action = "mailbox.send";
  company.append(proposed, stream);
  event::approval_asked asked;
  asked.approval = approval;
  asked.run = run;
  asked.effects = {effect};
  asked.card = "card-" + std::to_string(n);
  asked.title = "Mail to Ada";
  company.append(asked, stream);
  if (changed) company.append(event::effect_modified{effect, object{}, proposed.prepared, "d"}, stream);
  if (decision.empty()) return;
  company.append(event::approval_decided{approval, decision, {}, ""}, stream);
  company.append(event::card_closed{asked.card, decision}, stream);
  if (decision == "approved") {
    company.append(event::effect_dispatched{effect, 1, 1, approval, {}}, stream);
    event::effect_settled settled;
    settled.effect = effect;
    settled.came_out.kind = outcome_kind::confirmed;
    settled.came_out.cost = {cost, "EUR"};
    company.append(settled, stream);
  }
  company.append(event::run_finished{run, decision == "approved" ? "finished" : "failed", decision == "approved" ? "published" : "rejected", nullptr}, stream);
}

}  // namespace

TEST_CASE("the digest of a day counts what ended, was decided, was spent and waits, and says what got worse against the day before") {
  kept_company company;
  company.now.advance(std::chrono::hours{2});
  a_run(company, 1, "approved", false, 100'000'000);
  company.now.set(company.now.now() + std::chrono::hours{20});
  const auto from = company.now.now();
  a_run(company, 2, "approved", false, 200'000'000);
  a_run(company, 3, "approved", true, 50'000'000);
  a_run(company, 4, "rejected", false, 0);
  event::step_failed failed;
  failed.run = "run-4";
  company.append(failed, "run/run-4");
  a_run(company, 5, "", false, 0);
  const auto until = from + std::chrono::hours{24};
  company.written.reset();

  const auto source = reader::open({.folder = company.path}, *company.kinds);
  const auto report = report_of(**source, company.as_of({}).value(), from, until);
  REQUIRE(report);
  CHECK(canonical(to_json(report->now.runs)) == R"({"weekly_update":{"failed":1,"published":2}})");
  CHECK(report->now.effects == std::map<std::string, std::int64_t>{{"mailbox.send", 2}});
  CHECK(to_text(report->now.cost) == "0.25 EUR");
  CHECK(to_text(report->before.cost) == "0.10 EUR");
  CHECK(std::tuple(report->now.approved, report->now.changed, report->now.rejected, report->now.expired) == std::tuple(1, 1, 1, 0));
  CHECK(report->right == 1.0 / 3);
  CHECK(report->now.answered_after_s == std::vector<double>{600, 600, 1200});
  REQUIRE(report->waits.size() == 1);
  CHECK(report->waits.front().card == "card-5");
  CHECK(report->worse == std::vector<std::string>{"steps failed: 1, 0 in the same time before", "proposals rejected: 1, 0 in the same time before", "proposals that had to be changed: 1, 0 in the same time before"});
}

TEST_CASE("the digest names the workflow of a run that began long before") {
  kept_company company;
  event::run_started started;
  started.run = "run-1";
  started.workflow = "answer_lead";
  company.append(started, "run/run-1");
  company.now.set(company.now.now() + std::chrono::hours{240});
  const auto from = company.now.now();
  company.append(event::run_finished{"run-1", "finished", "answered", nullptr}, "run/run-1");
  company.written.reset();
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  auto state = company.as_of({}).value();
  state.closed.clear();  // as if so many had ended since that it is no longer listed
  const auto report = report_of(**source, state, from, from + std::chrono::hours{24});
  REQUIRE(report);
  CHECK(canonical(to_json(report->now.runs)) == R"({"answer_lead":{"answered":1}})");
}

TEST_CASE("measures count each week by itself, each currency by itself, and only the attention that could be timed") {
  kept_company company;
  company.now.set(*parse_time("2026-11-10T08:00:00Z"));  // a Tuesday
  a_run(company, 1, "approved", false, 100'000'000);
  a_run(company, 2, "rejected", false, 0);
  company.now.set(*parse_time("2026-11-17T08:00:00Z"));
  for (int i = 0; i < 3; ++i) {  // three answers in one sitting, a minute apart
    company.append(event::operator_answered{"card-9", "", "", "yes"}, "company");
    company.now.set(company.now.now() - std::chrono::minutes{9});
  }
  event::effect_settled settled;
  settled.effect = "eff-1";
  settled.came_out.kind = outcome_kind::confirmed;
  settled.came_out.cost = {50'000'000, "USD"};
  company.append(settled, "run/run-1");
  settled.came_out.cost = {70'000'000, "EUR"};
  company.append(settled, "run/run-1");
  const auto now = company.now.now();
  company.written.reset();
  const auto source = reader::open({.folder = company.path}, *company.kinds);
  const auto weeks = measures_of(**source, company.as_of({}).value(), 2, now);
  REQUIRE(weeks);
  REQUIRE(weeks->size() == 2);
  const auto &first = weeks->front(), &second = weeks->back();
  CHECK(first.from == *parse_time("2026-11-09T00:00:00Z"));
  CHECK(second.from == first.until);
  CHECK(first.right == 0.5);
  CHECK(std::tuple(first.decided, first.cards, first.escalations) == std::tuple(2, 2, 0));
  CHECK(first.outcomes.at("weekly_update").at("published").runs == 1);
  CHECK_FALSE(first.attention_minutes);
  CHECK(to_text(second.cost) == "0.07 EUR and 0.05 USD");
  CHECK(std::tuple(second.answers, second.answers_timed) == std::tuple(3, 2));
  CHECK(second.attention_minutes == 3.0);
  CHECK_FALSE(second.right);
}

}  // namespace steward
