#include "console/decide_alike.hpp"

#include <set>

#include <fmt/format.h>

#include "console/follow.hpp"
#include "console/groups.hpp"

namespace steward {

int decide_alike(const arguments& given, invocation& s, bool yes) {
  const bool elsewhere = s.engine_runs(), only_record = given.has("--only-record"), only_look = given.has("--dry-run");
  const auto before = last_event(s);
  const auto seen = s.ask(boost::json::object{{"do", "view"}, {"view", "alike"}, {"approval", given.text("APPROVAL")}}, access::reads);
  if (!seen) return s.fail(seen.error());
  std::vector<const json*> questions;
  boost::json::array chosen;
  std::set<std::string> runs;
  for (const auto& q : seen->at("questions").as_array()) {
    questions.push_back(&q);
    chosen.push_back(boost::json::object{{"approval", text_at(q, "approval")}, {"digest", text_at(q, "digest")}});
    runs.insert(text_at(q, "run"));
  }
  const auto many = fmt::format("{} question{}", chosen.size(), chosen.size() == 1 ? "" : "s");
  const json told = boost::json::object{{"group", text_at(*seen, "group")}, {"decision", yes ? "approved" : "rejected"}, {"dry_run", only_look}, {"questions", chosen}};
  if (only_look) {
    if (s.asked.as_json) s.print_json(told);
    else s.print(differences_text(questions, s.out) + fmt::format("{} would be {}. Nothing was decided.\n", many, yes ? "approved" : "rejected"));
    return invocation::done();
  }
  if (!elsewhere && !only_record)
    if (auto started = s.need_engine(); !started) return s.fail(started.error());
  const auto outcome = s.ask(boost::json::object{{"do", "decide_alike"}, {"yes", yes}, {"questions", std::move(chosen)}, {"reason", given.text("--reason")}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  if (s.asked.as_json) s.print_json(told);
  else s.print(differences_text(questions, s.out) + fmt::format("{} {}, each as it is shown.\n", many, yes ? "approved" : "rejected"));
  if (elsewhere) return invocation::done();
  if (only_record) {
    s.note("Written down. It is carried out when the company runs: steward up");
    return invocation::done();
  }
  for (const auto& run : runs) {
    if (s.asked.as_json) break;
    if (const auto ended = follow_run(s, run, {.approve_all = false, .after = before}); ended == int(exit_code::interrupted)) return ended;
  }
  return invocation::done();
}

}  // namespace steward
