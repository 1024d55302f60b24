/// Undo: by the operator's word, and by itself where a workflow says so.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/coordination/coordinator.hpp"
#include "runtime/coordination/undo_step.hpp"

namespace steward {
namespace {

std::string listed(const std::vector<done_effect>& done) {
  std::string text;
  for (const auto& d : done) text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", d.effect, d.action, d.preview);
  return text;
}

}  // namespace

/// Begins a run that takes back what can be. What only was read leaves nothing to take back.
result<undo_begun> coordinator::begin_undo(const std::string& what, std::vector<done_effect> done, std::int64_t cause) {
  undo_begun begun;
  for (auto& d : done) {
    const auto* manifest = parts_.actions->find(d.action);
    if (manifest && manifest->repeats == effect_class::read_only) continue;
    (d.undo && parts_.actions->find(d.undo->action) ? begun.undoes : begun.stands).push_back(std::move(d));
  }
  if (begun.undoes.empty()) return begun;
  const auto digest = adopt_own(undo_workflow(begun.undoes, std::string(undo_prefix) + what));
  if (!digest) return digest.error();
  labels marks = 0;  // what takes something back is made from what was done, hence from the same data
  for (const auto& d : begun.undoes) marks |= d.marks;
  auto run = begin_run(compiled_[*digest], *digest, undo_input(begun.undoes), "undo of " + what, cause, "", marks, 0, {}, {}, false);
  if (!run) return run.error();
  begun.run = *run;
  return begun;
}

result<undo_begun> coordinator::undo(const std::string& what, const std::vector<done_effect>& done, time_point now) {
  now_ = std::max(now, state_.now);
  fetch(what);
  if (const auto r = state_.runs.find(what); r != state_.runs.end())
    for (const auto& id : r->second.effects)
      if (const auto e = state_.effects.find(id); e != state_.effects.end() && (e->second.state == effect_state::dispatching || e->second.state == effect_state::in_doubt))
        return error{"effect_under_way", what, fmt::format("nobody knows yet whether {} ({}) happened", id, e->second.said.prepared.action), "a run none of whose effects is under way or in doubt",
                     "Wait for its answer, or answer its card, and say it again"};
  auto held = take_back(what);
  // A run that went on would do again what is taken back, or stand on it.
  const bool stopped = state_.runs.contains(what);
  if (stopped) end_run(what, "stopped", "the operator takes it back", nullptr, 0);
  if (!held.empty() && std::all_of(done.begin(), done.end(), [](const done_effect& d) { return !d.undone_by.empty(); })) {
    undo_begun all;
    all.held = std::move(held);
    all.stopped = stopped;
    return all;
  }
  if (done.empty() && what.starts_with("eff-"))
    return error{"effect_not_done", what, "it did not happen, as far as the journal knows", "an effect that was confirmed, or that is held", "'steward why " + what + "' tells what became of it"};
  std::vector<done_effect> open;
  for (const auto& d : done)
    if (d.undone_by.empty()) open.push_back(d);
  if (open.empty() && !done.empty() && !stopped)
    return error{"already_undone", what, fmt::format("{} has taken it back, or is about to", done.front().undone_by), "what nobody has taken back", "'steward show " + done.front().undone_by + "' tells how far it is"};
  auto begun = begin_undo(what, std::move(open), 0);
  if (!begun) return begun.error();
  begun->held = std::move(held);
  begun->stopped = stopped;
  if (begun->run.empty() && begun->held.empty() && !stopped)
    return error{"nothing_to_undo", what, begun->stands.empty() ? "nothing of it changed anything outside" : listed(begun->stands) + " can't be taken back", "an effect whose action names an undo", "'steward why' names the undo of each effect"};
  for (const auto& d : begun->undoes) emit(event::undo_asked{d.effect, d.role, d.action, begun->run}, "company", "operator", 0, "");
  return begun;
}

/// A workflow with `if_a_step_fails: undo` has failed, or has come to an end that takes everything back: one card says what is taken
/// back, and what stands.
void coordinator::unwind(const std::string& run, const std::string& workflow, const std::string& why, std::vector<done_effect> done, std::int64_t cause) {
  auto begun = begin_undo(run, std::move(done), cause);
  event::card_raised c;
  c.about = "run_failed";
  const auto& closed = state_.closed;
  const auto over = std::find_if(closed.rbegin(), closed.rend(), [&](const auto& one) { return one.run == run; });
  const bool failed = over == closed.rend() || over->status == "failed";
  c.title = failed ? fmt::format("{}: {} failed", workflow, run) : fmt::format("{}: {} ended as {} and is taken back", workflow, run, over->outcome);
  c.text = why + ".";
  if (!begun) c.text += " What it did could not be taken back: " + to_sentence(begun.error());
  else if (!begun->run.empty()) c.text += fmt::format(" {} takes back: {}.", begun->run, listed(begun->undoes));
  if (begun && !begun->stands.empty()) c.text += fmt::format(" This stands, and nothing takes it back: {}.", listed(begun->stands));
  c.subject = run;
  c.actions = {"steward show " + run, "steward answer " + state_.next_id("card") + " seen"};
  raise_card(std::move(c), "", cause);
}

}  // namespace steward
