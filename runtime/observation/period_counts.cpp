#include "runtime/observation/period_counts.hpp"

#include <algorithm>

namespace steward {
namespace {

class counting {
public:
  counting(reader& source, const company_state& state, const std::vector<time_point>& bounds) : all(bounds.size() - 1), source_(source), bounds_(bounds) {
    for (const auto& c : state.closed) workflow_of_[c.run] = c.workflow;
    for (const auto& [id, r] : state.runs) workflow_of_[id] = r.said.workflow;
  }

  void see(const event::header& h, const event::any& e) {
    const auto place = std::upper_bound(bounds_.begin(), bounds_.end(), h.time) - bounds_.begin() - 1;
    if (place < 0 || std::size_t(place) >= all.size()) return;
    auto& c = all[std::size_t(place)];
    if (const auto* started = std::get_if<event::run_started>(&e)) workflow_of_[started->run] = started->workflow;
    else if (const auto* ended = std::get_if<event::run_finished>(&e)) ended_.push_back({std::size_t(place), ended->run, ended->status == "finished" ? ended->outcome : ended->status});
    else if (const auto* settled = std::get_if<event::effect_settled>(&e)) settle(c, h, *settled);
    else if (const auto* proposed = std::get_if<event::effect_proposed>(&e)) action_of_[proposed->effect] = proposed->prepared.action;
    else if (const auto* modified = std::get_if<event::effect_modified>(&e)) modified_.insert(modified->effect);
    else if (const auto* answered = std::get_if<event::model_answered>(&e)) spend(c, h, answered->reply.used.cost);
    else if (const auto* asked = std::get_if<event::approval_asked>(&e)) ++c.asked, asked_[asked->approval] = {h.time, asked->effects};
    else if (const auto* decided = std::get_if<event::approval_decided>(&e)) decide(c, h, *decided);
    else if (const auto* raised = std::get_if<event::card_raised>(&e)) c.escalations += raised->about != "approval";
    else if (const auto* failed = std::get_if<event::step_failed>(&e)) c.steps_failed += !failed->retry_at;
    else if (std::holds_alternative<event::model_failed>(e)) ++c.models_failed;
    else if (std::holds_alternative<event::sla_missed>(e)) ++c.sla_missed;
    else if (std::holds_alternative<event::event_parked>(e) || std::holds_alternative<event::child_ended>(e)) ++c.faults;
    if (h.actor == "operator" && is_answer(e)) attend(c, h.time);
  }

  /// After the last event: a reader tells one thing at a time, and a run may have begun before all this.
  void finish() {
    for (const auto& e : ended_) {
      const auto& workflow = workflow_of(e.run);
      ++all[e.in].runs[workflow][e.how];
      if (const auto spent = cost_of_.find(e.run); spent != cost_of_.end())
        for (const auto& one : spent->second) put(all[e.in].run_cost[workflow][e.how], one);
    }
    for (auto& c : all) std::sort(c.answered_after_s.begin(), c.answered_after_s.end());
  }

  std::vector<period_counts> all;

private:
  struct ended_run {
    std::size_t in;
    std::string run, how;
  };
  struct question {
    time_point at;
    std::vector<std::string> effects;
  };

  static bool is_answer(const event::any& e) {
    return std::holds_alternative<event::approval_decided>(e) || std::holds_alternative<event::operator_answered>(e) || std::holds_alternative<event::step_released>(e) ||
           std::holds_alternative<event::step_finished>(e) || std::holds_alternative<event::effect_modified>(e) || std::holds_alternative<event::card_closed>(e);
  }

  void attend(period_counts& c, time_point at) {
    if (last_answer_ && *last_answer_ == at) return;  // one word of the operator's, told by several events
    ++c.answers;
    if (last_answer_ && at - *last_answer_ <= sitting) {
      ++c.answers_timed;
      c.attention_s += double((at - *last_answer_).count()) / 1e6;
    }
    last_answer_ = at;
  }

  void spend(period_counts& c, const event::header& h, const money& cost) {
    if (cost.nano == 0) return;
    put(c.cost, cost);
    put(cost_of_[h.correlation], cost);
  }

  void settle(period_counts& c, const event::header& h, const event::effect_settled& e) {
    if (e.came_out.kind == outcome_kind::confirmed) ++c.effects[action_of(e.effect)];
    if (e.came_out.kind == outcome_kind::in_doubt) ++c.in_doubt;
    spend(c, h, e.came_out.cost);
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
  const std::string& workflow_of(const std::string& run) {
    const auto known = workflow_of_.find(run);
    if (known != workflow_of_.end()) return known->second;
    auto& workflow = workflow_of_[run] = "?";
    event_query first;
    first.stream = "run/" + run;
    first.kind = event::run_started::kind;
    first.limit = 1;
    (void)each_event(source_, first, [&](const event::header&, event::any&& e) {
      workflow = std::get<event::run_started>(e).workflow;
      return false;
    });
    return workflow;
  }

  std::string action_of(const std::string& effect) const {
    const auto known = action_of_.find(effect);
    return known == action_of_.end() ? "asked before" : known->second;
  }

  reader& source_;
  const std::vector<time_point>& bounds_;
  std::map<std::string, std::string> workflow_of_, action_of_;
  std::map<std::string, question> asked_;
  std::map<std::string, amounts> cost_of_;
  std::set<std::string> modified_;
  std::vector<ended_run> ended_;
  std::optional<time_point> last_answer_;
};

}  // namespace

std::optional<double> share_right(const period_counts& c) {
  const auto decided = c.approved + c.changed + c.rejected;
  if (decided == 0) return {};
  return double(c.approved) / double(decided);
}

std::optional<double> attention_s(const period_counts& c) {
  if (c.answers_timed == 0) return {};
  return c.attention_s / double(c.answers_timed) * double(c.answers);
}

std::int64_t runs_in(const period_counts& c) {
  std::int64_t ended = 0;
  for (const auto& [_, outcomes] : c.runs)
    for (const auto& [_how, n] : outcomes) ended += n;
  return ended;
}

std::optional<amounts> cost_of_a_run(const period_counts& c) {
  const auto ended = runs_in(c);
  if (ended == 0) return {};
  amounts mean;
  for (const auto& [_, outcomes] : c.run_cost)
    for (const auto& [_how, spent] : outcomes)
      for (const auto& one : spent) put(mean, one);
  for (auto& one : mean) one.nano /= ended;
  return mean;
}

result<std::vector<period_counts>> count_periods(reader& source, const company_state& state, const std::vector<time_point>& bounds) {
  counting counts(source, state, bounds);
  event_query all;
  all.from = bounds.front();
  all.until = bounds.back();
  all.limit = SIZE_MAX;
  const auto read = each_event(source, all, [&](const event::header& h, event::any&& e) {
    counts.see(h, e);
    return true;
  });
  if (!read) return read.error();
  counts.finish();
  return std::move(counts.all);
}

}  // namespace steward
