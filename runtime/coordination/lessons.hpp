/// What the operator's decisions teach: rejections with their reasons, changes, and what follows where one comes again. Pure.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/event.hpp"
#include "runtime/rules/policy_definition.hpp"

namespace steward {

struct lesson {
  std::string kind;                     // rejected | changed
  std::string approval, effect;
  std::string action, role, workflow;   // role empty: the workflow's own effect
  std::vector<std::string> recipients;
  std::string reason;                   // of a rejection
  std::string field;                    // of a change, and its value before and after; null: it was not there
  json before, after;
  time_point at;
};
BOOST_DESCRIBE_STRUCT(lesson, (), (kind, approval, effect, action, role, workflow, recipients, reason, field, before, after, at))

lesson lesson_of(const event::effect_proposed& rejected, const std::string& approval, const std::string& workflow, const std::string& reason);
/// One for each field of the arguments that differs.
std::vector<lesson> changes_of(const event::effect_proposed& before, const event::effect_modified& after, const std::string& approval, const std::string& workflow);

/// The memory scope of lessons; agents read it where their role's may_know names it, and never write it.
inline constexpr auto operator_scope = "operator";

/// Who did it: "sales_assistant/mailbox.send", "weekly_update/site.publish".
std::string about_of(const lesson& l);
/// The memory of the scope `operator` that it leaves: the same lesson, told again, replaces it.
memory_item memory_of(const lesson& l);

/// A rule, or a preference to remember, that would have spared the operator these decisions.
struct proposed_rule {
  policy_definition rule;
  std::vector<std::string> from;        // the approvals
};
BOOST_DESCRIBE_STRUCT(proposed_rule, (), (rule, from))
struct preference {
  std::string about, text;
  std::vector<std::string> from;
};
BOOST_DESCRIBE_STRUCT(preference, (), (about, text, from))

struct learnt {
  std::vector<lesson> lessons;          // oldest first
  std::vector<proposed_rule> rules;
  std::vector<preference> preferences;
};
BOOST_DESCRIBE_STRUCT(learnt, (), (lessons, rules, preferences))

/// Reads a journal in its order. Only what was decided from `since` on is a lesson.
class lesson_reader {
public:
  explicit lesson_reader(time_point since) : since_(since) {}
  /// `whole`: nothing of it was shortened since; what was teaches nothing any more.
  void take(const event::header& h, const event::any& e, bool whole);
  /// A domain rejected twice gives a rule: `deny` where nothing to it was let through meanwhile, else `ask`. A field changed twice
  /// to the same value gives a preference.
  learnt told() const;

private:
  struct open_run {
    std::string workflow;
    std::map<std::string, event::effect_proposed> effects;           // as they are now
    std::map<std::string, std::vector<std::string>> approvals;       // what each covers
  };
  void on_decision(const event::approval_decided& e, open_run& r, time_point at);

  time_point since_;
  std::map<std::string, open_run> runs_;
  std::vector<lesson> lessons_;
  std::set<std::pair<std::string, std::string>> let_through_;        // action, domain
};

/// The file of a rule, as it stands in policies/.
std::string to_yaml(const policy_definition& rule);

}  // namespace steward
