/// Judges everything that was really proposed once more, by other rules: what would have been asked about, denied, let through? Pure.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/coordination/company_state.hpp"
#include "runtime/rules/rule.hpp"

namespace steward {

struct policy_replay_order {
  std::string zone;                                // of the company
  std::optional<time_point> since;                 // only what was proposed from then on
  std::map<std::string, action_manifest> actions;  // by name
};

/// The rules see each effect as it was: its arguments and recipients, the entities, labels and counts of that moment, when it was
/// proposed and again when it left. What is not the operator's rules (rung, step, the engine's own) counts as it did then.
class policy_replay {
public:
  /// Both must outlive it.
  policy_replay(const rule_book& rules, const policy_replay_order& order);

  /// Every event of the journal in its order; `whole`: nothing of it was shortened since.
  result<void> take(const event::header& h, const event::any& e, bool whole);

  /// {"judged": 12, "unknown": 0, "same": 10, "would_be": {"allow": 0, "ask": 1, "shadow": 0, "deny": 1},
  ///  "effects": [{"effect", "seq", "time", "run", "workflow", "role", "action", "preview", "recipients", "was", "would_be", "at_the_door",
  ///               "became": "confirmed | refused | failed | in_doubt | open | denied | rejected | …", "rules": [ruling], "rules_then": [ruling]}]}
  /// Only those that would have gone otherwise are listed; `unknown` ones were shortened by 'steward journal compact'.
  json told() const;

private:
  /// What happened to one effect, and what the other rules say.
  struct judged_effect {
    event::effect_proposed said;
    std::int64_t seq = 0;
    time_point at;
    std::string workflow, became = "open";
    bool only_suggest = false, approved = false;
    std::vector<ruling> without;     // what was said then, save by the operator's rules: the rung first
    std::vector<ruling> rules_then;  // what the operator's rules said then
    std::vector<ruling> rules;       // what the other rules say
    std::optional<verdict> at_the_door;
  };
  /// What left before, counted as these rules count it.
  class left_before final : public count_source {
  public:
    void add(const std::string& key, time_point at) { times_[key].push_back(at); }
    std::int64_t left_since(std::string_view key, time_point since) const override;

  private:
    std::map<std::string, std::vector<time_point>, std::less<>> times_;
  };

  template <class Use>
  void with_case(const event::effect_proposed& e, time_point at, const Use& use) const;
  void on(const event::header& h, const event::effect_proposed& e, bool whole);
  void on(const event::header& h, const event::effect_dispatched& e);
  void on(const event::approval_asked& e);
  void on(const event::approval_decided& e);
  void became(const std::string& effect, std::string how);
  judged_effect* find(const std::string& effect);
  const std::set<std::string>& written_rules();

  const rule_book& rules_;
  const policy_replay_order& order_;
  const std::string salt_;
  company_state state_;
  left_before left_;
  std::vector<judged_effect> judged_;
  std::map<std::string, std::size_t> place_;
  std::map<std::string, std::vector<std::string>> covers_;  // what open approvals are about
  std::set<std::string> written_;                           // names of the operator's rules at the event that is looked at
  std::string written_under_;                               // for these in force
  std::int64_t unknown_ = 0;
};

}  // namespace steward
