/// The fold of what is spent: questions to models, accounts, and what each run used.
#include "runtime/agent.hpp"
#include "runtime/coordination/company_state.hpp"
#include "runtime/planted.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

constexpr std::string_view of_an_entity = "entity/";

}  // namespace

run_use used_by(const model_usage& u) {
  run_use used{{}, u.tokens_in + u.tokens_out, 1};
  put(used.cost, u.cost);
  return used;
}

bool is_made_by_engine(std::string_view workflow) { return workflow.find(' ') != workflow.npos; }

expense expense_of(const event::model_asked& e, const std::string& run) {
  return {e.role, run, e.model, e.question ? e.question->model_class : e.model_class.value_or(""), ""};
}

expense expense_of(const effect& e) {
  const auto& action = e.said.prepared.action;
  return {e.said.role, e.said.run, "", "", action.substr(0, action.find('.'))};
}

const std::string& company_state::payer_of(const std::string& id) const {
  const auto it = runs.find(id);
  return it == runs.end() || it->second.payer.empty() ? id : it->second.payer;
}

std::vector<std::string> company_state::scopes_of(const std::string& id) const {
  const auto it = runs.find(id);
  if (it == runs.end()) return {};
  std::vector<std::string> all;
  for (auto scope : it->second.counts_for) {
    // Who was merged into another counts with that one.
    if (const auto* stands = scope.starts_with(of_an_entity) ? entities.standing_for(scope.substr(of_an_entity.size())) : nullptr) scope = std::string(of_an_entity) + stands->id;
    if (std::find(all.begin(), all.end(), scope) == all.end()) all.push_back(std::move(scope));
  }
  return all;
}

std::vector<std::string> company_state::entities_of(const std::string& id) const {
  std::vector<std::string> all;
  for (const auto& scope : scopes_of(id))
    if (scope.starts_with(of_an_entity)) all.push_back(scope.substr(of_an_entity.size()));
  return all;
}

std::vector<budget::share> company_state::accounts_of(const expense& what, time_point at) const {
  const auto day = "/" + day_text(local_day(zone, at));
  const auto& payer = payer_of(what.run);
  const std::int64_t asks = what.connector.empty();  // a question to a model; an effect is no call of anything but its connector
  std::vector<budget::share> all;
  const auto add = [&](const std::string& scope, std::int64_t calls) {
    all.push_back({scope + day, calls});
    all.push_back({payer + "/" + scope, calls});
  };
  add("company", asks);
  if (!what.role.empty()) add("role/" + what.role, asks);
  for (const auto& scope : scopes_of(what.run)) all.push_back({scope + day, asks});
  if (!what.model.empty()) add("model/" + what.model, 1);
  if (!what.model_class.empty()) add("class/" + what.model_class, 1);
  if (!what.connector.empty()) add("connector/" + what.connector, 1);
  return all;
}

void company_state::reserve(const std::string& reservation, const model_usage& worst, const expense& what, time_point at) {
  const auto today = local_day(zone, at);
  if (auto day = day_text(today); day != budget_day) {
    budget_day = std::move(day);
    spending.sum_up(today);
  }
  spending.restore(reservation, worst, accounts_of(what, at));
}

void company_state::use(const std::string& id, const run_use& more) {
  auto* r = find_run(id);
  if (!r) return;
  put(r->used, more);
  if (auto* pays = r->payer == id ? nullptr : find_run(r->payer)) put(pays->used, more);
}

void company_state::count_for(run& r, std::string_view name, const json& told) {
  if (const auto* list = told.if_array())
    for (const auto& item : *list) count_for(r, name, item);
  const auto id = told.is_string() ? std::string(told.get_string()) : text_at(told, "entity");
  if (id.empty()) return;
  const auto* known = entities.find(id);
  if (!known || (told.is_string() && name != known->type && name != "entity")) return;
  const auto scope = std::string(of_an_entity) + known->id;
  if (std::find(r.counts_for.begin(), r.counts_for.end(), scope) == r.counts_for.end()) r.counts_for.push_back(scope);
}

void company_state::add_cost(const std::string& id, const money& cost) {
  if (cost.nano == 0) return;
  auto& total = cost_by_run[id];
  if (const auto sum = add(total, cost)) total = *sum;
}

/// The run as history knows it: what it cost, for estimates and for the price of each outcome.
void company_state::close(const run& r, const event::run_finished& e, time_point at) {
  closed.push_back({e.run, r.said.workflow, e.status, e.outcome, r.started_at, at, r.used});
  if (closed.size() > closed_kept) closed.pop_front();
  if (!is_made_by_engine(r.said.workflow)) {
    auto& total = outcomes[r.said.workflow][e.status == "finished" ? e.outcome : e.status];
    ++total.runs;
    put(total.used, r.used);
    if (e.status == "finished") {
      auto& past = finished[r.said.workflow];
      past.push_back(closed.back());
      if (past.size() > finished_kept) past.pop_front();
    }
  }
  if (r.payer == e.run || !runs.contains(r.payer)) spending.forget(r.payer + "/");
  std::erase_if(warned, [&](const auto& mark) { return mark.second <= at; });
}

// ---- language models

void company_state::on(const event::header& h, const event::model_asked& e) {
  count(e.call);
  const auto run_id = run_of(e.instance);
  auto* r = find_run(run_id);
  auto whole = r ? take_question(r->heard, e) : std::string{};
  if (e.question) whole.clear();
  calls[e.call] = {e, 1, {}, run_id, !e.waits.value_or(false), std::move(whole)};
  reserve(e.call, e.reserved, expense_of(e, run_id), h.time);
  if (r) ++r->model_calls;
  const auto it = instances.find(e.instance);
  if (it != instances.end()) it->second.awaits["model:" + e.tag] = e.call;
}

void company_state::on(const event::header&, const event::model_called& e) {
  if (const auto it = calls.find(e.call); it != calls.end()) it->second.out = true;
}

void company_state::on(const event::header& h, const event::model_answered& e) {
  if (planted(bug::cost_not_settled)) spending.release(e.call);
  spending.settle(e.call, e.reply.used);
  if (const auto c = calls.find(e.call); planted(bug::settled_twice) && c != calls.end()) {
    reserve(e.call + " again", e.reply.used, expense_of(c->second.said, c->second.run), h.time);
    spending.settle(e.call + " again", e.reply.used);
  }
  add_cost(run_of(e.instance), e.reply.used.cost);
  if (calls.contains(e.call)) use(run_of(e.instance), used_by(e.reply.used));
  calls.erase(e.call);
  if (auto* r = find_run(run_of(e.instance))) take_answer(r->heard, e);
  answer_to(h, e.instance, "model:" + e.tag, "model_answered", to_json_text(model_answered{e.tag, h.time, e.reply.model, e.reply.answer}), h.marks);
}

void company_state::on(const event::header& h, const event::model_failed& e) {
  const auto it = calls.find(e.call);
  if (it == calls.end()) return;
  auto& c = it->second;
  c.out = false;
  if (e.lost) {
    spending.settle(e.call, c.said.reserved);
    add_cost(c.run, c.said.reserved.cost);
    use(c.run, used_by(c.said.reserved));
  }
  if (e.retry_at) {
    c.attempt = e.attempt + 1;
    c.retry_at = e.retry_at;
    if (e.lost) reserve(e.call, c.said.reserved, expense_of(c.said, c.run), h.time);
    return;
  }
  if (!e.lost) spending.release(e.call);
  calls.erase(it);
}

}  // namespace steward
