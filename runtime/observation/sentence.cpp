#include "runtime/observation/sentence.hpp"

#include "runtime/rules/policy_definition.hpp"

namespace steward {
namespace {

std::string count(std::size_t n, const char* one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }
std::string with_reason(const std::string& reason) { return reason.empty() ? "" : ": " + reason; }

struct tell {
  std::string operator()(const event::engine_started& e) const { return fmt::format("Steward {} started (epoch {})", e.version, e.epoch); }
  std::string operator()(const event::engine_stopped&) const { return "Steward stopped"; }
  std::string operator()(const event::manifest_adopted& e) const {
    if (e.what == "policies") {
      std::string names;
      if (const auto all = from_json<policies_in_force>(e.body))
        for (const auto& one : all->policies) names += (names.empty() ? "" : ", ") + one.name;
      return names.empty() ? "No rule of the operator's is in force" : "The rules in force are " + names;
    }
    if (e.what == "grant") return fmt::format("The rule {} is given: {}", e.name, text_at(e.body, "because"));
    if (e.what == "revoked") return fmt::format("The rule {} is revoked", e.name);
    return fmt::format("The {} '{}' version {} was adopted", e.what, e.name, e.version);
  }
  std::string operator()(const event::paused& e) const { return fmt::format("The operator paused {}{}", e.name.empty() ? e.scope : e.scope + " " + e.name, with_reason(e.reason)); }
  std::string operator()(const event::resumed& e) const { return "The operator resumed " + (e.name.empty() ? e.scope : e.scope + " " + e.name); }
  std::string operator()(const event::breaker_changed& e) const { return fmt::format("The breaker of {} is {} now{}", e.name, e.state, with_reason(e.sentence)); }
  std::string operator()(const event::child_ended& e) const { return fmt::format("{} ended{}{}", e.path, e.gave_up ? " and was given up" : "", with_reason(e.why.sentence)); }
  std::string operator()(const event::run_started& e) const { return fmt::format("{} of '{}' started ({})", e.run, e.workflow, e.because); }
  std::string operator()(const event::run_finished& e) const { return fmt::format("{} {}: {}", e.run, e.status, e.outcome); }
  std::string operator()(const event::step_started& e) const {
    return fmt::format("Step '{}' began{}{}{}", e.step, e.visit > 1 ? fmt::format(", visit {}", e.visit) : "", e.attempt > 1 ? fmt::format(", attempt {}", e.attempt) : "",
                       e.role.empty() ? "" : " with the role " + e.role);
  }
  std::string operator()(const event::item_finished& e) const { return fmt::format("Item {} of {} is done", e.item + 1, e.instance); }
  std::string operator()(const event::step_finished& e) const {
    return fmt::format("Step '{}' {}{}", e.step, e.how == "done" ? "is done" : "ended: " + e.how, e.evidence.empty() ? "" : fmt::format(", on {}", count(e.evidence.size(), "source")));
  }
  std::string operator()(const event::step_failed& e) const {
    std::string_view why = e.why.sentence;
    const bool more = e.retry_at || e.then == "ask_operator";
    if (more && why.ends_with('.')) why.remove_suffix(1);
    return fmt::format("Step '{}' failed: {}{}", e.step, why, e.retry_at ? "; it is tried again at " + to_text(*e.retry_at) : e.then == "ask_operator" ? "; the operator is asked" : "");
  }
  std::string operator()(const event::step_released& e) const { return fmt::format("The operator let '{}' go on ({})", e.step, e.how); }
  std::string operator()(const event::step_held& e) const { return fmt::format("Stopped before '{}'", e.step); }
  std::string operator()(const event::turn_taken& e) const {
    std::string said;
    for (const auto& i : e.intents) said += (said.empty() ? "" : ", ") + i.kind;
    return fmt::format("{} handled event {} and said {}", e.instance, e.handled, said.empty() ? "nothing" : said);
  }
  std::string operator()(const event::turn_retried& e) const { return fmt::format("{} gets event {} again, attempt {}: {}", e.instance, e.handled, e.attempt, e.why.sentence); }
  std::string operator()(const event::event_parked& e) const { return fmt::format("Event {} was set aside after {}: {}", e.handled, count(std::size_t(e.attempts), "attempt"), e.why.sentence); }
  std::string operator()(const event::agent_upgraded& e) const { return fmt::format("{} goes on with version {} of its agent (was {})", e.instance, e.to, e.from); }
  std::string operator()(const event::memory_recalled& e) const { return fmt::format("{} recalled {}", e.instance, count(e.items.size(), "memory item")); }
  std::string operator()(const event::looked_up& e) const { return fmt::format("{} looked up {}", e.instance, e.action); }
  std::string operator()(const event::model_asked& e) const { return fmt::format("{} asked the model {} ({} reserved)", e.instance, e.model, to_text(e.reserved.cost)); }
  std::string operator()(const event::model_answered& e) const { return fmt::format("{} answered {}, for {}", e.reply.model, e.instance, to_text(e.reply.used.cost)); }
  std::string operator()(const event::model_called& e) const { return fmt::format("The model call {} leaves, as attempt {}", e.call, e.attempt); }
  std::string operator()(const event::model_failed& e) const { return fmt::format("The model call {} failed: {}", e.call, e.why.sentence); }
  std::string operator()(const event::role_answered& e) const { return fmt::format("{} answered {}", e.run, e.instance); }
  std::string operator()(const event::operator_answered& e) const { return fmt::format("The operator answered {}: {}", e.card, e.answer); }
  std::string operator()(const event::woke& e) const { return e.instance + " woke"; }
  std::string operator()(const event::signal_arrived& e) const { return fmt::format("{} through {}", e.name, e.connector); }
  std::string operator()(const event::schedule_fired& e) const { return fmt::format("The schedule of '{}' fired for {}{}", e.workflow, to_text(e.due), e.catch_up ? ", catching up" : ""); }
  std::string operator()(const event::effect_proposed& e) const { return fmt::format("{} was proposed: {} ({})", e.effect, first_line(e.prepared.preview), to_word(e.decided)); }
  std::string operator()(const event::effect_modified& e) const { return fmt::format("The operator changed {}; its digest is {} now", e.effect, e.digest.substr(0, 12)); }
  std::string operator()(const event::effect_dispatched& e) const { return fmt::format("{} leaves, attempt {}{}", e.effect, e.attempt, e.approval ? ", as " + *e.approval + " approved" : ""); }
  std::string operator()(const event::effect_settled& e) const {
    return fmt::format("{} {}{}{}", e.effect, to_word(e.came_out.kind), with_reason(e.came_out.sentence), e.retry_at ? "; again at " + to_text(*e.retry_at) : "");
  }
  std::string operator()(const event::effect_dropped& e) const { return fmt::format("{} will not leave, {}{}", e.effect, e.how, with_reason(e.reason)); }
  std::string operator()(const event::approval_asked& e) const { return fmt::format("The operator is asked: {} for {}", e.approval, count(e.effects.size(), "effect")); }
  std::string operator()(const event::approval_decided& e) const { return fmt::format("{} was {}{}", e.approval, e.decision, with_reason(e.reason)); }
  std::string operator()(const event::card_raised& e) const { return fmt::format("{}: {}", e.card, first_line(e.title)); }
  std::string operator()(const event::card_closed& e) const { return fmt::format("{} closed ({})", e.card, e.how); }
  std::string operator()(const event::effect_held& e) const { return fmt::format("{} is held and leaves at {} unless it is taken back", e.effect, to_text(e.until)); }
  std::string operator()(const event::card_snoozed& e) const {
    return e.by == "attention" ? fmt::format("{} is put off until {}: the day's questions are used up", e.card, to_text(e.until)) : fmt::format("{} is out of sight until {}", e.card, to_text(e.until));
  }
  std::string operator()(const event::entity_recorded& e) const { return fmt::format("{} was recorded{}", e.entity, e.mapped ? ", by the mapping " + *e.mapped : ""); }
  std::string operator()(const event::entity_merged& e) const { return fmt::format("{} was merged into {}{}", e.other, e.entity, with_reason(e.because)); }
  std::string operator()(const event::entity_split& e) const { return fmt::format("{} is a record of its own again, apart from {}{}", e.other, e.entity, with_reason(e.because)); }
  std::string operator()(const event::sla_missed& e) const {
    return fmt::format("The sla of {} was missed: {} after {} ({})", e.of, e.threshold, to_text(e.limit), e.did);
  }
  std::string operator()(const event::card_escalated& e) const { return fmt::format("Nobody answered {}: it goes to the operator by {}", e.card, e.to); }
  std::string operator()(const event::autonomy_changed& e) const {
    return fmt::format("{} stands on '{}' for {} now, not on '{}': {}", e.role.empty() ? "The company" : "The role '" + e.role + "'", to_word(e.to), e.action, to_word(e.from), e.why);
  }
  std::string operator()(const event::undo_asked& e) const { return fmt::format("The operator took {} back, by {}", e.effect, e.run); }
  std::string operator()(const event::shadow_matched& e) const { return fmt::format("{} is what {} would have done{}", e.done, e.effect, e.alike ? ", word for word" : ", in other words"); }
  std::string operator()(const event::shadow_judged& e) const { return fmt::format("The operator said of {}, which was only decided: {}", e.effect, to_word(e.verdict)); }
  std::string operator()(const event::trial_ended& e) const { return fmt::format("'{}' is not tried in the place of '{}' any more{}", e.workflow, e.of, with_reason(e.why)); }
  std::string operator()(const event::memory_added& e) const { return fmt::format("{} was remembered in '{}'", e.item.id, e.item.scope); }
};

}  // namespace

std::string sentence_of(const event::any& e) { return std::visit(tell{}, e); }

bool is_for_people(const event::any& e) {
  return !std::holds_alternative<event::turn_taken>(e) && !std::holds_alternative<event::turn_retried>(e) && !std::holds_alternative<event::memory_recalled>(e) &&
         !std::holds_alternative<event::card_raised>(e) && !std::holds_alternative<event::card_closed>(e) && !std::holds_alternative<event::item_finished>(e) &&
         !std::holds_alternative<event::woke>(e);
}

}  // namespace steward
