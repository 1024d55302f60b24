/// What each kind of step does when it begins: role, effect, wait, record, remember, end.
#include "runtime/coordination/coordinator.hpp"

namespace steward {
namespace {

/// What a template says with these names; anything but text as its JSON. No template: an empty text.
result<std::string> text_of(const std::optional<text_template>& t, const run_names& names) {
  if (!t) return std::string{};
  const auto value = t->evaluate(names);
  if (!value) return value.error();
  return value->is_string() ? std::string(value->get_string()) : canonical(*value);
}

}  // namespace

result<boost::json::array> coordinator::items_of(const run& r, const each_item& each, const std::string& step, labels* marks) {
  const auto names = names_of(r);
  auto list = each.list.evaluate(names);
  if (!list) return list.error();
  if (marks) *marks = names.marks();
  if (!list->is_array()) return error{"not_a_list", step + ".for_each", "found " + canonical(*list).substr(0, 60), "a list", ""};
  const auto cap = workflow_of(r)->definition.caps.value_or(caps_definition{}).fan_out;
  if (std::int64_t(list->get_array().size()) > cap)
    return error{"run_cap_reached", step + ".for_each", fmt::format("the list has {} items", list->get_array().size()), fmt::format("at most {} (caps.fan_out)", cap), ""};
  return std::move(list->get_array());
}

void coordinator::work_on_step(const std::string& id, const compiled_step& s, std::int64_t visit, std::int64_t attempt, std::int64_t cause) {
  auto& r = state_.runs.at(id);
  event::step_started started{id, s.name, visit, attempt, std::string(to_word(s.kind)), "", false, nullptr, {}};
  if (s.said->within) started.due = now_ + *s.said->within;
  if (auto begun = begin_kind(r, s, std::move(started), cause); !begun) {
    auto why = as_fault(fault_kind::logic, begun.error());
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
  const auto vars = names_of(r);
  const auto text = [&](const std::optional<text_template>& t) { return text_of(t, vars); };
  switch (s.kind) {
    case step_kind::role: {
      started.role = *s.said->role;
      if (s.each) {
        const auto list = items_of(r, *s.each, s.name);
        if (!list) return list.error();
        boost::json::array inputs;
        for (const auto& item : *list) {
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
      if (state_.stopped_roles.contains(started.role) && stops_when_it_fails(started.role)) return role_is_stopped(started.role);
      const auto role = parts_.manifests.roles.find(started.role);
      if (role == parts_.manifests.roles.end()) return error{"unknown_role", s.name, "the role '" + started.role + "' is not in the workspace", "a role", ""};
      const auto facts = parts_.agents.find(role->second.agent);
      if (facts == parts_.agents.end()) return error{"unknown_agent", "role " + started.role, "its agent '" + role->second.agent + "' is not in the catalogue", "a known agent", ""};
      if (!started.each) {
        if (auto may = fits(facts->second.takes, started.input, s.name + ".with"); !may) return may;
      } else {
        for (const auto& input : started.input.get_array())
          if (auto may = fits(facts->second.takes, input, s.name + ".with"); !may) return may;
      }
      const bool nothing_to_do = started.each && started.input.get_array().empty();
      if (const auto queue = role_queue_.find(started.role); queue != role_queue_.end() && !queue->second.empty()) {
        std::set<std::string> steps;  // for_each queues many instances of one step
        for (const auto& instance : queue->second) steps.insert(instance.substr(0, instance.find('#')));
        const auto waiting = role->second.limits.value_or(limits_definition{}).waiting;
        if (std::int64_t(steps.size()) >= waiting)
          return error{"role_queue_full", "role " + started.role, fmt::format("{} steps wait for it", steps.size()), fmt::format("fewer than {} (its limits.waiting)", waiting),
                       "Let some finish and 'steward retry " + id + "', or raise the limit"};
      }
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
      if (s.person && !shadowed(id)) {
        event::card_raised c;
        c.about = "person";
        c.title = *question;
        c.text = *question;
        c.run = id;
        c.subject = id;
        c.options = s.said->options;
        c.actions = {"steward answer " + state_.next_id("card") + " " + (c.options.empty() ? "TEXT" : c.options.front())};
        const auto card = state_.next_id("card");
        raise_card(std::move(c), id, seq);
        heed_attention(card, state_.runs.at(id).here->due.has_value(), seq);
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
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      labels marks = 0;  // of the records, which may hold what another run wrote there
      labels of_list = 0;
      const auto one = [&](const run_names& here) -> result<json> {
        auto fields = s.with.evaluate(here);
        if (!fields) return fields.error();
        const auto external = s.id ? s.id->evaluate(here) : result<json>(json(""));
        if (!external) return external.error();
        if (shadowed(id)) {  // what the record would hold
          auto like = fields->is_object() ? fields->get_object() : boost::json::object{};
          const auto known = state_.entities.find_external(external->is_string() ? std::string(external->get_string()) : canonical(*external));
          like["entity"] = known.empty() ? "" : known.front()->id;
          if (!known.empty()) marks |= known.front()->marks;
          like["type"] = *s.said->record;
          like["external_id"] = *external;
          return json(std::move(like));
        }
        auto entity = record(*s.said->record, external->is_string() ? std::string(external->get_string()) : canonical(*external), *fields, now_, seq, id, here.marks() | of_list);
        if (!entity) return entity.error();
        const auto& recorded = *state_.entities.find(*entity);
        marks |= recorded.marks;
        return to_json_value(recorded);
      };
      if (!s.each) {
        auto recorded = one(names_of(state_.runs.at(id)));
        if (!recorded) return recorded.error();
        finish_step(id, "done", std::move(*recorded), {}, seq, "coordinator", marks);
        return {};
      }
      const auto list = items_of(state_.runs.at(id), *s.each, s.name, &of_list);
      if (!list) return list.error();
      boost::json::array all;
      for (const auto& item : *list) {
        auto recorded = one(names_of(state_.runs.at(id)).with(s.each->name, item));
        if (!recorded) return recorded.error();
        all.push_back(std::move(*recorded));
      }
      finish_step(id, "done", std::move(all), {}, seq, "coordinator", marks);
      return {};
    }
    case step_kind::remember: {
      result<boost::json::array> list = boost::json::array{nullptr};
      labels of_list = 0;
      if (s.each) list = items_of(r, *s.each, s.name, &of_list);
      if (!list) return list.error();
      std::vector<memory_item> items;  // all of them or none
      for (const auto& each : *list) {
        auto here = names_of(r);
        if (s.each) here.with(s.each->name, each);
        const auto about = text_of(s.about, here), body = text_of(s.text, here), source = text_of(s.source, here);
        if (!about) return about.error();
        if (!body) return body.error();
        if (!source) return source.error();
        // What it was made from, not what else the run has seen: what is kept for years must not gather labels by the way.
        const auto marks = here.marks() | of_list | (gate_.is_private(*s.said->remember) ? label_private : labels{});
        memory_item item{"", *s.said->remember, *about, *body, source->empty() ? id + "/" + s.name : *source, 1, 0.5, {}, marks};
        // Memory knows people by the entity, whichever of its external ids the step knows.
        if (const auto known = state_.entities.find_external(*about); !known.empty()) item.about = known.front()->id;
        if (s.said->keep_for) item.until = now_ + *s.said->keep_for;
        items.push_back(std::move(item));
      }
      const auto seq = emit_for_run(r, std::move(started), "coordinator", cause);
      if (shadowed(id)) items.clear();
      for (auto& item : items) {
        item.id = state_.next_id("mem");
        const auto marks = item.marks;
        emit(event::memory_added{std::move(item)}, "memory", "coordinator", seq, id, marks);
      }
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

}  // namespace steward
