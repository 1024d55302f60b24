/// Checks what manifests say of the ladder of autonomy, and of new versions on trial.
#include <fmt/format.h>

#include "config/check_parts.hpp"
#include "runtime/execution/limit_definition.hpp"

namespace steward {
namespace {

void check_percent(check_pass& pass, const yaml_place& owner, std::string_view key, const std::optional<std::string>& said) {
  if (!said || parse_percent(*said)) return;
  const auto at = owner.at(key);
  const bool bare = parse_percent(*said + "%").has_value();
  pass.found.push_back({"bad_limit", at.where(), "found " + at.shown(), "a whole percentage from 1% to 100%", bare ? "Write " + *said + "%" : ""});
}

void check_times(check_pass& pass, const yaml_place& owner, std::string_view key, std::int64_t value) {
  if (!owner.has(key) || value >= 1) return;
  pass.found.push_back({"bad_limit", owner.at(key).where(), "found " + owner.at(key).shown(), "how many are too many, at least 1", ""});
}

}  // namespace

void check_ladder(check_pass& pass) {
  const auto& said = pass.space.company.autonomy;
  if (!said) return;
  const auto at = pass.space.sources.at("company")->root().at("autonomy");
  if (said->climb) {
    const auto climb = at.at("climb");
    check_count(climb, "after", said->climb->after, 1, pass.found);
    if (said->climb->after > std::int64_t(evidence_kept))
      pass.found.push_back({"bad_limit", climb.at("after").where(), "found " + climb.at("after").shown(), fmt::format("at most {}: as many decisions are kept for each role and action", evidence_kept), ""});
    check_percent(pass, climb, "at_least", said->climb->at_least);
    check_length(climb, "within", said->climb->within, pass.found);
    check_length(climb, "quiet_for", said->climb->quiet_for, pass.found);
    check_length(climb, "ask_again", said->climb->ask_again, pass.found);
  }
  if (said->fall) {
    check_times(pass, at.at("fall"), "rejections", said->fall->rejections);
    check_times(pass, at.at("fall"), "failures", said->fall->failures);
  }
}

void check_trial(check_pass& pass, const std::string& name, const workflow_definition& workflow) {
  if (!workflow.trial) return;
  const auto& t = *workflow.trial;
  const auto root = pass.space.sources.at("workflows/" + name)->root();
  const auto at = root.at("trial");
  const auto live = pass.space.workflows.find(t.of);
  if (live == pass.space.workflows.end()) {
    std::vector<std::string> names;
    for (const auto& [known, other] : pass.space.workflows)
      if (!other.trial) names.push_back(known);
    refuse_name("unknown_workflow", at.at("of").where(), "workflow", t.of, names, pass.found, "'of' names the workflow in force, whose place the new version is to take");
  } else if (live->second.trial) {
    pass.found.push_back({"bad_trial", at.at("of").where(), "'" + t.of + "' is on trial itself", "the workflow in force", "Write 'of: " + live->second.trial->of + "'"});
  }
  if (root.has("starts_on"))
    pass.found.push_back({"misplaced_key", root.at("starts_on").where_key(), "a workflow on trial starts when '" + t.of + "' does", "no 'starts_on'", "Remove it"});
  check_percent(pass, at, "share", t.share);
  if (t.fall_back) {
    if (t.as == trial_manner::shadow)
      pass.found.push_back({"misplaced_key", at.at("fall_back").where_key(), "what runs in shadow does nothing, so there is nothing to fall back from", "'fall_back' beside 'as: canary'", "Remove it"});
    check_times(pass, at.at("fall_back"), "failures", t.fall_back->failures);
  }
}

}  // namespace steward
