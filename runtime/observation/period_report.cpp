#include "runtime/observation/period_report.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace steward {
namespace {

class counting {
public:
  counting(reader& source, const company_state& state, time_point from) : source_(source), from_(from) {
    for (const auto& c : state.closed) workflow_of_[c.run] = c.workflow;
    for (const auto& [id, r] : state.runs) workflow_of_[id] = r.said.workflow;
  }

  void see(const event::header& h, const event::any& e) {
    auto& c = h.time < from_ ? before : now;
    if (const auto* started = std::get_if<event::run_started>(&e)) workflow_of_[started->run] = started->workflow;
    else if (const auto* ended = std::get_if<event::run_finished>(&e)) ended_.push_back({&c, ended->run, ended->status == "finished" ? ended->outcome : ended->status});
    else if (const auto* settled = std::get_if<event::effect_settled>(&e)) settle(c, *settled);
    else if (const auto* proposed = std::get_if<event::effect_proposed>(&e)) action_of_[proposed->effect] = proposed->prepared.action;
    else if (const auto* modified = std::get_if<event::effect_modified>(&e)) modified_.insert(modified->effect);
    else if (const auto* answered = std::get_if<event::model_answered>(&e)) spend(c, answered->reply.used.cost);
    else if (const auto* asked = std::get_if<event::approval_asked>(&e)) asked_[asked->approval] = {h.time, asked->effects};
    else if (const auto* decided = std::get_if<event::approval_decided>(&e)) decide(c, h, *decided);
    else if (const auto* raised = std::get_if<event::card_raised>(&e)) c.escalations += raised->about != "approval";
    else if (const auto* failed = std::get_if<event::step_failed>(&e)) c.steps_failed += !failed->retry_at;
    else if (std::holds_alternative<event::model_failed>(e)) ++c.models_failed;
    else if (std::holds_alternative<event::event_parked>(e) || std::holds_alternative<event::child_ended>(e)) ++c.faults;
  }

  /// After the last event: a reader tells one thing at a time, and a run may have begun before all this.
  void finish() {
    for (const auto& e : ended_) ++e.in->runs[workflow_of(e.run)][e.how];
  }

  period_counts now, before;

private:
  struct ended_run {
    period_counts* in;
    std::string run, how;
  };
  struct question {
    time_point at;
    std::vector<std::string> effects;
  };

  void spend(period_counts& c, const money& cost) {
    if (const auto sum = add(c.cost, cost)) c.cost = *sum;
  }

  void settle(period_counts& c, const event::effect_settled& e) {
    if (e.came_out.kind == outcome_kind::confirmed) ++c.effects[action_of(e.effect)];
    if (e.came_out.kind == outcome_kind::in_doubt) ++c.in_doubt;
    spend(c, e.came_out.cost);
  }

  void decide(period_counts& c, const event::header& h, const event::approval_decided& e) {
    const auto asked = asked_.find(e.approval);
    if (e.decision == "rejected") ++c.rejected;
    else if (e.decision != "approved") ++c.expired;
    else if (asked != asked_.end() && std::any_of(asked->second.effects.begin(), asked->second.effects.end(), [&](const auto& id) { return modified_.contains(id); })) ++c.changed;
    else ++c.approved;
    if (asked != asked_.end() && e.decision != "expired") c.answered_after_s.push_back(double((h.time - asked->second.at).count()) / 1e6);
  }

  /// A run that began before what is read, and is not among the last that ended: its first event says it.
  std::string workflow_of(const std::string& run) {
    const auto known = workflow_of_.find(run);
    if (known != workflow_of_.end()) return known->second;
    event_query first;
    first.stream = "run/" + run;
    first.kind = event::run_started::kind;
    first.limit = 1;
    const auto read = source_.read(first);
    const auto e = read && !read->empty() ? event::read(read->front().header.kind, read->front().body) : result<event::any>(error{"event_not_found", run, "", "", ""});
    return workflow_of_[run] = e ? std::get<event::run_started>(*e).workflow : "?";
  }

  std::string action_of(const std::string& effect) const {
    const auto known = action_of_.find(effect);
    return known == action_of_.end() ? "asked before" : known->second;
  }

  reader& source_;
  time_point from_;
  std::map<std::string, std::string> workflow_of_, action_of_;
  std::map<std::string, question> asked_;
  std::set<std::string> modified_;
  std::vector<ended_run> ended_;
};

void add_worse(std::vector<std::string>& all, std::int64_t now, std::int64_t before, const char* what) {
  if (now > before) all.push_back(fmt::format("{}: {}, {} in the same time before", what, now, before));
}

}  // namespace

result<period_report> report_of(reader& source, const company_state& state, time_point from, time_point until) {
  counting counts(source, state, from);
  std::optional<error> failed;
  event_query both;
  both.from = from - (until - from);
  both.until = until;
  both.limit = SIZE_MAX;
  const auto read = source.each(both, [&](const record& stored) {
    const auto e = event::read(stored.header.kind, stored.body);
    if (!e) failed = e.error();
    else counts.see({stored.seq, stored.header.stream, stored.header.actor, stored.header.cause, stored.header.correlation, stored.header.time, stored.header.labels, stored.header.key}, *e);
    return !failed;
  });
  if (failed) return *failed;
  if (!read) return read.error();
  counts.finish();

  period_report r{from, until, std::move(counts.now), std::move(counts.before), {}, {}, {}, {}};
  const auto keep = [&](const company_state& part) {
    for (const auto& [id, c] : part.cards) r.waits.push_back({id, c.said.about, c.said.title, c.raised_at});
  };
  keep(state);
  for (const auto run : state.parked.runs()) keep(state.peek(run));
  std::sort(r.waits.begin(), r.waits.end(), [](const auto& a, const auto& b) { return a.raised_at < b.raised_at; });

  add_worse(r.worse, r.now.steps_failed, r.before.steps_failed, "steps failed");
  add_worse(r.worse, r.now.models_failed, r.before.models_failed, "model calls failed");
  add_worse(r.worse, r.now.rejected, r.before.rejected, "proposals rejected");
  add_worse(r.worse, r.now.changed, r.before.changed, "proposals that had to be changed");
  add_worse(r.worse, r.now.in_doubt, r.before.in_doubt, "effects in doubt");
  add_worse(r.worse, r.now.escalations, r.before.escalations, "escalations");
  add_worse(r.worse, r.now.faults, r.before.faults, "faults of agents or connectors");
  for (const auto& [name, b] : state.breakers)
    if (b.state != "closed") r.worse.push_back(b.sentence.empty() ? name + " does not answer" : b.sentence);

  auto& after = r.now.answered_after_s;
  std::sort(after.begin(), after.end());
  std::sort(r.before.answered_after_s.begin(), r.before.answered_after_s.end());
  if (!after.empty()) r.median_answer_s = after[after.size() / 2];
  if (const auto decided = r.now.approved + r.now.changed + r.now.rejected; decided > 0) r.right = double(r.now.approved) / double(decided);
  return r;
}

}  // namespace steward
