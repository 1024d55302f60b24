#include "runtime/supervision/supervisor_machine.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace steward {

supervisor_machine::supervisor_machine(std::string path, group_spec group, const std::vector<child_spec>& children, std::shared_ptr<random_source> random)
    : path_(std::move(path)), group_(std::move(group)), window_(group_.at_most), random_(std::move(random)) {
  for (const auto& spec : children) children_.push_back({.spec = spec, .window = restart_window(spec.at_most.value_or(group_.at_most))});
}

supervisor_machine::child* supervisor_machine::find(const std::string& id) {
  const auto found = std::find_if(children_.begin(), children_.end(), [&](const child& c) { return c.spec.id == id; });
  return found == children_.end() ? nullptr : &*found;
}

const child_spec* supervisor_machine::spec_of(const std::string& id) const {
  const auto found = std::find_if(children_.begin(), children_.end(), [&](const child& c) { return c.spec.id == id; });
  return found == children_.end() ? nullptr : &found->spec;
}

std::vector<child_status> supervisor_machine::status(time_point now) const {
  std::vector<child_status> all;
  for (const auto& c : children_)
    all.push_back({c.spec.id, c.state, c.incarnation, c.spec.at_most ? c.window.used(now) : window_.used(now), c.last_fault});
  return all;
}

// ---- moving on: whatever happened is noted first, then `advance` finds the next orders

void supervisor_machine::advance(orders& out) {
  if (!starting_.empty()) return;  // Its outcome comes first.
  if (phase_ == phase::running) start_next(out);
  else if (phase_ != phase::finished) stop_next(out);
}

void supervisor_machine::start_next(orders& out) {
  while (!queue_.empty()) {
    const auto id = queue_.front();
    queue_.pop_front();
    auto* c = find(id);
    if (!c || c->state != child_state::waiting) continue;
    c->state = child_state::starting;
    c->token = 0;
    ++c->incarnation;
    starting_ = id;
    return out.push_back({deed::start, id});
  }
}

void supervisor_machine::stop_next(orders& out) {
  // One at a time, the last started first: the one below may still need the ones above while it ends.
  for (auto c = children_.rbegin(); c != children_.rend(); ++c) {
    if (phase_ == phase::regrouping && !to_stop_.contains(c->spec.id)) continue;
    if (c->state == child_state::stopping) return;
    if (c->state == child_state::up) return ask_to_stop(*c, out);
  }
  if (phase_ == phase::stopping) {
    phase_ = phase::finished;
    return out.push_back({.what = deed::finish, .why = gave_up_});
  }
  if (group_token_) return;
  group_token_ = ++last_token_;
  out.push_back({.what = deed::wait, .after = group_wait_, .token = group_token_});
}

void supervisor_machine::ask_to_stop(child& c, orders& out) {
  c.state = child_state::stopping;
  c.token = ++last_token_;
  out.push_back({deed::ask_to_stop, c.spec.id, c.spec.stop_within, c.token});
}

/// The child is down and nobody is surprised: it comes back with its group, or it has ended, or it is forgotten.
void supervisor_machine::gone(child& c, orders& out) {
  c.token = 0;
  c.state = phase_ == phase::regrouping && to_start_.contains(c.spec.id) ? child_state::waiting : child_state::ended;
  if (!c.removing && !(c.added && c.state == child_state::ended && !stopping())) return;
  out.push_back({deed::removed, c.spec.id});
  std::erase_if(children_, [id = c.spec.id](const child& x) { return x.spec.id == id; });
}

// ---- what happened

orders supervisor_machine::begin() {
  orders out;
  for (const auto& c : children_) queue_.push_back(c.spec.id);
  advance(out);
  return out;
}

orders supervisor_machine::started(const std::string& id, time_point now) {
  orders out;
  auto* c = find(id);
  if (!c || c->state != child_state::starting) return out;
  c->state = child_state::up;
  c->up_since = now;
  starting_.clear();
  advance(out);
  return out;
}

orders supervisor_machine::ended(const std::string& id, ending how, fault why, time_point now) {
  orders out;
  auto* c = find(id);
  if (!c || (c->state != child_state::up && c->state != child_state::starting && c->state != child_state::stopping)) return out;
  if (starting_ == id) starting_.clear();
  const bool expected = c->state == child_state::stopping;
  if (!expected && how != ending::normal && how != ending::shutdown) c->last_fault = why;
  if (expected) {
    gone(*c, out);
  } else if (phase_ >= phase::stopping) {
    c->state = child_state::ended;
  } else if (phase_ == phase::regrouping && to_stop_.contains(id)) {
    // It fell before it was asked to. What its kind asks for still holds: finished work does not come back.
    if (wish_of(c->spec.kind, how) == wish::leave) to_start_.erase(id);
    c->state = to_start_.contains(id) ? child_state::waiting : child_state::ended;
  } else {
    std::vector<sibling> siblings;
    for (const auto& s : children_)
      siblings.push_back({s.spec.kind, s.state != child_state::ended && s.state != child_state::down && !s.removing});
    const auto owner = c->spec.at_most ? window_owner::child : window_owner::supervisor;
    auto& window = c->spec.at_most ? c->window : window_;
    const auto verdict = wish_of(c->spec.kind, how) == wish::restart ? window.fault_at(now) : window_verdict::room;
    const auto d = decide(group_.how, siblings, std::size_t(c - children_.data()), how, owner, verdict);
    const auto given_up = [&] { return how == ending::beyond_repair ? why : beyond_window(*c, window.limit(), why); };
    switch (d.what) {
      case remedy::leave: gone(*c, out); break;
      case remedy::restart: restart(*c, d, how, now, out); break;
      case remedy::stay_down:
        c->state = child_state::down;
        out.push_back({.what = deed::stay_down, .child = id, .why = given_up()});
        break;
      case remedy::go_up:
        c->state = child_state::ended;
        gave_up_ = given_up();
        phase_ = phase::stopping;
        break;
    }
  }
  advance(out);
  return out;
}

void supervisor_machine::restart(child& c, const decision& d, ending how, time_point now, orders& out) {
  const bool recovered = how != ending::start_failure && now - c.up_since > c.window.limit().within;
  c.faults = recovered ? 1 : c.faults + 1;
  c.state = child_state::waiting;
  const auto wait = backoff(c.spec.waits, c.faults, *random_);
  if (group_.how == strategy::one_for_one) {
    c.token = ++last_token_;
    return out.push_back({deed::wait, c.spec.id, wait, c.token});
  }
  if (phase_ == phase::running) group_wait_ = {};
  phase_ = phase::regrouping;
  group_wait_ = std::max(group_wait_, wait);
  group_token_ = 0;  // A wait that had begun for fewer children starts again for all.
  for (const auto i : d.stop) to_stop_.insert(children_[i].spec.id);
  for (const auto i : d.start) to_start_.insert(children_[i].spec.id);
  to_start_.insert(queue_.begin(), queue_.end());
  queue_.clear();
}

fault supervisor_machine::beyond_window(const child& c, const restart_limit& limit, const fault& why) const {
  const auto times = limit.at_most == 1 ? std::string("once") : fmt::format("{} times", limit.at_most);
  return {fault_kind::process, "restart_window_used_up",
          limit.at_most == 0 ? fmt::format("{} failed and is not to be restarted. It said: {}", path_of(c.spec.id), why.sentence)
                             : fmt::format("{} was restarted {} within {} and failed again. It said: {}", path_of(c.spec.id), times, to_text(limit.within), why.sentence)};
}

orders supervisor_machine::timer(std::uint64_t token, time_point) {
  orders out;
  if (token == group_token_ && phase_ == phase::regrouping) {
    group_token_ = 0;
    phase_ = phase::running;
    for (auto& c : children_)
      if (to_start_.contains(c.spec.id)) queue_.push_back(c.spec.id);
    to_stop_.clear();
    to_start_.clear();
  } else {
    const auto c = std::find_if(children_.begin(), children_.end(), [&](const child& x) { return x.token == token; });
    if (token == 0 || c == children_.end()) return out;
    c->token = 0;
    if (c->state == child_state::waiting) {
      queue_.push_back(c->spec.id);
    } else {
      // Killed, it may still be at work. That is harmless when all ends, but not beside a replacement of this one.
      if (c->spec.when_hung == hang_answer::end_engine && phase_ == phase::regrouping)
        out.push_back({.what = deed::end_engine, .child = c->spec.id,
                       .why = fault{fault_kind::process, "child_hung", fmt::format("{} did not end within {}", path_of(c->spec.id), to_text(c->spec.stop_within))}});
      out.push_back({deed::kill, c->spec.id});
      gone(*c, out);
    }
  }
  advance(out);
  return out;
}

orders supervisor_machine::stop() {
  orders out;
  if (phase_ >= phase::stopping) return out;
  phase_ = phase::stopping;
  queue_.clear();
  advance(out);
  return out;
}

// ---- what the outside asks for

result<orders> supervisor_machine::add(child_spec spec) {
  if (stopping()) return error{"supervisor_is_stopping", path_of(spec.id), "the supervisor is about to end", "", "Add the child again when the supervisor is back"};
  if (find(spec.id)) return error{"child_exists", path_of(spec.id), "there is a child of this name already", "a name of its own", ""};
  if (auto ok = check(supervision_tree{{.id = path_.empty() ? "engine" : path_.substr(path_.rfind('/') + 1)}, group_spec{.how = group_.how, .each = spec}, {}}); !ok) return ok.error();
  orders out;
  (phase_ == phase::regrouping ? void(to_start_.insert(spec.id)) : queue_.push_back(spec.id));
  restart_window window(spec.at_most.value_or(group_.at_most));
  children_.push_back({.spec = std::move(spec), .window = std::move(window), .added = true});
  advance(out);
  return out;
}

error supervisor_machine::no_such_child(const std::string& id) const {
  return {"no_such_child", path_of(id), "there is no such child", "one of the supervisor's children", ""};
}

result<orders> supervisor_machine::remove(const std::string& id) {
  auto* c = find(id);
  if (!c) return no_such_child(id);
  orders out;
  c->removing = true;
  to_start_.erase(id);
  if (c->state == child_state::up) ask_to_stop(*c, out);
  else if (c->state != child_state::stopping && c->state != child_state::starting) gone(*c, out);
  advance(out);
  return out;
}

result<orders> supervisor_machine::retry(const std::string& id) {
  auto* c = find(id);
  if (!c) return no_such_child(id);
  if (stopping()) return error{"supervisor_is_stopping", path_of(id), "the supervisor is about to end", "", "Try again when the supervisor is back"};
  orders out;
  c->window.clear();
  if (c->state == child_state::up || c->state == child_state::stopping || c->state == child_state::starting) return out;
  c->faults = 0;
  c->token = 0;
  c->state = child_state::waiting;
  (phase_ == phase::regrouping ? void(to_start_.insert(id)) : queue_.push_back(id));
  advance(out);
  return out;
}

}  // namespace steward
