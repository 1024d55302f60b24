/// Decides again what a run's workflow decided, from what the run knew then: which step comes next, what each of them does.
///
/// Conditions, templates and lists are those of the compiled workflow, with the names that the run had (run_names): what the
/// coordinator works with. It goes on with what really happened, so that one difference does not hide the next.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/coordination/company_state.hpp"
#include "runtime/coordination/fork.hpp"
#include "runtime/execution/workflow.hpp"
#include "runtime/hosting/replay_difference.hpp"

namespace steward {

/// What would be otherwise: where, and the values of then and now.
struct workflow_difference {
  std::int64_t seq = 0;
  std::string step, what, field;  // what: order | when | kind | effect | record | remember | wait | gives | ask | end | input | definition | verdict
  json recorded, now;
  std::string sentence;
};

class workflow_replay {
public:
  using tell = std::function<void(workflow_difference)>;
  /// `then`: the workflow that the run worked by, where the journal holds it. All must outlive this.
  workflow_replay(const told_run& told, std::string run, std::shared_ptr<const workflow> now, std::shared_ptr<const workflow> then, tell differs);

  /// Around the fold of each event.
  void before(const event::header& h, const event::any& e, const company_state& state);
  void after(const event::header& h, const event::any& e, const company_state& state);

  std::int64_t decisions() const { return decisions_; }
  /// Why nothing can be decided again from some event on; empty: everything was.
  const std::string& ended() const { return ended_; }
  /// The steps that the run came to, by the event at which it did.
  const std::map<std::string, std::int64_t>& passed() const { return passed_; }

private:
  struct way {
    const compiled_step* next = nullptr;
    std::string ends_as, from;  // the outcome, where nothing comes next; the step it comes from
    bool known = false;
  };
  way after_step(const std::string& step, bool failed, const std::string& how) const;
  void came_to(const event::header& h, const std::string& step, std::int64_t visit, std::string_view how, const company_state& state);
  void began(const event::header& h, const event::step_started& e, const company_state& state);
  void began_effects(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r);
  void began_records(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r);
  void began_memories(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r);
  void began_wait(const event::header& h, const event::step_started& e, const compiled_step& s, const run& r);
  void asked(const event::header& h, const event::approval_asked& e, const company_state& state);
  void finished(const event::header& h, const event::run_finished& e, const company_state& state);
  template <class Event>
  std::vector<const Event*> caused(std::int64_t seq) const;
  bool failed_then(const event::step_started& e, std::int64_t seq) const;
  void differ(const event::header& h, const std::string& step, std::string what, const std::optional<changed_part>& part, const std::string& sentence);
  void compare(const event::header& h, const std::string& step, std::string what, const json& then, const json& now, const std::string& path, const std::string& about = {});

  const told_run& told_;
  const std::string run_;
  const std::shared_ptr<const workflow> now_, then_;
  const tell differs_;
  std::map<std::int64_t, std::vector<const event::any*>> caused_;
  std::map<std::int64_t, std::int64_t> cut_;  // event -> one that it caused and of which less is on record than was said
  std::map<std::string, std::int64_t> passed_;
  std::set<std::string> gone_;  // steps of which it was said that they are not there any more
  way way_;
  std::string ended_;
  std::int64_t decisions_ = 0;
};

}  // namespace steward
