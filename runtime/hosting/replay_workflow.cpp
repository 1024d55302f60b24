#include "runtime/hosting/replay_workflow.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/coordination/undo_step.hpp"
#include "runtime/digest.hpp"
#include "runtime/execution/run_names.hpp"

namespace steward {
namespace {

json short_of(const json& value, const std::string& shown) { return boost::json::object{{"kind", "value"}, {"name", shown}, {"digest", hex_digest(canonical(value))}}; }

std::string text_of(const json& value) { return value.is_string() ? std::string(value.get_string()) : canonical(value); }

result<json> text_of(const std::optional<text_template>& t, const run_names& names) {
  if (!t) return json("");
  auto value = t->evaluate(names);
  if (!value) return value.error();
  return json(text_of(*value));
}

/// The items of a for_each, or one that is nothing.
result<boost::json::array> items_of(const std::optional<each_item>& each, const run_names& names) {
  if (!each) return boost::json::array{nullptr};
  auto list = each->list.evaluate(names);
  if (!list) return list.error();
  if (!list->is_array()) return error{"not_a_list", "for_each", "found " + canonical(*list).substr(0, 60), "a list", ""};
  return std::move(list->get_array());
}

bool is_shadow(const run& r) { return r.said.trial && r.said.trial->as == "shadow"; }

}  // namespace

workflow_replay::workflow_replay(const told_run& told, std::string run, std::shared_ptr<const workflow> now, std::shared_ptr<const workflow> then, tell differs)
    : told_(told), run_(std::move(run)), now_(std::move(now)), then_(std::move(then)), differs_(std::move(differs)) {
  for (const auto& [h, e] : told.events) {
    if (h.cause != 0) caused_[h.cause].push_back(&e);
    const bool compared = std::holds_alternative<event::effect_proposed>(e) || std::holds_alternative<event::entity_recorded>(e) || std::holds_alternative<event::memory_added>(e) ||
                          std::holds_alternative<event::card_raised>(e);
    if (compared && told.shortened.contains(h.seq)) cut_.emplace(h.cause, h.seq);
  }
}

template <class Event>
std::vector<const Event*> workflow_replay::caused(std::int64_t seq) const {
  std::vector<const Event*> found;
  if (const auto all = caused_.find(seq); all != caused_.end())
    for (const auto* e : all->second)
      if (const auto* one = std::get_if<Event>(e)) found.push_back(one);
  return found;
}

/// Whether this attempt failed: what it could not do then it need not be able to do now.
bool workflow_replay::failed_then(const event::step_started& e, std::int64_t seq) const {
  return std::any_of(told_.events.begin(), told_.events.end(), [&](const auto& one) {
    const auto* failed = std::get_if<event::step_failed>(&one.second);
    return failed && one.first.seq > seq && failed->run == run_ && failed->step == e.step && failed->visit == e.visit && failed->attempt == e.attempt;
  });
}

void workflow_replay::differ(const event::header& h, const std::string& step, std::string what, const std::optional<changed_part>& part, const std::string& sentence) {
  workflow_difference d{h.seq, step, std::move(what), part ? part->path : "", nullptr, nullptr, fmt::format("event {}, step '{}': {}", h.seq, step, sentence)};
  if (part) {
    d.recorded = short_of(json(part->before), part->before);
    d.now = short_of(json(part->after), part->after);
  }
  differs_(std::move(d));
}

void workflow_replay::compare(const event::header& h, const std::string& step, std::string what, const json& then, const json& now, const std::string& path, const std::string& about) {
  ++decisions_;
  if (const auto part = first_change(then, now, path)) differ(h, step, std::move(what), part, about + in_words(*part));
}

/// Where the run goes from a step that is over, by today's workflow (coordinator::go_on).
workflow_replay::way workflow_replay::after_step(const std::string& step, bool failed, const std::string& how) const {
  const auto* s = now_->find(step);
  if (!s) return {};
  const auto to = [&](const compiled_step* next) { return way{next, "", step, true}; };
  if (failed) {
    if (const auto* next = now_->find(now_->if_fails(*s))) return to(next);
    return {nullptr, "", step, true};
  }
  if (s->kind == step_kind::end && how == "done") return {nullptr, *s->said->as, step, true};
  if (how == "used_up" && s->said->used_up)
    if (const auto* next = now_->find(*s->said->used_up)) return to(next);
  if (how == "late" && s->said->if_late)
    if (const auto* next = now_->find(*s->said->if_late)) return to(next);
  if (how == "rejected" || how == "discarded") {
    const auto ask = s->said->ask.value_or(approval_definition{});
    if (const auto* next = now_->find((how == "discarded" ? ask.if_expired : ask.if_rejected).value_or(now_->if_fails(*s)))) return to(next);
    if (const auto* next = is_undo(s->name) ? now_->after(s->name) : nullptr) return to(next);
    return {nullptr, how, step, true};
  }
  if (s->said->then)
    if (const auto* next = now_->find(*s->said->then)) return to(next);
  if (const auto* next = now_->after(s->name)) return to(next);
  return {nullptr, "done", step, true};
}

/// The run came to this step: did it have to, and would it do it?
void workflow_replay::came_to(const event::header& h, const std::string& step, std::int64_t visit, std::string_view how, const company_state& state) {
  passed_.try_emplace(step, h.seq);
  const auto r = state.runs.find(run_);
  if (r == state.runs.end()) return;
  ++decisions_;
  const auto* s = now_->find(step);
  if (way_.known && (!way_.next || way_.next->name != step)) {
    const auto now = way_.next ? "'" + way_.next->name + "'" : "the end" + (way_.ends_as.empty() ? "" : " as '" + way_.ends_as + "'");
    const auto from = way_.from.empty() ? "the run would begin with " : "after '" + way_.from + "' would come ";
    if (!s) gone_.insert(step);
    differ(h, step, "order", changed_part{"", "'" + step + "'", now}, fmt::format("{}{}, then it was '{}'{}", from, now, step, s ? "" : ", which is not in the workflow any more"));
  } else if (!s && gone_.insert(step).second) {
    differ(h, step, "order", changed_part{"", "'" + step + "'", "nothing"}, "the workflow has no such step any more");
  }
  if (!s) return;
  const auto outcome = [&]() -> std::string {
    if (s->visits_at_most && visit > *s->visits_at_most) return "used_up";
    if (!s->when) return "done";
    const auto holds = s->when->holds(run_names(r->second, now_->definition.constants, h.time));
    return !holds ? "not told (" + to_sentence(holds.error()) + ")" : *holds ? "done" : "skipped";
  }();
  if (outcome == how) return;
  const auto* old = then_ ? then_->find(step) : nullptr;
  const auto condition = [](const compiled_step* of) { return of && of->when ? canonical(json(of->when->text())) : std::string("nothing"); };
  const auto field = outcome == "used_up" || how == "used_up" ? std::string("at_most") : std::string("when");
  const auto was = condition(old), is = condition(s);
  differ(h, step, "when", changed_part{field, std::string(how), outcome},
         fmt::format("it was {} then and would be {} now{}", how, outcome, was == is ? "" : fmt::format(" (when: was {}, is {})", was, is)));
}

void workflow_replay::before(const event::header& h, const event::any& e, const company_state& state) {
  if (!ended_.empty()) return;
  if (const auto* x = std::get_if<event::step_started>(&e); x && x->run == run_ && x->attempt == 1) came_to(h, x->step, x->visit, "done", state);
  if (const auto* x = std::get_if<event::step_finished>(&e); x && x->run == run_) {
    const auto r = state.runs.find(run_);
    const bool at_work = r != state.runs.end() && r->second.here && r->second.here->name == x->step && r->second.here->visit == x->visit && r->second.here->began != 0;
    if (!at_work && (x->how == "skipped" || x->how == "used_up")) came_to(h, x->step, x->visit, x->how, state);
    if (const auto* s = now_->find(x->step); s && x->how != "used_up")
      compare(h, x->step, "gives", x->gives ? json(*x->gives) : json(), s->said->gives ? json(*s->said->gives) : json(), "gives");
  }
  if (const auto* x = std::get_if<event::approval_asked>(&e); x && x->run == run_) asked(h, *x, state);
  if (const auto* x = std::get_if<event::run_finished>(&e); x && x->run == run_) finished(h, *x, state);
}

void workflow_replay::after(const event::header& h, const event::any& e, const company_state& state) {
  if (!ended_.empty()) return;
  if (told_.shortened.contains(h.seq) && (std::holds_alternative<event::run_started>(e) || std::holds_alternative<event::step_finished>(e) || std::holds_alternative<event::item_finished>(e) ||
                                          std::holds_alternative<event::turn_taken>(e) || std::holds_alternative<event::signal_arrived>(e) || std::holds_alternative<event::effect_settled>(e))) {
    ended_ = fmt::format("The texts of event {} ({}) were taken out of the journal, so what the workflow decided from there can't be decided again", h.seq, event::kind_of(e));
    return;
  }
  if (const auto* x = std::get_if<event::run_started>(&e); x && x->run == run_) {
    const auto* first = x->forked ? now_->find(x->forked->step) : now_->steps.empty() ? nullptr : &now_->steps.front();
    way_ = {first, "", "", first != nullptr};
    if (now_->input)
      if (const auto fits = now_->input->check(x->input); !fits) differ(h, "", "input", {}, "the run's input would be refused: " + to_sentence(fits.error()));
    ++decisions_;
  }
  if (const auto* x = std::get_if<event::step_started>(&e); x && x->run == run_) {
    if (const auto cut = cut_.find(h.seq); cut != cut_.end())
      ended_ = fmt::format("The texts of event {} were taken out of the journal, so what the workflow decided from there can't be decided again", cut->second);
    else if (!told_.shortened.contains(h.seq)) began(h, *x, state);
    way_ = {};
  }
  if (const auto* x = std::get_if<event::step_finished>(&e); x && x->run == run_) way_ = after_step(x->step, false, x->how);
  if (const auto* x = std::get_if<event::step_failed>(&e); x && x->run == run_) way_ = x->then == "go_on" || x->then == "stop" ? after_step(x->step, true, "") : way{};
  if (const auto* x = std::get_if<event::step_released>(&e); x && x->run == run_) way_ = {};
}

void workflow_replay::began(const event::header& h, const event::step_started& e, const company_state& state) {
  const auto r = state.runs.find(run_);
  const auto* s = now_->find(e.step);
  if (r == state.runs.end() || !s) return;
  const auto* old = then_ ? then_->find(e.step) : nullptr;
  if (e.what != to_word(s->kind)) {
    if (!old || old->kind != s->kind)
      differ(h, e.step, "kind", changed_part{"", std::string(old ? to_word(old->kind) : e.what), std::string(to_word(s->kind))}, fmt::format("it would be of the kind {}, then it was {}", to_word(s->kind), old ? to_word(old->kind) : e.what));
    return;
  }
  if (s->kind == step_kind::effect) began_effects(h, e, *s, r->second);
  else if (s->kind == step_kind::record && !is_shadow(r->second)) began_records(h, e, *s, r->second);
  else if (s->kind == step_kind::remember && !is_shadow(r->second)) began_memories(h, e, *s, r->second);
  else if (s->kind == step_kind::wait) began_wait(h, e, *s, r->second);
}

void workflow_replay::began_effects(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r) {
  struct wanted_effect {
    const compiled_effect* from;
    json arguments;
  };
  std::vector<wanted_effect> wanted;
  const auto list = [&]() -> result<void> {
    for (const auto& one : s.effects) {
      const auto items = items_of(one.each, run_names(r, now_->definition.constants, h.time));
      if (!items) return items.error();
      for (const auto& item : *items) {
        run_names names(r, now_->definition.constants, h.time);
        if (one.each) names.with(one.each->name, item);
        if (one.when) {
          const auto holds = one.when->holds(names);
          if (!holds) return holds.error();
          if (!*holds) continue;
        }
        auto arguments = one.with.evaluate(names);
        if (!arguments) return arguments.error();
        wanted.push_back({&one, arguments->is_null() ? json(boost::json::object{}) : std::move(*arguments)});
      }
    }
    return {};
  }();
  if (!list) {
    if (!failed_then(e, h.seq)) differ(h, e.step, "effect", {}, "what it would do can't be told: " + to_sentence(list.error()));
    return;
  }
  auto made = caused<event::effect_proposed>(h.seq);
  std::erase_if(made, [](const auto* one) { return !one->instance.empty(); });
  if (e.attempt > 1) {  // what an earlier attempt did is not proposed again: only the rest is on record
    for (const auto* one : made) {
      ++decisions_;
      if (std::none_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.from->action == one->prepared.action && canonical(w.arguments) == canonical(one->arguments); }))
        differ(h, e.step, "effect", changed_part{"", one->prepared.action, "nothing"}, fmt::format("{} ({}) would not be done so", one->effect, one->prepared.action));
    }
    return;
  }
  for (std::size_t i = 0; i < std::min(wanted.size(), made.size()); ++i) {
    const auto& one = *made[i];
    const auto about = fmt::format("{} ({}): ", one.effect, one.prepared.action);
    if (wanted[i].from->action != one.prepared.action) {
      compare(h, e.step, "effect", json(one.prepared.action), json(wanted[i].from->action), "effect", about);
      if (wanted.size() != made.size()) break;  // the rest has lost its place
      continue;
    }
    compare(h, e.step, "effect", one.arguments, wanted[i].arguments, "with", about);
    compare(h, e.step, "effect", json(one.undo), json(wanted[i].from->undo), "undo", about);
  }
  if (wanted.size() == made.size() || (wanted.size() > made.size() && failed_then(e, h.seq))) return;
  differ(h, e.step, "effect", changed_part{"effects", std::to_string(made.size()), std::to_string(wanted.size())}, fmt::format("it would propose {} effects, then it proposed {}", wanted.size(), made.size()));
}

void workflow_replay::began_records(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r) {
  const auto made = caused<event::entity_recorded>(h.seq);
  const auto items = items_of(s.each, run_names(r, now_->definition.constants, h.time));
  const auto untold = [&](const error& why) {
    if (!failed_then(e, h.seq)) differ(h, e.step, "record", {}, "what it would record can't be told: " + to_sentence(why));
  };
  if (!items) return untold(items.error());
  for (std::size_t i = 0; i < std::min(items->size(), made.size()); ++i) {
    run_names names(r, now_->definition.constants, h.time);
    if (s.each) names.with(s.each->name, (*items)[i]);
    const auto fields = s.with.evaluate(names);
    if (!fields) return untold(fields.error());
    const auto id = text_of(s.id, names);
    if (!id) return untold(id.error());
    const auto& one = *made[i];
    compare(h, e.step, "record", json(one.type), json(*s.said->record), "record", one.entity + ": ");
    compare(h, e.step, "record", json(one.external_id), *id, "id", one.entity + ": ");
    compare(h, e.step, "record", one.fields, fields->is_null() ? json(boost::json::object{}) : *fields, "with", one.entity + ": ");
  }
  if (items->size() != made.size() && !failed_then(e, h.seq))
    differ(h, e.step, "record", changed_part{"for_each", std::to_string(made.size()), std::to_string(items->size())}, fmt::format("it would write {} records, then it wrote {}", items->size(), made.size()));
}

void workflow_replay::began_memories(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r) {
  const auto made = caused<event::memory_added>(h.seq);
  const auto items = items_of(s.each, run_names(r, now_->definition.constants, h.time));
  const auto untold = [&](const error& why) {
    if (!failed_then(e, h.seq)) differ(h, e.step, "remember", {}, "what it would remember can't be told: " + to_sentence(why));
  };
  if (!items) return untold(items.error());
  const auto* old = then_ ? then_->find(e.step) : nullptr;
  for (std::size_t i = 0; i < std::min(items->size(), made.size()); ++i) {
    run_names names(r, now_->definition.constants, h.time);
    if (s.each) names.with(s.each->name, (*items)[i]);
    const auto &one = made[i]->item;
    const auto text = text_of(s.text, names), source = text_of(s.source, names), about = text_of(s.about, names);
    for (const auto* told : {&text, &source, &about})
      if (!*told) return untold(told->error());
    compare(h, e.step, "remember", json(one.scope), json(*s.said->remember), "remember", one.id + ": ");
    compare(h, e.step, "remember", json(one.text), *text, "text", one.id + ": ");
    compare(h, e.step, "remember", json(one.source), source->get_string().empty() ? json(run_ + "/" + s.name) : *source, "source", one.id + ": ");
    // Memory keeps the entity that stands behind a name, so names are compared with names.
    if (old && old != &s) {
      run_names before(r, then_->definition.constants, h.time);
      if (s.each) before.with(s.each->name, (*items)[i]);
      if (const auto was = text_of(old->about, before)) compare(h, e.step, "remember", *was, *about, "about", one.id + ": ");
    }
  }
  if (items->size() != made.size() && !failed_then(e, h.seq))
    differ(h, e.step, "remember", changed_part{"for_each", std::to_string(made.size()), std::to_string(items->size())}, fmt::format("it would remember {} things, then it remembered {}", items->size(), made.size()));
}

void workflow_replay::began_wait(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r) {
  const run_names names(r, now_->definition.constants, h.time);
  boost::json::object wanted;
  const auto untold = [&](const error& why) {
    if (!failed_then(e, h.seq)) differ(h, e.step, "wait", {}, "what it would wait for can't be told: " + to_sentence(why));
  };
  if (s.said->for_) {
    wanted["for"] = *s.said->for_;
    const auto from = text_of(s.from, names);
    if (!from) return untold(from.error());
    if (s.from) wanted["from"] = *from;
  }
  if (s.person) {
    const auto question = text_of(s.person, names);
    if (!question) return untold(question.error());
    wanted["person"] = *question;
  }
  compare(h, e.step, "wait", e.input.is_null() ? json(boost::json::object{}) : e.input, wanted, "");
  for (const auto* card : caused<event::card_raised>(h.seq))
    if (card->about == "person") compare(h, e.step, "wait", to_json(card->options), to_json(s.said->options), "options", card->card + ": ");
}

/// The workflow's own question: what the operator was shown beside it.
void workflow_replay::asked(const event::header& h, const event::approval_asked& e, const company_state& state) {
  const auto first = e.effects.empty() ? state.effects.end() : state.effects.find(e.effects.front());
  const auto r = state.runs.find(run_);
  const auto* s = now_->find(e.step);
  if (first == state.effects.end() || !first->second.said.instance.empty() || r == state.runs.end() || !s) return;
  json shows;
  if (s->said->ask) {
    boost::json::object all;
    const json names = r->second.names;
    for (const auto& name : s->said->ask->shows)
      if (const auto* value = at_path(names, name)) all[name] = *value;
    shows = std::move(all);
  }
  compare(h, e.step, "ask", e.shows, shows, "ask.shows", e.approval + ": ");
}

void workflow_replay::finished(const event::header& h, const event::run_finished& e, const company_state& state) {
  const auto r = state.runs.find(run_);
  if (!way_.known || e.status != "finished" || r == state.runs.end()) return;
  ++decisions_;
  const auto step = way_.from;
  if (way_.next) return differ(h, step, "end", changed_part{"", "the end as '" + e.outcome + "'", "'" + way_.next->name + "'"}, fmt::format("after it would come '{}', then the run ended as '{}'", way_.next->name, e.outcome));
  const auto* s = now_->find(step);
  compare(h, step, "end", json(e.outcome), json(way_.ends_as), s && s->kind == step_kind::end ? "as" : "", "the run's end: ");
  if (told_.shortened.contains(h.seq) || way_.ends_as != "done" || (s && s->kind == step_kind::end)) return;
  json last;
  if (s && s->said->gives)
    if (const auto* given = r->second.names.if_contains(*s->said->gives)) last = *given;
  compare(h, step, "end", e.result, last, "result", "the run's end: ");
}

}  // namespace steward
