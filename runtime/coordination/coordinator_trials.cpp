/// New versions of a workflow beside the one in force: in shadow, where they only decide, or as a canary in the place of some live runs.
#include "runtime/coordination/coordinator.hpp"
#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr std::int64_t canary_share = 10;  // percent, where the manifest says nothing

std::int64_t share_of(const trial_definition& trial) {
  const auto said = trial.share ? parse_percent(*trial.share) : std::nullopt;
  return said ? *said : trial.as == trial_manner::canary ? canary_share : 100;
}

/// Whether this run is of the share: by its own name, so that a replay and a restart choose alike.
bool is_chosen(const std::string& salt, const std::string& trial, const std::string& run, std::int64_t percent) {
  const auto d = digest_of({salt, trial, run});
  const auto number = (std::uint32_t(d[0]) << 24) | (std::uint32_t(d[1]) << 16) | (std::uint32_t(d[2]) << 8) | std::uint32_t(d[3]);
  return std::int64_t(number % 100) < percent;
}

}  // namespace

bool coordinator::shadowed(const std::string& run) const {
  auto r = state_.runs.find(run);
  for (int depth = 0; r != state_.runs.end() && depth < 64; ++depth) {
    if (r->second.said.trial && r->second.said.trial->as == "shadow") return true;
    if (!r->second.said.parent) return false;
    r = state_.runs.find(company_state::run_of(*r->second.said.parent));
  }
  return false;
}

/// The version that this run is to be of instead of the one in force; nullptr: none.
const workflow_definition* coordinator::canary_for(const std::string& workflow, const std::string& run) const {
  for (const auto& [name, w] : parts_.manifests.workflows) {
    if (!w.trial || w.trial->of != workflow || w.trial->as != trial_manner::canary) continue;
    const auto known = state_.trials.find(name);
    if (known != state_.trials.end() && !known->second.ended.empty() && known->second.digest == digest_of_definition(w)) continue;
    if (is_chosen(parts_.salt, name, run, share_of(*w.trial))) return &w;
  }
  return nullptr;
}

/// What can't be begun (its input doesn't fit, the company is full) is not: a trial never stands in the way of what is live.
void coordinator::begin_shadows(std::string run, const std::string& workflow, const json& input, labels marks, std::int64_t cause) {
  for (const auto& [name, w] : parts_.manifests.workflows) {
    if (!w.trial || w.trial->of != workflow || w.trial->as != trial_manner::shadow || !is_chosen(parts_.salt, name, run, share_of(*w.trial))) continue;
    const auto current = state_.current.find(name);
    if (current == state_.current.end()) continue;
    const auto digest = current->second;
    (void)begin_run(workflow_of(digest, name), digest, input, "shadow of " + run, cause, "", marks, 0, {}, {}, false, {}, event::trial_run{"shadow", run});
  }
}

void coordinator::tell_shadows(std::string run, const step& of, const std::string& how, const json& result, std::int64_t cause) {
  if (how != "arrived" && how != "answered") return;
  std::vector<std::string> told;
  for (const auto& [id, r] : state_.runs)
    if (r.said.trial && r.said.trial->as == "shadow" && r.said.trial->of == run && r.here && r.here->waits && r.here->state == step_state::working &&
        text_at(r.here->input, "for") == text_at(of.input, "for") && text_at(r.here->input, "person").empty() == text_at(of.input, "person").empty())
      told.push_back(id);
  for (const auto& id : told) finish_step(id, how, result, {}, cause);
}

void coordinator::weigh_trials(std::int64_t cause) {
  for (const auto& name : std::exchange(state_.tried_anew, {})) {
    const auto w = parts_.manifests.workflows.find(name);
    const auto t = state_.trials.find(name);
    if (w == parts_.manifests.workflows.end() || !w->second.trial || t == state_.trials.end() || !t->second.ended.empty()) continue;
    const auto most = w->second.trial->fall_back.value_or(fall_back_definition{}).failures;
    if (t->second.failures < most) continue;
    const auto why = fmt::format("{} of its {} runs failed, got stuck or were rejected", t->second.failures, t->second.runs);
    const auto of = w->second.trial->of;
    const auto seq = emit(event::trial_ended{name, t->second.digest, of, why}, "company", "coordinator", cause, "");
    event::card_raised c;
    c.about = "trial_ended";
    c.title = fmt::format("'{}' is not tried any more: '{}' does all of it again", name, of);
    c.text = why + ". What it has begun goes on. Once its manifest is edited it is tried anew.";
    c.subject = "trial/" + name;
    c.actions = {"steward shadow report " + name, "steward answer " + state_.next_id("card") + " seen"};
    raise_card(std::move(c), "", seq);
  }
}

}  // namespace steward
