/// Runs and their steps: start, go on, finish, fail, wait.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

/// At work: an agent, a model or a connector is doing something for it. A run that waits for a person or a timer is not.
bool is_at_work(const run& r) { return r.state == run_state::running && r.here && r.here->state == step_state::working && r.here->approval.empty() && !r.here->waits; }

/// `from` of a signal against the wanted one: addresses are the same in any case.
bool same_sender(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y)); });
}

fault as_logic(const error& e) { return as_fault(fault_kind::logic, e); }

}  // namespace

// ---- runs

result<std::string> coordinator::begin_run(std::shared_ptr<const workflow> w, const std::string& digest, json input, std::string because, std::int64_t cause, std::string key, labels marks,
                                           std::int64_t depth, std::optional<std::string> parent, std::optional<std::string> tag, bool stepwise) {
  if (!key.empty() && state_.seen_keys.contains(key))
    return error{"already_started", w->definition.workflow, "a run with this natural key was started before", "", "Nothing needs to be done"};
  if (w->input) {
    if (auto fits = w->input->check(input); !fits) {
      auto e = fits.error();
      e.where = "input" + (e.where.empty() ? "" : "." + e.where);
      return e;
    }
  }
  const auto waiting = std::count_if(state_.runs.begin(), state_.runs.end(), [](const auto& x) { return x.second.state == run_state::queued; });
  if (waiting >= parts_.manifests.company.waiting)
    return error{"company_queue_full", "", fmt::format("{} runs wait for their turn", waiting), "fewer than company.yaml's waiting", "Let some finish, or raise the limit"};
  event::run_started started{state_.next_id("run"), w->definition.workflow, digest, std::move(input), std::move(because), depth, std::move(parent), std::move(tag), stepwise};
  const auto id = started.run;
  emit(std::move(started), "run/" + id, "coordinator", cause, id, marks, std::move(key));
  pump_run(id);
  return id;
}

result<std::string> coordinator::start_run(const std::string& name, const json& input, const std::string& because, bool stepwise, time_point now) {
  now_ = std::max(now, state_.now);
  const auto current = state_.current.find(name);
  if (current == state_.current.end() || !parts_.manifests.workflows.contains(name)) {
    std::vector<std::string> names;
    for (const auto& [known, _] : parts_.manifests.workflows) names.push_back(known);
    std::string all;
    for (const auto& known : names) all += (all.empty() ? "" : ", ") + known;
    const auto near = nearest_name(name, names);
    return error{"unknown_workflow", "", "there is no workflow '" + name + "'", "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  return begin_run(compiled_.at(current->second), current->second, input.is_null() ? json(boost::json::object{}) : input, because, 0, "", 0, 0, {}, {}, stepwise);
}

bool coordinator::room_for(const run& r) const {
  const auto busy = std::count_if(state_.runs.begin(), state_.runs.end(), [&](const auto& x) { return &x.second != &r && is_at_work(x.second); });
  return busy < parts_.manifests.company.running;
}

/// Moves a run on as far as it can go by itself.
void coordinator::pump_run(const std::string& id) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end()) return;
  auto& r = it->second;
  const auto key = "run:" + id;
  if (!r.held_before.empty()) return;
  const auto w = workflow_of(r);
  const bool fresh = !r.here;
  const bool again = r.here && ((r.here->state == step_state::backing_off && r.here->retry_at <= now_) || r.here->state == step_state::queued);
  const bool over = r.here && r.here->state == step_state::finished;
  if (!fresh && !again && !over) return;
  if (gate_.paused(state_, "", w->definition.workflow, id) || (r.state == run_state::queued && !room_for(r))) {
    blocked_.insert(key);
    return;
  }
  if (fresh) return begin_step(id, w->steps.front(), r.began);
  const auto* s = w->find(r.here->name);
  if (again) return work_on_step(id, *s, r.here->visit, r.here->attempt + 1, r.here->began);
  go_on_after(r, *s, r.here->began);
}

void coordinator::go_on_after(run& r, const compiled_step& s, std::int64_t cause) {
  const auto w = workflow_of(r);
  const auto id = r.said.run;
  if (s.said->then) {
    if (const auto* next = w->find(*s.said->then)) return begin_step(id, *next, cause);
  }
  if (const auto* next = w->after(s.name)) return begin_step(id, *next, cause);
  json last;
  if (s.said->gives)
    if (const auto* given = r.names.if_contains(*s.said->gives)) last = *given;
  end_run(id, "finished", "done", std::move(last), cause);
}

void coordinator::begin_step(const std::string& id, const compiled_step& s, std::int64_t cause) {
  auto& r = state_.runs.at(id);
  const auto w = workflow_of(r);
  const auto visit = (r.visits.contains(s.name) ? r.visits.at(s.name) : 0) + 1;
  if (r.said.stepwise && !r.released.contains(s.name)) {
    emit_for_run(r, event::step_held{id, s.name}, "coordinator", cause);
    return;
  }
  if (gate_.paused(state_, "", w->definition.workflow, id)) {
    blocked_.insert("run:" + id);
    return;
  }
  if (r.events >= w->definition.caps.value_or(caps_definition{}).events) {
    const fault full{fault_kind::logic, "run_cap_reached", fmt::format("The run has {} events, its cap (caps.events); it may be going in circles", r.events)};
    emit_for_run(r, event::step_failed{id, s.name, visit, 1, full, {}, "stop"}, "coordinator", cause);
    return end_run(id, "failed", full.sentence, nullptr, cause);
  }
  if (s.visits_at_most && visit > *s.visits_at_most) {
    const auto target = s.said->used_up.value_or("ask_operator");
    if (const auto* next = w->find(target)) {
      const auto done = emit_for_run(r, event::step_finished{id, s.name, visit, "used_up", nullptr, {}, {}}, "coordinator", cause);
      return begin_step(id, *next, done);
    }
    const fault used{fault_kind::logic, "visits_used_up", fmt::format("The step '{}' was visited {} times, as often as it may (at_most)", s.name, *s.visits_at_most)};
    const auto failed = emit_for_run(r, event::step_failed{id, s.name, visit, 1, used, {}, "ask_operator"}, "coordinator", cause);
    event::card_raised c;
    c.about = "used_up";
    c.title = fmt::format("{}: '{}' has been done {} times without an end", w->definition.workflow, s.name, *s.visits_at_most);
    c.text = used.sentence + ". Decide how to go on.";
    c.run = id;
    c.subject = id;
    c.actions = {"steward retry " + id, "steward stop " + id};
    return raise_card(std::move(c), id, failed);
  }
  if (s.when) {
    const auto holds = s.when->holds(names_of(r));
    if (!holds) {
      const auto why = as_logic(holds.error());
      emit_for_run(r, event::step_failed{id, s.name, visit, 1, why, {}, "ask_operator"}, "coordinator", cause);
      return fail_step(id, why, cause);
    }
    if (!*holds) {
      const auto done = emit_for_run(r, event::step_finished{id, s.name, visit, "skipped", nullptr, s.said->gives, {}}, "coordinator", cause);
      return go_on_after(state_.runs.at(id), s, done);
    }
  }
  work_on_step(id, s, visit, 1, cause);
}

void coordinator::work_on_step(const std::string& id, const compiled_step& s, std::int64_t visit, std::int64_t attempt, std::int64_t cause) {
  auto& r = state_.runs.at(id);
  event::step_started started{id, s.name, visit, attempt, std::string(to_word(s.kind)), "", false, nullptr, {}};
  if (s.said->within) started.due = now_ + *s.said->within;
  if (auto begun = begin_kind(r, s, std::move(started), cause); !begun) {
    auto why = as_logic(begun.error());
    auto* here = state_.runs.contains(id) && state_.runs.at(id).here ? &*state_.runs.at(id).here : nullptr;
    if (!here || here->name != s.name || here->visit != visit || here->state != step_state::working) {
      // It could not even begin: a step_started without an input keeps the machine's rows in order.
      emit_for_run(r, event::step_started{id, s.name, visit, attempt, "end", "", false, nullptr, {}}, "coordinator", cause);
    }
    fail_step(id, why, cause);
  }
}

result<void> coordinator::begin_kind(run& r, const compiled_step& s, event::step_started started, std::int64_t cause) {
  const auto id = r.said.run;
  const auto w = workflow_of(r);
  const auto vars = names_of(r);
  const auto text = [&](const std::optional<text_template>& t) -> result<std::string> {
    if (!t) return std::string{};
    const auto value = t->evaluate(vars);
    if (!value) return value.error();
    return value->is_string() ? std::string(value->get_string()) : canonical(*value);
  };
  switch (s.kind) {
    case step_kind::role: {
      started.role = *s.said->role;
      if (s.each) {
        const auto list = s.each->list.evaluate(vars);
        if (!list) return list.error();
        if (!list->is_array()) return error{"not_a_list", s.name + ".for_each", "found " + canonical(*list).substr(0, 60), "a list", ""};
        const auto cap = w->definition.caps.value_or(caps_definition{}).fan_out;
        if (std::int64_t(list->get_array().size()) > cap)
          return error{"run_cap_reached", s.name + ".for_each", fmt::format("the list has {} items", list->get_array().size()), fmt::format("at most {} (caps.fan_out)", cap), ""};
        boost::json::array inputs;
        for (const auto& item : list->get_array()) {
          auto input = s.with.evaluate(names_of(r).with(s.each->name, item));
          if (!input) return input.error();
          inputs.push_back(std::move(*input));
        }
        started.each = true;
        started.input = std::move(inputs);
      } else {
        auto input = s.with.evaluate(vars);
        if (!input) return input.error();
        started.input = input->is_null() ? json(boost::json::object{}) : std::move(*input);
      }
      const auto role = parts_.manifests.roles.find(started.role);
      if (role == parts_.manifests.roles.end()) return error{"unknown_role", s.name, "the role '" + started.role + "' is not in the workspace", "a role", ""};
      const auto facts = parts_.agents.find(role->second.agent);
      if (facts == parts_.agents.end()) return error{"unknown_agent", "role " + started.role, "its agent '" + role->second.agent + "' is not in the catalogue", "a known agent", ""};
      if (!facts->second.takes.is_null()) {
        const auto shape = schema::parse(facts->second.takes);
        if (!shape) return shape.error();
        const auto check = [&](const json& input) -> result<void> {
          auto fits = shape->check(input);
          if (fits) return fits;
          auto e = fits.error();
          e.where = s.name + ".with" + (e.where.empty() ? "" : "." + e.where);
          return e;
        };
        if (!started.each) {
          if (auto fits = check(started.input); !fits) return fits;
        } else {
          for (const auto& input : started.input.get_array())
            if (auto fits = check(input); !fits) return fits;
        }
      }
      const bool nothing_to_do = started.each && started.input.get_array().empty();
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      if (nothing_to_do) {
        finish_step(id, "done", boost::json::array{}, {}, seq);
        return {};
      }
      const auto instances = state_.runs.at(id).here->instances;
      if (const auto due = state_.runs.at(id).here->due) wake(*due, "run:" + id);
      for (const auto& instance : instances) pump_instance(instance);
      return {};
    }
    case step_kind::effect: {
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      if (const auto due = state_.runs.at(id).here->due) wake(*due, "run:" + id);
      return propose_for_step(state_.runs.at(id), s, seq);
    }
    case step_kind::wait: {
      boost::json::object wanted;
      if (s.said->for_) {
        wanted["for"] = *s.said->for_;
        const auto from = text(s.from);
        if (!from) return from.error();
        if (s.from) wanted["from"] = *from;
      }
      if (s.said->after) started.due = now_ + *s.said->after;
      if (s.until) {
        const auto told = text(s.until);
        if (!told) return told.error();
        const auto at = parse_time(*told);
        if (!at) return at.error();
        started.due = *at;
      }
      if (s.wait_at_most) started.due = now_ + *s.wait_at_most;
      result<std::string> question = std::string{};
      if (s.person) {
        question = text(s.person);
        if (!question) return question.error();
        wanted["person"] = *question;
      }
      started.input = std::move(wanted);
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      if (const auto due = state_.runs.at(id).here->due) wake(*due, "run:" + id);
      if (s.person) {
        event::card_raised c;
        c.about = "person";
        c.title = *question;
        c.text = *question;
        c.run = id;
        c.subject = id;
        c.options = s.said->options;
        c.actions = {"steward answer " + state_.next_id("card") + " " + (c.options.empty() ? "TEXT" : c.options.front())};
        raise_card(std::move(c), id, seq);
      } else if (s.said->for_) {
        // A reply that was faster than we were: the oldest signal since the run began that nobody has claimed.
        for (const auto& signal : std::vector(state_.unclaimed.begin(), state_.unclaimed.end()))
          if (signal.at >= r.started_at && try_claim(state_.runs.at(id), s, signal)) break;
      } else if (state_.runs.at(id).here->due <= now_) {
        step_is_due(id);
      }
      return {};
    }
    case step_kind::record: {
      const auto one = [&](const run_names& here) -> result<json> {
        auto fields = s.with.evaluate(here);
        if (!fields) return fields.error();
        const auto external = s.id ? s.id->evaluate(here) : result<json>(json(""));
        if (!external) return external.error();
        auto entity = record(*s.said->record, external->is_string() ? std::string(external->get_string()) : canonical(*external), *fields, now_);
        if (!entity) return entity.error();
        return to_json_value(*state_.entities.find(*entity));
      };
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      if (!s.each) {
        auto recorded = one(names_of(state_.runs.at(id)));
        if (!recorded) return recorded.error();
        finish_step(id, "done", std::move(*recorded), {}, seq);
        return {};
      }
      const auto list = s.each->list.evaluate(vars);
      if (!list) return list.error();
      if (!list->is_array()) return error{"not_a_list", s.name + ".for_each", "found " + canonical(*list).substr(0, 60), "a list", ""};
      boost::json::array all;
      for (const auto& item : list->get_array()) {
        auto recorded = one(names_of(state_.runs.at(id)).with(s.each->name, item));
        if (!recorded) return recorded.error();
        all.push_back(std::move(*recorded));
      }
      finish_step(id, "done", std::move(all), {}, seq);
      return {};
    }
    case step_kind::remember: {
      const auto about = text(s.about), body = text(s.text), source = text(s.source);
      if (!about) return about.error();
      if (!body) return body.error();
      if (!source) return source.error();
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      memory_item item{state_.next_id("mem"), *s.said->remember, *about, *body, source->empty() ? id + "/" + s.name : *source, 1, 0.5, {}, state_.runs.at(id).marks};
      if (s.said->keep_for) item.until = now_ + *s.said->keep_for;
      emit(event::memory_added{std::move(item)}, "memory", "coordinator", seq, id, state_.runs.at(id).marks);
      finish_step(id, "done", nullptr, {}, seq);
      return {};
    }
    case step_kind::end: {
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      const auto outcome = *s.said->as;
      emit_for_run(state_.runs.at(id), event::step_finished{id, s.name, state_.runs.at(id).here->visit, "done", nullptr, {}, {}}, "coordinator", seq);
      end_run(id, "finished", outcome, nullptr, seq);
      return {};
    }
  }
  return {};
}

void coordinator::finish_step(const std::string& id, std::string how, json result, std::vector<std::string> evidence, std::int64_t cause, std::string actor) {
  auto& r = state_.runs.at(id);
  const auto w = workflow_of(r);
  const auto* s = w->find(r.here->name);
  for (const auto& instance : r.here->instances) {
    const auto it = state_.instances.find(instance);
    if (it != state_.instances.end() && at_work_[it->second.role].erase(instance) > 0) release_role(it->second.role);
  }
  const auto visit = r.here->visit;
  const auto done = emit_for_run(r, event::step_finished{id, s->name, visit, how, std::move(result), s->said->gives, std::move(evidence)}, std::move(actor), cause);
  close_cards_about(id, how, done);
  if (how == "late" && s->said->if_late) {
    if (const auto* next = w->find(*s->said->if_late)) return begin_step(id, *next, done);
  }
  if (how == "rejected" || how == "discarded") {
    const auto target = how == "discarded" && s->said->ask && s->said->ask->if_expired ? *s->said->ask->if_expired : w->if_fails(*s);
    if (const auto* next = w->find(target)) return begin_step(id, *next, done);
    return end_run(id, "finished", how, nullptr, done);
  }
  go_on_after(state_.runs.at(id), *s, done);
}

/// Decides what a failed attempt leads to: another attempt, a card, another step, or the end.
void coordinator::fail_step(const std::string& id, fault why, std::int64_t cause) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end() || !it->second.here) return;
  auto& r = it->second;
  const auto w = workflow_of(r);
  const auto* s = w->find(r.here->name);
  const auto visit = r.here->visit;
  const auto attempt = r.here->attempt;
  for (const auto& instance : std::vector(r.here->instances)) {
    const auto a = state_.instances.find(instance);
    if (a == state_.instances.end()) continue;
    errand_after(forget_instance{instance, a->second.role});
    if (at_work_[a->second.role].erase(instance) > 0) release_role(a->second.role);
  }
  // What the attempt proposed and what has not left yet must not leave on its behalf any more.
  for (const auto& effect : std::vector(r.here->effects)) {
    const auto e = state_.effects.find(effect);
    if (e != state_.effects.end() && (e->second.state == effect_state::proposed || e->second.state == effect_state::awaiting || e->second.state == effect_state::approved))
      emit_for_run(r, event::effect_dropped{effect, "stopped", "its step failed", {}}, "coordinator", cause);
  }
  const auto limits = s->said->retry.value_or(retry_definition{});
  const bool may_pass = why.kind == fault_kind::provider || why.kind == fault_kind::process;
  if (r.here->state == step_state::working && may_pass && attempt <= limits.at_most) {
    auto pause = limits.first.value_or(std::chrono::seconds{1});
    for (std::int64_t i = 1; i < attempt; ++i) pause = std::min<duration>(pause * 2, limits.most.value_or(std::chrono::minutes{5}));
    // Up to a fifth more, from the run's own name: steps that failed together don't come back together.
    pause += pause * (digest_of({id, s->name, std::to_string(attempt)})[0]) / (5 * 255);
    emit_for_run(r, event::step_failed{id, s->name, visit, attempt, why, now_ + pause, "retry"}, "coordinator", cause);
    return wake(now_ + pause, "run:" + id);
  }
  const auto target = w->if_fails(*s);
  const auto* next = w->find(target);
  const std::string then = next ? "go_on" : target == "stop" ? "stop" : "ask_operator";
  const auto failed = r.here->state == step_state::stuck ? cause : emit_for_run(r, event::step_failed{id, s->name, visit, attempt, why, {}, then}, "coordinator", cause);
  if (next) return begin_step(id, *next, failed);
  if (then == "stop") return end_run(id, "failed", why.sentence, nullptr, failed);
  event::card_raised c;
  c.about = why.code == "event_parked" ? "event_parked" : why.code == "budget_used_up" ? "budget" : "step_stuck";
  c.title = fmt::format("{}: the step '{}' can't go on", w->definition.workflow, s->name);
  c.text = why.sentence;
  c.run = id;
  c.subject = id;
  c.actions = {"steward retry " + id, "steward stop " + id, "steward show " + id};
  raise_card(std::move(c), id, failed);
}

void coordinator::end_run(const std::string& id, std::string status, std::string outcome, json result, std::int64_t cause) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end()) return;
  auto& r = it->second;
  const auto parent = r.said.parent;
  const auto tag = r.said.tag.value_or("");
  const auto marks = r.marks;
  const auto prefix = id + "/";
  for (auto a = state_.instances.lower_bound(prefix); a != state_.instances.end() && a->first.starts_with(prefix); ++a) {
    errand_after(forget_instance{a->first, a->second.role});
    at_work_[a->second.role].erase(a->first);
  }
  for (const auto& [effect, e] : std::map(state_.effects))
    if (e.said.run == id && (e.state == effect_state::proposed || e.state == effect_state::awaiting || e.state == effect_state::approved))
      emit_for_run(r, event::effect_dropped{effect, "stopped", "the run ended", {}}, "coordinator", cause);
  std::vector<std::string> open_cards;
  for (const auto& [card, c] : state_.cards)
    if (c.said.run == id) open_cards.push_back(card);
  for (const auto& card : open_cards) emit_for_run(r, event::card_closed{card, "the run ended"}, "coordinator", cause);
  const auto ended = emit_for_run(r, event::run_finished{id, status, outcome, result}, "coordinator", cause);
  for (auto& [role, queue] : role_queue_) {
    std::erase_if(queue, [&](const std::string& x) { return x.starts_with(prefix); });
    release_role(role);
  }
  if (parent && state_.instances.contains(*parent)) {
    const auto& asked = state_.instances.at(*parent);
    if (status != "finished") {
      fail_step(asked.run, {fault_kind::logic, "asked_role_failed", "The run " + id + " that it asked for ended as " + status + ": " + outcome}, ended);
    } else {
      emit(event::role_answered{*parent, tag, "", id, result}, "run/" + asked.run, "coordinator", ended, asked.run, marks);
      pump_instance(*parent);
    }
  }
  if (!blocked_.empty()) pump_blocked();
}

// ---- waits, schedules, signals

void coordinator::step_is_due(const std::string& id) {
  const auto it = state_.runs.find(id);
  if (it == state_.runs.end() || !it->second.here) return;
  auto& r = it->second;
  auto& here = *r.here;
  if (here.state == step_state::backing_off) {
    if (here.retry_at && *here.retry_at > now_) return wake(*here.retry_at, "run:" + id);
    return pump_run(id);
  }
  if (here.state != step_state::working || !here.due) return;
  if (*here.due > now_) return wake(*here.due, "run:" + id);
  const auto w = workflow_of(r);
  const auto* s = w->find(here.name);
  if (s->kind == step_kind::wait) {
    if (gate_.paused(state_, "", w->definition.workflow, id)) {
      timers_.erase({*here.due, "run:" + id});
      blocked_.insert("due:" + id);
      return;
    }
    const bool timer = s->said->after || s->said->until;
    return finish_step(id, timer ? "done" : "late", nullptr, {}, here.began);
  }
  // The operator's time is not the step's: an approval has its own deadline.
  if (!here.approval.empty() && state_.approvals.contains(here.approval) && state_.approvals.at(here.approval).state == approval_state::asked) return;
  for (const auto& e : here.effects)
    if (state_.effects.contains(e) && state_.effects.at(e).state == effect_state::dispatching) return wake(now_ + std::chrono::seconds{1}, "run:" + id);
  fail_step(id, {fault_kind::provider, "step_too_late", "The step '" + here.name + "' was not done within " + to_text(s->said->within.value_or(duration{}))}, here.began);
}

bool coordinator::try_claim(run& r, const compiled_step& s, const unclaimed_signal& signal) {
  if (signal.said.name != s.said->for_) return false;
  const auto* wanted = r.here->input.if_object() ? r.here->input.get_object().if_contains("from") : nullptr;
  if (wanted && wanted->is_string() && !same_sender(std::string_view(wanted->get_string()), text_at(signal.said.body, "from"))) return false;
  if (s.where) {
    const auto fits = s.where->holds(names_of(r).with("event", signal.said.body));
    if (!fits || !*fits) return false;
  }
  finish_step(r.said.run, "arrived", signal.said.body, {}, signal.seq, "coordinator");
  return true;
}

void coordinator::on_signal(const std::string& connector, const signal& what, time_point now) {
  now_ = std::max(now, state_.now);
  const auto key = "signal/" + to_hex(digest_of({parts_.salt, what.name, what.natural_key})).substr(0, 32);
  if (!state_.seen_keys.contains(key)) {
    const auto seq = emit(event::signal_arrived{what.name, connector, what.body}, "signals", connector, 0, "", what.labels, key);
    const unclaimed_signal arrived{seq, {what.name, connector, what.body}, now_};
    // First whoever waits for it, oldest first; a mail that answers a run starts none.
    bool claimed = false;
    std::vector<std::pair<time_point, std::string>> waiting;
    for (const auto& [id, r] : state_.runs)
      if (r.here && r.here->state == step_state::working && r.here->input.is_object() && text_at(r.here->input, "for") == what.name) waiting.emplace_back(r.here->started_at, id);
    std::sort(waiting.begin(), waiting.end());
    for (const auto& [_, id] : waiting) {
      auto& r = state_.runs.at(id);
      if (r.marks != (r.marks | what.labels)) r.marks |= what.labels;
      const auto w = workflow_of(r);
      if (try_claim(r, *w->find(r.here->name), arrived)) {
        claimed = true;
        break;
      }
    }
    for (const auto& [name, digest] : state_.current) {
      if (claimed || !parts_.manifests.workflows.contains(name)) continue;
      const auto w = compiled_.at(digest);
      const auto& starts = w->definition.starts_on;
      if (!starts || starts->event != what.name) continue;
      const json told_now(to_text(now_));
      bindings vars;
      if (what.body.is_object()) vars.bind_members(what.body.get_object());
      vars.bind("event", what.body).bind("input", what.body).bind("now", told_now);
      if (w->start_when) {
        const auto fits = w->start_when->holds(vars);
        if (!fits || !*fits) continue;
      }
      std::string natural = what.natural_key;
      if (w->start_key)
        if (const auto told = w->start_key->evaluate(vars)) natural = told->is_string() ? std::string(told->get_string()) : canonical(*told);
      const auto start_key = "start/" + name + "/" + to_hex(digest_of({parts_.salt, natural})).substr(0, 32);
      auto begun = begin_run(w, digest, what.body, what.name, seq, start_key, what.labels, 0, {}, {}, false);
      if (!begun && begun.error().code != "already_started") {
        event::card_raised c;
        c.about = "step_stuck";
        c.title = "'" + name + "' could not start";
        c.text = to_sentence(begun.error());
        c.actions = {"steward check"};
        raise_card(std::move(c), "", seq);
      }
    }
  }
  errand_after(acknowledge_signal{connector, what.receipt});
}

void coordinator::schedule_is_due(const std::string& name) {
  const auto current = state_.current.find(name);
  if (current == state_.current.end() || !parts_.manifests.workflows.contains(name)) return;
  const auto w = compiled_.at(current->second);
  if (!w->starts_at) return;
  const auto last = state_.scheduled.contains(name) ? state_.scheduled.at(name) : now_;
  if (const auto due = w->starts_at->missed_between(last, now_)) {
    if (gate_.paused(state_, "", name, "")) {
      blocked_.insert("schedule:" + name);
      return;
    }
    const bool late = now_ - *due > std::chrono::minutes{1};
    const auto seq = emit(event::schedule_fired{name, *due, late}, "company", "coordinator", 0, "");
    auto begun = begin_run(w, current->second, boost::json::object{}, "schedule " + to_text(*due), seq, "start/" + name + "/" + to_text(*due), 0, 0, {}, {}, false);
    if (!begun && begun.error().code != "already_started") {
      event::card_raised c;
      c.about = "step_stuck";
      c.title = "'" + name + "' could not start";
      c.text = to_sentence(begun.error());
      c.actions = {"steward check"};
      raise_card(std::move(c), "", seq);
    }
  }
  wake(w->starts_at->next_after(now_), "schedule:" + name);
}

}  // namespace steward
